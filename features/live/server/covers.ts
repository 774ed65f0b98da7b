/** A cover is not larger than this, in bytes. */
export const MAX_COVER_BYTES = 200 * 1024;

/** What the feature keeps of a cover, under {@link COVER_KEY}. */
export type Cover = {
  /** Nobody can guess it, so that who knows the address may see the picture. Another picture has another one. */
  version: string;
  type: 'image/png' | 'image/jpeg' | 'image/webp';
  /** The bytes in base64. */
  data: string;
};
export const COVER_KEY = 'cover';

/** Who takes pictures over HTTP for the feature: they are too large for the socket. */
export interface LiveCovers {
  /**
   * A path to which one picture may be sent within minutes. `take` is called with it once it was found to be a picture
   * that browsers show, and throws where the room is over by then.
   */
  expect(roomId: string, take: (cover: Cover) => void): string;
  /** Where the picture is. */
  path(roomId: string, version: string): string;
}
