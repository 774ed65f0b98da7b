import type { Duplex } from 'node:stream';
import { IngestRefused, PublishRefused, RtmpConnection } from '@amphi/egress';
import { AmphiError, type ErrorCode } from '@amphi/protocol';
import { FlvPublisher, type FlvPublishing } from '../ingest/flv-publisher.ts';

/** What the path of the address is: `rtmp://host/live`. */
export const RTMP_APP = 'live';

/** What each refusal of ours is in the words of RTMP. */
const CODES: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'NetStream.Publish.BadName',
  forbidden: 'NetStream.Publish.Denied',
  'rate-limited': 'NetStream.Publish.Denied',
};

/** Takes one connection of a program that publishes by RTMP, from `address`; answers how to close it. */
export function takeRtmp(options: FlvPublishing, socket: Duplex, address: string): { close(): void } {
  const { clock, logger } = options;
  const publisher: FlvPublisher = new FlvPublisher({
    ...{ ...options, protocol: 'rtmp', address },
    onRefused: (error) => connection.refuse(refusalOf(error)),
  });
  const connection: RtmpConnection = new RtmpConnection({
    ...{ socket, clock },
    async onPublish({ app, key }) {
      if (app !== RTMP_APP) {
        throw new PublishRefused('NetConnection.Connect.InvalidApp', `The address has to end with /${RTMP_APP}.`);
      }
      // Some programs add parameters.
      const secret = key.split('?', 1)[0];
      await publisher
        .admit(() => options.publishers.keyOf(secret))
        .catch((error: unknown) => {
          throw error instanceof AmphiError || error instanceof IngestRefused ? refusalOf(error) : error;
        });
      return publisher;
    },
    onEnd(end, error) {
      logger.info({ ...publisher.about, end, reason: error?.message }, 'an RTMP connection ended');
      publisher.ended(end === 'stopped');
    },
  });
  return { close: () => connection.close() };
}

function refusalOf(error: Error): PublishRefused {
  if (error instanceof IngestRefused) return new PublishRefused('NetStream.Publish.Rejected', error.message);
  if (error instanceof AmphiError) {
    return new PublishRefused(CODES[error.code] ?? 'NetStream.Publish.Rejected', error.message);
  }
  return new PublishRefused('NetStream.Publish.Failed', 'The server failed at this.');
}
