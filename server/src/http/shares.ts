import type { IncomingMessage } from 'node:http';
import type { Library, LibraryEntry } from '@amphi/egress';
import { AmphiError } from '@amphi/protocol';
import { type SharedRecording, shareOpening } from '@amphi/protocol/api';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { noSuchShare, type Shares } from '../recordings/shares.ts';
import { readJson } from './json.ts';
import { createLimit } from './limits.ts';

export type SharesOptions = {
  library: Library;
  shares: Shares;
  limits: { requestsPerMinute: number };
  addressOf(request: IncomingMessage): string;
};

type Env = { Bindings: HttpBindings };

const MAX_BODY = 1024;

/** What the page of a shared recording asks: below `/api/shares`. The link's secret comes in the body, so that no log has it. */
export function createShareApi({ library, shares, limits, addressOf }: SharesOptions): Hono<Env> {
  const anyRequest = createLimit(limits.requestsPerMinute, 60);
  const api = new Hono<Env>();

  api.post('/:id', bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }), async (c) => {
    c.header('Cache-Control', 'no-store');
    const address = addressOf(c.env.incoming);
    await anyRequest(address);
    const parsed = shareOpening.safeParse(await readJson(c));
    if (!parsed.success) throw new AmphiError('bad-request', 'expected what the link holds', { path: 'secret' });
    const { id, recordingId, tracks } = await shares.open(c.req.param('id'), parsed.data, address);
    const entry = await library.shared(recordingId, id).catch(() => {
      throw noSuchShare();
    });
    return c.json<SharedRecording>(shown(entry, tracks));

    function shown(recording: LibraryEntry, withTracks: boolean): SharedRecording {
      const { startedAt, durationMs, people, chapters, poster, strip, films, jobs } = recording;
      const film = films.find(({ label }) => label !== 'audio') ?? films[0];
      const linked = <T extends { file: string }>(file: T) => ({
        ...file,
        path: library.sharedLink(recordingId, file.file, id).path,
      });
      return {
        ...{ startedAt, durationMs, people, chapters, poster, strip },
        film: film ? linked(film) : null,
        progress: jobs.find(({ state }) => state !== 'failed')?.progress ?? null,
        tracks: withTracks ? recording.tracks.map(linked) : [],
      };
    }
  });

  return api;
}

function tooLarge(): never {
  throw new AmphiError('too-large', `the body may have at most ${MAX_BODY} bytes`);
}
