import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Site } from '../net/site.ts';

/** Browser features that the pages use; every other one is off. */
const PERMISSIONS_POLICY = [
  ...['camera', 'microphone', 'display-capture', 'speaker-selection', 'autoplay', 'fullscreen', 'picture-in-picture'],
  ...['screen-wake-lock', 'clipboard-write'],
]
  .map((feature) => `${feature}=(self)`)
  .concat(['geolocation', 'payment', 'usb', 'serial', 'hid', 'midi'].map((feature) => `${feature}=()`))
  .join(', ');

/** A year, as the preload lists ask for at least. */
const STRICT_TRANSPORT = 'max-age=31536000';

export type HeaderOptions = {
  site: Site;
  /** Origins of the web sites that may show the pages in a frame. */
  embedOrigins: readonly string[];
  /**
   * Whether browsers shall use TLS only from now on, for a request that came over TLS; not for a self-signed certificate,
   * which may go again.
   */
  strictTransport(request: IncomingMessage): boolean;
};

/** What is on every answer to this request, whoever makes the answer. */
export type SecurityHeaders = (request: IncomingMessage) => Record<string, string>;

export function createSecurityHeaders(options: HeaderOptions): SecurityHeaders {
  const { site, embedOrigins } = options;
  return (request) => ({
    'Content-Security-Policy': contentSecurityPolicy(site.host(request), embedOrigins),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // It cannot name origins; browsers that know frame-ancestors pass over it.
    ...(embedOrigins.length === 0 ? { 'X-Frame-Options': 'DENY' } : {}),
    'Permissions-Policy': PERMISSIONS_POLICY,
    ...(options.strictTransport(request) ? { 'Strict-Transport-Security': STRICT_TRANSPORT } : {}),
  });
}

/**
 * Puts the headers on all that this server answers, before anything else sees the request: pages, the API, what Socket.IO
 * refuses by itself. To be called when everything else that listens for requests is there. Upgrades have no answer object;
 * Socket.IO asks for their headers.
 */
export function secureAnswers(server: HttpServer, headersFor: SecurityHeaders): void {
  server.prependListener('request', (request, response) => {
    for (const [name, value] of Object.entries(headersFor(request))) response.setHeader(name, value);
  });
}

/**
 * The Content-Security-Policy: everything from here and nothing inline. The socket's addresses are named because Safari
 * did not count them as 'self' before 15.4.
 */
export function contentSecurityPolicy(host: string | undefined, embedOrigins: readonly string[] = []): string {
  const sockets = host === undefined ? '' : ` ws://${host} wss://${host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${sockets}`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${embedOrigins.length === 0 ? "'none'" : ["'self'", ...embedOrigins].join(' ')}`,
  ].join('; ');
}
