import { FlvReader } from '../containers/flv.ts';
import { type FlvTag, readVideoTag } from './flv.ts';

/** The configuration record, or a picture that is shown `shiftMs` after `ms`, as NAL units behind their lengths. */
export type FlvPicture = Exclude<Extract<FlvTag, { kind: 'video' }>, { is: 'other' }> & { ms: number };

/** Takes H.264 out of an FLV that comes in pieces of any size: each tag is known to be complete as soon as it is. */
export class FlvPictures {
  readonly #reader = new FlvReader();

  push(piece: Buffer): FlvPicture[] {
    return this.#reader.push(piece).flatMap(({ kind, ms, body }): FlvPicture[] => {
      const tag = kind === 'video' ? readVideoTag(body) : undefined;
      return tag?.kind !== 'video' || tag.is === 'other' ? [] : [{ ...tag, ms }];
    });
  }
}
