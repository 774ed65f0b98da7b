import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type HttpAnswer = { status: number; body: string };

/** Run by a second Node in the namespace; the request comes in argv and the answer goes to stdout. */
const PROBE = `
  const [url, init] = process.argv.slice(1);
  const response = await fetch(url, JSON.parse(init));
  console.log(JSON.stringify({ status: response.status, body: await response.text() }));
`;

/** An HTTP request; with a namespace it is made from there, where the origin's certificate is taken as it is. */
export async function request(
  method: string,
  url: string,
  options: { json?: unknown; namespace?: string | undefined } = {},
): Promise<HttpAnswer> {
  const init: RequestInit =
    options.json === undefined
      ? { method }
      : { method, body: JSON.stringify(options.json), headers: { 'content-type': 'application/json' } };
  if (options.namespace === undefined) {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5000) });
    return { status: response.status, body: await response.text() };
  }
  const { stdout } = await promisify(execFile)(
    'ip',
    [
      'netns',
      'exec',
      options.namespace,
      process.execPath,
      '--input-type=module',
      '-e',
      PROBE,
      url,
      JSON.stringify(init),
    ],
    { env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }, timeout: 10_000 },
  );
  return JSON.parse(stdout) as HttpAnswer;
}
