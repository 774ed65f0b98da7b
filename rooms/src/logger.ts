type Log = (details: object, message: string) => void;

/** The part of pino's logger that is used. */
export type Logger = { debug: Log; info: Log; warn: Log; error: Log };
