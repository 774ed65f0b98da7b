import { z } from 'zod';
import { roomPassword } from '../access.ts';
import { id } from '../model.ts';
import { endpoint } from './define.ts';
import { next, page, time } from './paging.ts';
import { roomParams } from './rooms.ts';

const recordingParams = roomParams.extend({ recording: z.uuid() });
const shareParams = recordingParams.extend({ share: id });

const file = z.object({
  file: z.string(),
  label: z.string(),
  bytes: z.number().int(),
  durationMs: z.number(),
});

const film = z.strictObject({
  layout: z
    .enum(['grid', 'speaker', 'screen', 'audio'])
    .describe('`screen`: a shared screen with who speaks; `audio`: no picture.'),
  height: z.union([z.literal(720), z.literal(1080)]).default(720),
});

const chapter = z.object({
  atMs: z.number(),
  kind: z.enum(['start', 'join', 'share']),
  name: z.string().describe('Who joins or shares the screen; empty at the start.'),
});

const pictures = {
  poster: z.string().nullable().describe('Path of a picture at this server, good for some minutes; null without one.'),
  strip: z
    .object({
      path: z.string(),
      intervalMs: z.number().int(),
      columns: z.number().int(),
      count: z.number().int(),
      width: z.number().int(),
      height: z.number().int(),
    })
    .nullable()
    .describe('Small pictures in one file, one each `intervalMs`, from left to right and top to bottom.'),
};

export const apiRecording = z
  .object({
    id: z.string(),
    state: z.enum(['recording', 'complete', 'interrupted']),
    reason: z.string().optional().describe('Why it was interrupted: `disk-full`, `disk-failed`, `server-stopped`.'),
    startedAt: time,
    durationMs: z.number(),
    startedBy: z.string(),
    people: z.array(z.string()).describe('Who was recorded.'),
    bytes: z.number().int(),
    deletedAt: time.nullable().describe('When it is deleted by itself; null while it is under way.'),
    films: z.array(file),
    jobs: z
      .array(film.extend({ state: z.enum(['waiting', 'storage', 'running', 'failed']), progress: z.number() }))
      .describe(
        'Films that are not done, `storage` as long as the storage does not give what one is made of; `progress` from 0 to 1.',
      ),
    tracks: z.array(file).describe('What each sent, as it was sent.'),
    storage: z
      .enum(['disk', 'moving', 'waiting', 'stored'])
      .describe(
        "Where it is kept: on the server's disk, on its way to the storage, waiting on the disk for a storage that does not take it now, or in the storage.",
      ),
    chapters: z.array(chapter),
    ...pictures,
  })
  .meta({ id: 'Recording' });
export type ApiRecording = z.output<typeof apiRecording>;

export const apiShare = z
  .object({
    id: z.string(),
    createdAt: time,
    createdBy: z.string().describe('The name of whoever made it.'),
    expiresAt: time,
    password: z.boolean().describe('Whether it asks for one.'),
    tracks: z.boolean().describe('Whether what each sent can be had, too.'),
    openedAt: time.nullable().describe('When somebody last came by it. Milliseconds since the epoch.'),
  })
  .meta({ id: 'Share' });
export type ApiShare = z.output<typeof apiShare>;

/** What whoever follows a share's link sends. */
export const shareOpening = z.strictObject({
  secret: z.string().min(1).max(100),
  password: z.string().max(128).optional(),
});

/** What is shown to whoever follows a share's link: nothing of the room. */
export const sharedRecording = apiRecording
  .pick({
    startedAt: true,
    durationMs: true,
    people: true,
    chapters: true,
    poster: true,
    strip: true,
  })
  .extend({
    /** Null until it is made; `progress` says how far it is, from 0 to 1. */
    film: file.extend({ path: z.string() }).nullable(),
    progress: z.number().nullable(),
    tracks: z.array(file.extend({ path: z.string() })),
  });
export type SharedRecording = z.output<typeof sharedRecording>;

export const recordingEndpoints = {
  'recordings.list': endpoint({
    verb: 'get',
    path: '/rooms/{room}/recordings',
    scope: 'recordings',
    params: roomParams,
    query: z.strictObject(page),
    output: z.object({ recordings: z.array(apiRecording), next }),
    errors: ['room-not-found'],
    about: 'What was recorded of the room, the latest first.',
  }),
  'recordings.get': endpoint({
    verb: 'get',
    path: '/rooms/{room}/recordings/{recording}',
    scope: 'recordings',
    params: recordingParams,
    output: apiRecording,
    errors: ['room-not-found', 'not-found'],
    about: 'One recording.',
  }),
  'recordings.delete': endpoint({
    verb: 'delete',
    path: '/rooms/{room}/recordings/{recording}',
    scope: 'recordings',
    params: recordingParams,
    errors: ['room-not-found', 'not-found', 'wrong-state'],
    about: 'Deletes a recording with all its files and shares.',
  }),
  'recordings.film': endpoint({
    verb: 'post',
    path: '/rooms/{room}/recordings/{recording}/films',
    scope: 'recordings',
    params: recordingParams,
    body: film,
    errors: ['room-not-found', 'not-found', 'wrong-state'],
    about: 'Has a film made. It waits for its turn; the recording says how far it is.',
  }),
  'recordings.link': endpoint({
    verb: 'post',
    path: '/rooms/{room}/recordings/{recording}/links',
    scope: 'recordings',
    params: recordingParams,
    body: z.strictObject({ file: z.string().min(1).max(100).describe('One of its films or tracks.') }),
    output: z.object({ url: z.string(), expiresAt: time }),
    status: 201,
    errors: ['room-not-found', 'not-found'],
    about: 'An address of a file, good for some minutes, in ranges too; with `&download` to keep it.',
  }),
  'shares.create': endpoint({
    verb: 'post',
    path: '/rooms/{room}/recordings/{recording}/shares',
    scope: 'recordings',
    params: recordingParams,
    body: z.strictObject({
      days: z.number().int().min(1).max(365).default(7).describe('How long it is good.'),
      password: roomPassword.optional().describe('Has to be given to see it.'),
      tracks: z.boolean().default(false).describe('Whether what each sent can be had, too.'),
    }),
    output: apiShare.extend({ url: z.string().describe('The link. Told here and never again.') }),
    status: 201,
    errors: ['room-not-found', 'not-found', 'wrong-state'],
    about: 'Makes a link by which anybody can see the film of a recording, without an account.',
  }),
  'shares.list': endpoint({
    verb: 'get',
    path: '/rooms/{room}/recordings/{recording}/shares',
    scope: 'recordings',
    params: recordingParams,
    output: z.object({ shares: z.array(apiShare) }),
    errors: ['room-not-found', 'not-found'],
    about: 'The shares of a recording that are good now, the latest first.',
  }),
  'shares.revoke': endpoint({
    verb: 'delete',
    path: '/rooms/{room}/recordings/{recording}/shares/{share}',
    scope: 'recordings',
    params: shareParams,
    errors: ['room-not-found', 'not-found'],
    about: 'Ends a share at once.',
  }),
};
