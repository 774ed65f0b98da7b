import type { ErrorCode } from '@amphi/protocol';
import type { MethodName } from '../entries/entry.ts';

/**
 * Everybody there is to a room with a lobby, in the order of the table's columns.
 *
 * - stranger: before the lobby; waiting: in it; visitor: let in, and on the prejoin page.
 * - removed: was put out, and came back with the pass and the resume token of before.
 * - viewer to host: members with that role.
 * - other room: the host of another room, who names people, tracks and transports of this one.
 */
export const COLUMNS = [
  'stranger',
  'waiting',
  'visitor',
  'removed',
  'viewer',
  'attendee',
  'speaker',
  'cohost',
  'host',
  'other room',
] as const;
export type Column = (typeof COLUMNS)[number];
export type Expected = ErrorCode | 'ok';

/**
 * What the cells of the table mean. `—`: no right. `state`: not at this point of a stay. `gone`: what the input names is
 * not to be seen from there.
 */
const CELLS = { ok: 'ok', '—': 'forbidden', state: 'wrong-state', gone: 'not-found', lobby: 'lobby' } as const;

/**
 * Who may call what: each calls the method with an input that is performed for those who may, and this comes. Viewers and
 * attendees, who send nothing, and the one in the other room name what is somebody else's. None of them is of an audience,
 * so that none has a hand to raise or a stage to leave.
 */
const TABLE = `
  method                 stranger waiting visitor removed viewer attendee speaker cohost host  other
  session.ping           ok       ok      ok      ok      ok     ok       ok      ok     ok    ok
  leave                  ok       ok      ok      ok      ok     ok       ok      ok     ok    ok
  join                   lobby    lobby   ok      lobby   state  state    state   state  state state
  lobby.knock            ok       ok      ok      ok      state  state    state   state  state state
  media.prepare          —        —       ok      —       state  state    state   state  state state
  media.measure          —        —       ok      —       ok     ok       ok      ok     ok    ok
  media.measured         state    state   state   state   ok     ok       ok      ok     ok    ok
  media.receive          state    state   state   state   state  state    state   state  state state
  relay.renew            —        —       ok      —       ok     ok       ok      ok     ok    ok
  transport.connect      —        —       gone    —       ok     ok       ok      ok     ok    gone
  transport.restartIce   —        —       gone    —       ok     ok       ok      ok     ok    gone
  session.sync           state    state   state   state   ok     ok       ok      ok     ok    ok
  self.update            state    state   state   state   ok     ok       ok      ok     ok    ok
  producer.create        state    state   state   state   —      —        ok      ok     ok    gone
  producer.update        state    state   state   state   gone   gone     ok      ok     ok    gone
  producer.close         state    state   state   state   gone   gone     ok      ok     ok    gone
  consumer.ready         state    state   state   state   ok     ok       ok      ok     ok    ok
  consumer.update        state    state   state   state   ok     ok       ok      ok     ok    ok
  consumer.blank         state    state   state   state   ok     ok       ok      ok     ok    ok
  consumer.soundBroken   state    state   state   state   ok     ok       ok      ok     ok    ok
  direct.signal          state    state   state   state   ok     ok       ok      ok     ok    ok
  direct.report          state    state   state   state   ok     ok       ok      ok     ok    ok
  chat.send              state    state   state   state   ok     ok       ok      ok     ok    ok
  chat.history           state    state   state   state   ok     ok       ok      ok     ok    ok
  lobby.admit            state    state   state   state   —      —        —       ok     ok    ok
  lobby.deny             state    state   state   state   —      —        —       ok     ok    ok
  lobby.write            state    state   state   state   —      —        —       ok     ok    ok
  moderate.mute          state    state   state   state   —      —        —       ok     ok    gone
  moderate.ask           state    state   state   state   —      —        —       ok     ok    gone
  moderate.remove        state    state   state   state   —      —        —       ok     ok    gone
  moderate.bans          state    state   state   state   —      —        —       ok     ok    ok
  moderate.unban         state    state   state   state   —      —        —       ok     ok    gone
  room.setPolicy         state    state   state   state   —      —        —       ok     ok    ok
  member.setRole         state    state   state   state   —      —        —       —      ok    gone
  member.setExceptions   state    state   state   state   —      —        —       —      ok    gone
  room.audit             state    state   state   state   —      —        —       —      ok    ok
  room.end               state    state   state   state   —      —        —       —      ok    ok
  ingest.read            state    state   state   state   —      —        —       ok     ok    ok
  live.get               state    state   state   state   ok     ok       ok      ok     ok    ok
  live.prepare           state    state   state   state   —      —        —       ok     ok    ok
  live.start             state    state   state   state   —      —        —       ok     ok    ok
  live.stop              state    state   state   state   —      —        —       ok     ok    ok
  live.update            state    state   state   state   —      —        —       ok     ok    ok
  live.putCover          state    state   state   state   —      —        —       ok     ok    ok
  live.setLayout         state    state   state   state   —      —        —       ok     ok    ok
  live.deleteReplay      state    state   state   state   —      —        —       ok     ok    ok
  live.react             state    state   state   state   ok     ok       ok      ok     ok    ok
  live.raiseHand         state    state   state   state   state  state    state   state  state state
  live.invite            state    state   state   state   —      —        —       ok     ok    gone
  live.answer            state    state   state   state   state  state    state   state  state state
  live.leaveStage        state    state   state   state   state  state    state   state  state state
  live.offStage          state    state   state   state   —      —        —       ok     ok    gone
  live.keys              state    state   state   state   —      —        —       ok     ok    ok
  live.createKey         state    state   state   state   —      —        —       ok     ok    ok
  live.rotateKey         state    state   state   state   —      —        —       ok     ok    gone
  live.revokeKey         state    state   state   state   —      —        —       ok     ok    gone
  push.list              state    state   state   state   —      —        —       —      ok    ok
  push.add               state    state   state   state   —      —        —       —      ok    ok
  push.change            state    state   state   state   —      —        —       —      ok    gone
  push.remove            state    state   state   state   —      —        —       —      ok    gone
  push.start             state    state   state   state   —      —        —       —      state gone
  push.stop              state    state   state   state   —      —        —       —      ok    gone
  recording.start        state    state   state   state   —      —        —       ok     ok    ok
  recording.stop         state    state   state   state   —      —        —       ok     ok    state
  recording.consent      state    state   state   state   ok     ok       ok      ok     ok    state
  recording.state        state    state   state   state   ok     ok       ok      ok     ok    ok
  recording.list         state    state   state   state   —      —        —       ok     ok    ok
  recording.link         state    state   state   state   —      —        —       ok     ok    gone
  recording.film         state    state   state   state   —      —        —       ok     ok    gone
  recording.remove       state    state   state   state   —      —        —       ok     ok    gone
`;

/** The table, by method. */
export const MATRIX: Record<MethodName, Record<Column, Expected>> = read(TABLE);

function read(table: string): Record<MethodName, Record<Column, Expected>> {
  const rows = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(
    rows.map(([method = '', ...cells]) => {
      if (cells.length !== COLUMNS.length) throw new Error(`the row of ${method} has ${cells.length} cells`);
      return [method, Object.fromEntries(COLUMNS.map((column, index) => [column, wordFor(cells[index] ?? '')]))];
    }),
  ) as Record<MethodName, Record<Column, Expected>>;
}

function wordFor(cell: string): Expected {
  const word = (CELLS as Record<string, Expected>)[cell];
  if (word === undefined) throw new Error(`the matrix has a cell "${cell}"`);
  return word;
}
