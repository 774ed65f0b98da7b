import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { trustedHop } from './addresses.ts';

export type SiteOptions = {
  publicUrl?: string | undefined;
  allowedOrigins: readonly string[];
  trustProxy: number;
};

/** What the outside calls this server, and which web sites may talk to it. */
export interface Site {
  /** The host that the request was sent to, as `host` or `host:port`; undefined when it is malformed. */
  host(request: IncomingMessage): string | undefined;
  /** Whether the browser speaks TLS, with us or with the proxy in front. */
  isTls(request: IncomingMessage): boolean;
  /** The origin for links that are given out. */
  origin(request: IncomingMessage): string;
  /**
   * Whether the page that sends this may: one of ours, or of an allowed origin. Programs that are no browsers send no
   * Origin, and are not what the check is about.
   */
  allows(request: IncomingMessage): boolean;
  /** As {@link allows}, but for our own pages only. */
  isOwn(request: IncomingMessage): boolean;
}

export function createSite(options: SiteOptions): Site {
  const allowed = new Set([...options.allowedOrigins, ...(options.publicUrl ? [options.publicUrl] : [])]);

  function forwarded(request: IncomingMessage, name: 'host' | 'proto'): string | undefined {
    if (options.trustProxy === 0) return undefined;
    return trustedHop(request.headers[`x-forwarded-${name}`], options.trustProxy);
  }

  function host(request: IncomingMessage): string | undefined {
    const value = forwarded(request, 'host') ?? request.headers.host;
    return value !== undefined && /^(\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(value)
      ? value.toLowerCase()
      : undefined;
  }

  const isTls = (request: IncomingMessage) =>
    (request.socket as TLSSocket).encrypted === true || forwarded(request, 'proto') === 'https';

  function isOwn(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined || origin === options.publicUrl) return true;
    return URL.canParse(origin) && new URL(origin).host === host(request);
  }

  return {
    host,
    isTls,

    origin(request) {
      if (options.publicUrl) return options.publicUrl;
      return `${isTls(request) ? 'https' : 'http'}://${host(request) ?? 'localhost'}`;
    },

    allows: (request) => allowed.has(request.headers.origin ?? '') || isOwn(request),
    isOwn,
  };
}
