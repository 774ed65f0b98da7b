import type { StageLayout } from './protocol.ts';

export { STAGE_LAYOUTS, type StageLayout } from './protocol.ts';

/** What the feature needs of whatever serves an audience beside WebRTC. Calls must not throw. */
export interface LiveOutputs {
  /** The event went live. `changed` is called when the answer of {@link hls} changes. */
  open(roomId: string, options: { layout: StageLayout; changed(): void }): void;
  setLayout(roomId: string, layout: StageLayout): void;
  /** The event ended, or the room did. */
  close(roomId: string): void;
  /**
   * Where the multivariant playlist of the room is: live, or of what was live; null where there is none. Whoever is given
   * the path may fetch it for as long as the event lasts, so it is told to those only who may watch.
   */
  hls(roomId: string): { path: string; kind: 'live' | 'replay' } | null;
  /** Deletes all that was kept of what is over. Rejects where that fails. */
  deleteReplays(roomId: string): Promise<void>;
}
