import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config/schema.ts';

/**
 * Logs to standard error: for people on a terminal, else a JSON object a line. What is logged are ids and reasons, never
 * tokens, names or what people write.
 */
export function createLogger(level: Config['logLevel']): Logger {
  if (process.stderr.isTTY) {
    return pino({ level }, pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
  }
  return pino({ level }, pino.destination(2));
}
