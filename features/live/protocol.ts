import { event, id, method } from '@amphi/protocol';
import { z } from 'zod';

const empty = z.object({});
const title = z.string().trim().max(120);
const description = z.string().trim().max(2000);

/** What the audience can throw in. */
export const REACTIONS = ['👏', '❤️', '😂', '🎉', '👍', '😮'] as const;
const reaction = z.enum(REACTIONS);
export type Reaction = (typeof REACTIONS)[number];

/** Where the room's event stands; `off`: there is none, and nobody comes by the watch link. */
export const liveState = z.enum(['off', 'backstage', 'live', 'ended']);
export type LiveState = z.infer<typeof liveState>;

/**
 * How what is on stage becomes one picture, the same for all who watch. `solo`: whoever is first; `speaker`: whoever
 * speaks, large; `grid`: all alike; `beside`: a shared screen, or else the speaker, with the others beside it.
 */
export const STAGE_LAYOUTS = ['speaker', 'grid', 'beside', 'solo'] as const;
export type StageLayout = (typeof STAGE_LAYOUTS)[number];

export const liveEvent = z.object({
  state: liveState,
  title: z.string(),
  description: z.string(),
  /** The path of a picture; null where there is none. */
  cover: z.string().nullable(),
  /** How the audience sees the stage. */
  layout: z.enum(STAGE_LAYOUTS),
  /** Milliseconds since the epoch, by the server's clock; null before it was live. */
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
});
export type LiveEvent = z.infer<typeof liveEvent>;

/** Where the event is to be had as HLS: as it happens, or all of it once it is over. */
export const hlsStream = z.object({ path: z.string(), kind: z.enum(['live', 'replay']) });
export type HlsStream = z.infer<typeof hlsStream>;

/** How many watch, and watched at most since it went live. */
export const audience = z.object({ viewers: z.number().int(), peak: z.number().int() });
export type Audience = z.infer<typeof audience>;

/** A viewer who wants to say something, or was asked on stage. */
export const hand = z.object({
  memberId: id,
  name: z.string(),
  /** `raised`: wants to. `invited`: was asked and has not answered. `on-stage`: is there now. */
  state: z.enum(['raised', 'invited', 'on-stage']),
  since: z.number(),
});
export type Hand = z.infer<typeof hand>;

export const streamKey = z.object({
  id,
  name: z.string(),
  createdAt: z.number(),
  usedAt: z.number().nullable(),
});
export type StreamKey = z.infer<typeof streamKey>;

/** The ports of this server on which programs may publish beside WHIP; null where they may not. */
export const ingestPorts = z.object({
  /** TCP, without and with TLS. */
  rtmp: z.object({ port: z.number().nullable(), tlsPort: z.number().nullable() }),
  /** UDP. */
  srt: z.object({ port: z.number().nullable() }),
});
export type IngestPorts = z.infer<typeof ingestPorts>;

const keyName = z.string().trim().min(1).max(64);
const rare = { burst: 5, perSecond: 0.5 };

export const liveMethods = {
  'live.get': method({
    input: empty,
    output: z.object({
      event: liveEvent,
      hls: hlsStream.nullable(),
      /** The server's clock, in milliseconds since the epoch: what a stream says of its times is by that one. */
      now: z.number(),
      audience,
      hands: z.array(hand),
      /** Where the caller is on the way to the stage, if of the audience. */
      self: hand.shape.state.nullable(),
    }),
    permission: 'self',
    rate: rare,
    about:
      'Where the event stands. `hands` is empty but for those who may go live; `hls` is null where there is no such stream, or none for the caller.',
  }),
  'live.prepare': method({
    input: z.object({ title: title.default(''), description: description.default('') }),
    output: z.object({ event: liveEvent }),
    permission: 'live',
    rate: rare,
    about:
      'Opens the watch link: people may come and wait, and see nothing yet. Guests of the call itself have to be let in from now on, so that the audience stays where it belongs.',
  }),
  'live.start': method({
    input: empty,
    output: z.object({ event: liveEvent }),
    permission: 'live',
    rate: rare,
    about: 'Goes live: the audience sees and hears the stage.',
  }),
  'live.stop': method({
    input: empty,
    output: z.object({ event: liveEvent }),
    permission: 'live',
    rate: rare,
    about: 'Ends the event, live or not; before it was live the watch link closes again.',
  }),
  'live.update': method({
    /** `null` takes the cover away; one is set by way of `live.putCover`. */
    input: z.object({ title: title.optional(), description: description.optional(), cover: z.null().optional() }),
    output: z.object({ event: liveEvent }),
    permission: 'live',
    rate: rare,
    about: 'Changes what the audience reads of the event. What is left out stays.',
  }),
  'live.putCover': method({
    input: empty,
    output: z.object({ path: z.string() }),
    permission: 'live',
    rate: rare,
    about:
      'Where to send the picture of the event by HTTP PUT, once and within minutes: PNG, JPEG or WebP of at most 200 KB. `live.changed` tells its address.',
  }),
  'live.setLayout': method({
    input: z.object({ layout: z.enum(STAGE_LAYOUTS) }),
    output: z.object({ event: liveEvent }),
    permission: 'live',
    rate: { burst: 10, perSecond: 1 },
    about: 'How the audience sees the stage, from now on.',
  }),
  'live.deleteReplay': method({
    input: empty,
    output: empty,
    permission: 'live',
    rate: rare,
    about:
      'Deletes for good what was kept of earlier events of the room to be watched again; what is live now goes on. Also where there is nothing.',
  }),
  'live.react': method({
    input: z.object({ reaction }),
    output: empty,
    permission: 'chat',
    rate: { burst: 20, perSecond: 5 },
    maxBytes: 128,
    about: 'Throws in a reaction. They are counted together and told as counts.',
  }),
  'live.raiseHand': method({
    input: z.object({ raised: z.boolean() }),
    output: empty,
    permission: 'self',
    rate: rare,
    about: 'A viewer wants to come on stage, or no longer does.',
  }),
  'live.invite': method({
    input: z.object({ memberId: id }),
    output: empty,
    permission: 'live',
    about: 'Asks a viewer on stage.',
  }),
  'live.answer': method({
    input: z.object({ accept: z.boolean() }),
    output: empty,
    permission: 'self',
    rate: rare,
    about: 'A viewer who was asked comes on stage as a speaker, on the same session, or does not.',
  }),
  'live.leaveStage': method({
    input: empty,
    output: empty,
    permission: 'self',
    rate: rare,
    about: 'Somebody of the audience who is on stage becomes a viewer again.',
  }),
  'live.offStage': method({
    input: z.object({ memberId: id }),
    output: empty,
    permission: 'live',
    about: 'Makes somebody who came on stage from the audience a viewer again, or takes an invitation back.',
  }),
  'live.keys': method({
    input: empty,
    output: z.object({ keys: z.array(streamKey), ...ingestPorts.shape }),
    permission: 'live',
    about:
      'The stream keys with which programs may publish into the room by WHIP, RTMP and SRT, without what is secret of them; and where RTMP and SRT are taken.',
  }),
  'live.createKey': method({
    input: z.object({ name: keyName }),
    output: z.object({ id, key: z.string(), passphrase: z.string() }),
    permission: 'live',
    rate: rare,
    about:
      'Makes a stream key. It is told here and never again; and so is the passphrase for SRT, with the `id` as the stream id.',
  }),
  'live.rotateKey': method({
    input: z.object({ id }),
    output: z.object({ key: z.string(), passphrase: z.string() }),
    permission: 'live',
    rate: rare,
    about: 'Replaces the secret of a stream key and its passphrase; who publishes with the old one is put out.',
  }),
  'live.revokeKey': method({
    input: z.object({ id }),
    output: empty,
    permission: 'live',
    rate: rare,
    about: 'Makes a stream key void, and puts out who publishes with it.',
  }),
};
export type LiveMethods = typeof liveMethods;

export const liveEvents = {
  'live.changed': event({
    data: z.object({ event: liveEvent, hls: hlsStream.nullable() }),
    about: 'The event began, ended, or looks otherwise; or its stream is to be had, or no longer.',
  }),
  'live.audience': event({
    data: z.object({ audience }),
    about: 'How many watch; at most once a second. Nobody is told who.',
  }),
  'live.reactions': event({
    data: z.object({ counts: z.partialRecord(reaction, z.number().int()) }),
    about: 'The reactions of the last 300 ms, counted.',
  }),
  'live.hands': event({
    data: z.object({ hands: z.array(hand) }),
    about: 'To those who may go live: who wants on stage, was asked, or is there.',
  }),
  'live.invited': event({
    data: z.object({ by: z.string().nullable() }),
    about: 'To a viewer: somebody asks you on stage; null when the invitation is taken back. `live.answer` answers.',
  }),
};
export type LiveEvents = typeof liveEvents;
