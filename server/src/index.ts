export { type Config, type ConfigInput, configSchema } from './config/schema.ts';
export { ConfigError, FatalError } from './fatal.ts';
export { type AmphiServer, startServer } from './server.ts';
