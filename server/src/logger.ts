import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config/schema.ts';

/** Nothing of this is ever logged on purpose; should a mistake bring it near the log, it does not get in. */
const REDACTED = [
  ...['token', 'resumeToken', 'pass', 'password', 'passwordHash', 'secret', 'hostKey', 'credential', 'cookie'],
  ...['authorization', 'auth', 'resume'],
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * Logs to standard error: for people on a terminal, else a JSON object a line. What is logged are ids and reasons, never
 * tokens, names or what people write.
 */
export function createLogger(level: Config['logLevel'], destination?: DestinationStream): Logger {
  const forPeople = destination === undefined && process.stderr.isTTY;
  const style = { destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' };
  return pino({ level, redact: REDACTED }, destination ?? (forPeople ? pretty(style) : pino.destination(2)));
}
