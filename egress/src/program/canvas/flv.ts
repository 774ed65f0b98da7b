import { FlvReader } from '../../containers/flv.ts';
import { readVideoTag } from '../../rtmp/flv.ts';

/** A tag of H.264: the configuration record, or a picture as NAL units behind their lengths. */
export type FlvVideo = { kind: 'config' | 'frame'; keyFrame: boolean; data: Buffer };

/** Takes H.264 out of an FLV that comes in pieces of any size: each tag is known to be complete as soon as it is. */
export class FlvParser {
  readonly #reader = new FlvReader();

  push(piece: Buffer): FlvVideo[] {
    return this.#reader.push(piece).flatMap(({ kind, body }): FlvVideo[] => {
      const tag = kind === 'video' ? readVideoTag(body) : undefined;
      if (tag?.kind !== 'video' || tag.is === 'other') return [];
      return [{ kind: tag.is, keyFrame: tag.is === 'config' || tag.keyFrame, data: tag.data }];
    });
  }
}
