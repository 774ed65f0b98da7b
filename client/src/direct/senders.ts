import type { VideoCodec } from '../media/encodings.ts';
import { directEncoding } from '../media/encodings.ts';
import type { Publication } from '../media/publication.ts';
import { preferCodecs } from './sdp.ts';

/** Mirrors the publications as senders of a direct connection. */
export class Senders {
  #pc: RTCPeerConnection;
  #videoCodec: VideoCodec;
  #transceivers = new Map<Publication, RTCRtpTransceiver>();
  #streams = { person: new MediaStream(), screen: new MediaStream() };

  constructor(pc: RTCPeerConnection, videoCodec: VideoCodec) {
    this.#pc = pc;
    this.#videoCodec = videoCodec;
  }

  /** From mid to producer id, for all that is sent. */
  tracks(): Record<string, string> {
    const tracks: Record<string, string> = {};
    for (const [publication, { mid }] of this.#transceivers) if (mid !== null) tracks[mid] = publication.id;
    return tracks;
  }

  /** Adds, changes and removes senders until they send what the publications say. */
  sync(publications: readonly Publication[]): void {
    for (const [publication, transceiver] of this.#transceivers) {
      if (publications.includes(publication)) continue;
      this.#transceivers.delete(publication);
      void transceiver.sender.replaceTrack(null);
      transceiver.direction = transceiver.direction === 'sendrecv' ? 'recvonly' : 'inactive';
    }
    for (const publication of publications) {
      const transceiver = this.#transceivers.get(publication) ?? this.#add(publication);
      const track = publication.muted || publication.track.readyState === 'ended' ? null : publication.track;
      if (transceiver.sender.track !== track) void transceiver.sender.replaceTrack(track).catch(() => undefined);
    }
  }

  /** Sets bitrates and sizes; to be called again after every negotiation, which makes the parameters anew. */
  async tune(): Promise<void> {
    await Promise.all(
      [...this.#transceivers].map(async ([publication, { sender }]) => {
        const parameters = sender.getParameters();
        const encoding = parameters.encodings?.[0];
        if (!encoding) return;
        if (publication.kind === 'audio') {
          encoding.priority = 'high';
        } else {
          const top = publication.demand ?? publication.layers - 1;
          Object.assign(encoding, directEncoding(publication.videoInput(), publication.layers, top));
        }
        // Refused while a negotiation is under way; the call after it sets them.
        await sender.setParameters(parameters).catch(() => undefined);
      }),
    );
  }

  /** Takes the place that the other side left free beside what it sends, or makes a new one. */
  #add(publication: Publication): RTCRtpTransceiver {
    const { kind } = publication;
    const stream = publication.source.startsWith('screen') ? this.#streams.screen : this.#streams.person;
    const taken = new Set(this.#transceivers.values());
    const free = this.#pc
      .getTransceivers()
      .find(
        (candidate) =>
          !taken.has(candidate) &&
          candidate.mid !== null &&
          candidate.receiver.track.kind === kind &&
          (candidate.direction === 'recvonly' || candidate.direction === 'inactive'),
      );
    if (free) {
      free.direction = free.direction === 'recvonly' ? 'sendrecv' : 'sendonly';
      free.sender.setStreams?.(stream);
    }
    const transceiver = free ?? this.#pc.addTransceiver(kind, { direction: 'sendrecv', streams: [stream] });
    this.#prefer(transceiver, kind);
    this.#transceivers.set(publication, transceiver);
    return transceiver;
  }

  #prefer(transceiver: RTCRtpTransceiver, kind: 'audio' | 'video'): void {
    const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs;
    if (!codecs) return;
    // RED repeats earlier audio in each packet (RFC 2198), which hides loss; the SFU can't forward it, a browser can.
    const preferred = kind === 'audio' ? ['audio/red', 'audio/opus'] : [`video/${this.#videoCodec}`];
    try {
      transceiver.setCodecPreferences(preferCodecs(codecs, preferred));
    } catch {
      // Not offered by this browser: its own order does.
    }
  }
}
