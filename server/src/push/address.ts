import { PushProblem } from '@amphi/egress';
import { hostOf } from '../net/outbound.ts';

/** An address of an RTMP server, taken apart. */
export type PushAddress = {
  isTls: boolean;
  host: string;
  port: number;
  /** The application that the server is asked for: the path and what is behind it. */
  app: string;
  /** The address as the server is told it. */
  tcUrl: string;
};

/** `rtmp://` in clear, `rtmps://` over TLS from the first byte. */
const SHAPE = /^(rtmps?):\/\/([^/?#\s]+)\/([\w.~!$&'()*+,;=:@%/?-]*)$/i;
const PORTS = { rtmp: 1935, rtmps: 443 };

/** Reads what somebody gave as the address of a server. @throws PushProblem `address` */
export function readPushAddress(text: string): PushAddress {
  const [, name = '', authority = '', path = ''] = SHAPE.exec(text.trim()) ?? [];
  const scheme = name.toLowerCase();
  const app = path.replaceAll(/^\/+|\/+$/g, '');
  // Read as an address of the web, whose hosts have one way to be written.
  const like = `http://${authority}/`;
  if ((scheme !== 'rtmp' && scheme !== 'rtmps') || app === '' || !URL.canParse(like)) throw new PushProblem('address');
  const url = new URL(like);
  if (url.username !== '' || url.password !== '' || url.hostname === '') throw new PushProblem('address');
  const given = /:(\d+)$/.exec(authority)?.[1];
  const port = given === undefined ? PORTS[scheme] : Number(given);
  if (port < 1) throw new PushProblem('address');
  const shown = given === undefined ? '' : `:${port}`;
  return {
    isTls: scheme === 'rtmps',
    host: hostOf(url),
    port,
    app,
    tcUrl: `${scheme}://${url.hostname}${shown}/${app}`,
  };
}
