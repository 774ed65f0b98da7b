import type { Logger } from '@amphi/rooms';
import type { Config } from '../config/schema.ts';
import type { FlvPublishing } from '../ingest/flv-publisher.ts';
import type { Tls } from '../tls.ts';
import { takeRtmp } from './ingest.ts';
import { listenRtmp, type RtmpListener } from './listener.ts';

export type RtmpOptions = {
  config: Pick<Config, 'host' | 'rtmp'>;
  /** Of the web server. */
  tls: Tls | undefined;
  publishing: FlvPublishing;
  logger: Logger;
};

/** What takes programs that publish by RTMP. */
export interface RtmpIngest {
  /** Where it listens now; null where it does not. */
  readonly ports: { port: number | null; tlsPort: number | null };
  close(): void;
}

/** Listens as the settings say. */
export async function createRtmp(options: RtmpOptions): Promise<RtmpIngest> {
  const { config, tls, publishing, logger } = options;
  const listen = (port: number, encrypted: boolean): Promise<RtmpListener | undefined> => {
    if (port === 0) return Promise.resolve(undefined);
    if (encrypted && !tls) {
      logger.warn(
        { port },
        'programs cannot publish by RTMPS: the server has no certificate. Set tls.cert and tls.key',
      );
      return Promise.resolve(undefined);
    }
    const take = takeRtmp.bind(undefined, publishing);
    return listenRtmp({ host: config.rtmp.host ?? config.host, port, tls: encrypted ? tls : undefined, take, logger });
  };
  const [plain, encrypted] = [await listen(config.rtmp.port, false), await listen(config.rtmp.tlsPort, true)];
  return {
    ports: { port: plain?.port ?? null, tlsPort: encrypted?.port ?? null },
    close() {
      plain?.close();
      encrypted?.close();
    },
  };
}
