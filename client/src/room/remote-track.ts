import type { ProducerInfo, Source } from '@amphi/protocol';
import type { MediaPath, RemoteTrack, View } from '../types.ts';

export type RemoteTrackHooks = {
  changed(track: RemoteTrackModel): void;
  viewed(track: RemoteTrackModel, view: View): void;
};

/** A track that somebody else sends, whatever way it comes. */
export class RemoteTrackModel implements RemoteTrack {
  readonly id: string;
  readonly memberId: string;
  readonly source: Source;
  readonly kind: 'audio' | 'video';
  info: ProducerInfo;
  view: View | null = null;
  layer: number | null = null;

  #hooks: RemoteTrackHooks;
  #path: MediaPath = 'sfu';
  #tracks: Record<MediaPath, MediaStreamTrack | null> = { sfu: null, direct: null };

  constructor(memberId: string, info: ProducerInfo, hooks: RemoteTrackHooks) {
    this.id = info.id;
    this.memberId = memberId;
    this.source = info.source;
    this.kind = info.kind;
    this.info = info;
    this.#hooks = hooks;
  }

  get muted(): boolean {
    return this.info.muted;
  }

  get width(): number | undefined {
    return this.info.width;
  }

  get height(): number | undefined {
    return this.info.height;
  }

  get path(): MediaPath {
    return this.#path;
  }

  get mediaTrack(): MediaStreamTrack | null {
    // The SFU's track stands in when the direct one is taken away, so that it is never null in between.
    return this.#tracks[this.#path] ?? this.#tracks.sfu;
  }

  setView(view: View): void {
    this.view = view;
    this.#hooks.viewed(this, view);
  }

  update(info: ProducerInfo): void {
    this.info = info;
    this.#hooks.changed(this);
  }

  /** The track as it comes over one path; it is shown when {@link usePath} says so. */
  setSource(path: MediaPath, track: MediaStreamTrack | null): void {
    this.#change(() => void (this.#tracks[path] = track));
  }

  /** Which path is shown. To be called once it has frames. */
  usePath(path: MediaPath): void {
    this.#change(() => void (this.#path = path));
  }

  setLayer(layer: number | null): void {
    if (layer === this.layer) return;
    this.layer = layer;
    this.#hooks.changed(this);
  }

  #change(apply: () => void): void {
    const before = this.mediaTrack;
    const path = this.#path;
    apply();
    if (this.mediaTrack !== before || this.#path !== path) this.#hooks.changed(this);
  }
}
