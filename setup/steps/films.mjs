import { needPackages } from '../lib/debian.mjs';
import { Failure } from '../lib/failure.mjs';
import { say } from '../lib/say.mjs';

/** What makes a film of a recording, and writes names into it. */
export const FILM_PACKAGES = ['ffmpeg', 'fonts-dejavu-core'];

/** Installs what films need. Tracks are recorded without it, so that not to get it is no failure. */
export async function offerFilms() {
  try {
    await needPackages('make films of recordings', FILM_PACKAGES);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`amphi: it starts without films of recordings; their tracks are kept all the same. ${error.message}`);
  }
}
