// Ends with 0 when the server of this container answers that it is well. A server that drains is not: nobody new should
// be sent to it.
const port = process.env['AMPHI_PORT'] ?? '3000';
const host = process.env['AMPHI_HOST'] ?? '127.0.0.1';
const isWildcard = host === '0.0.0.0' || host === '::';
const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
const shown = isWildcard ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
// As the server does: TLS by itself, but on loopback or behind a proxy.
const isPlain = (isLoopback || Number(process.env['AMPHI_TRUST_PROXY'] ?? 0) > 0) && !process.env['AMPHI_TLS_CERT'];
// The certificate is for the public name, and this is no stranger.
if (!isPlain) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';

try {
  const { ok } = await fetch(`${isPlain ? 'http' : 'https'}://${shown}:${port}/healthz`, {
    signal: AbortSignal.timeout(2500),
  });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
