import { chrome, ffmpeg, firefox, gstreamer, obs, safari } from './offers.ts';

/** Takes out of an offer what only who sends says, and has it receive. */
function receiving(offer: string): string {
  return offer
    .split('\r\n')
    .filter((line) => !/^a=(ssrc|ssrc-group|msid|rid|simulcast):/.test(line))
    .map((line) => (line === 'a=sendonly' ? 'a=recvonly' : line))
    .join('\r\n');
}

/** What these programs offer when they want to receive, by what they offer when they send. */
export const players = {
  chrome: receiving(chrome),
  firefox: receiving(firefox),
  safari: receiving(safari),
  gstreamer: receiving(gstreamer),
  libdatachannel: receiving(obs),
  ffmpeg: receiving(ffmpeg),
};
