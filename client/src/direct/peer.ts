import type { DirectDescription, DirectSignal, IceServer } from '@amphi/protocol';
import { createEmitter, type Emitter } from '../emitter.ts';
import type { VideoCodec } from '../media/encodings.ts';
import type { Publication } from '../media/publication.ts';
import { Senders } from './senders.ts';
import { startVideoAt, tuneOpus } from './sdp.ts';

const START_KILOBITS = 1000;

/**
 * What a connection is made with, and may not be changed afterwards. With a pool the browser asks the relay for an
 * address while the descriptions are still under way.
 */
const CONFIGURATION = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceCandidatePoolSize: 1 } as const;

export type PeerEvents = {
  state: [state: RTCPeerConnectionState];
  /** The other side's tracks changed: what it sends by producer id. */
  tracks: [];
  /** The first description of the other side is set: ICE runs from now on. */
  started: [];
};

export type PeerOptions = {
  /** Makes the first offer, and prevails when both offer at once. */
  offerer: boolean;
  iceServers: IceServer[];
  videoCodec: VideoCodec;
  publications(): Publication[];
  send(signal: DirectSignal): void;
};

/**
 * One end of a direct connection, negotiated by «perfect negotiation»
 * (https://www.w3.org/TR/webrtc/#perfect-negotiation-example). The one that does not offer first waits for the offer and
 * answers with its own tracks in the same descriptions.
 */
export class Peer {
  readonly events: Emitter<PeerEvents> = createEmitter();
  readonly pc: RTCPeerConnection;
  /** What the other side sends, by producer id. */
  readonly remote: Map<string, MediaStreamTrack> = new Map();
  #options: PeerOptions;
  #senders: Senders;
  #chain: Promise<void> = Promise.resolve();
  #makingOffer = false;
  #ignoringOffer = false;
  #settingAnswer = false;
  /** Whether this side may offer: the first offer was made, or has come. */
  #begun = false;
  #closed = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.pc = new RTCPeerConnection({ ...CONFIGURATION, iceServers: options.iceServers as RTCIceServer[] });
    this.#senders = new Senders(this.pc, options.videoCodec);
    this.pc.addEventListener('negotiationneeded', () => void this.#offer());
    this.pc.addEventListener('icecandidate', ({ candidate }) => {
      if (!candidate || candidate.candidate === '' || this.#closed) return;
      const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      options.send({ type: 'candidate', candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment });
    });
    this.pc.addEventListener('connectionstatechange', () => this.events.emit('state', this.pc.connectionState));
    this.pc.addEventListener('signalingstatechange', () => {
      if (this.pc.signalingState === 'stable') void this.#senders.tune();
    });
  }

  /** Makes the first offer, where that is this side's to make. */
  begin(): void {
    if (!this.#options.offerer) return;
    this.#begun = true;
    this.sync();
  }

  /** From producer id to mid, for all that is sent. */
  mids(): Map<string, string> {
    return new Map(Object.entries(this.#senders.tracks()).map(([mid, id]) => [id, mid]));
  }

  /** Brings the senders in line with the publications. */
  sync(): void {
    if (this.#closed || !this.#begun) return;
    this.#senders.sync(this.#options.publications());
    void this.#senders.tune();
  }

  /** Takes a description or candidate of the other side; one after the other. */
  receive(signal: DirectSignal): void {
    this.#chain = this.#chain
      .then(() => (signal.type === 'candidate' ? this.#onCandidate(signal) : this.#onDescription(signal)))
      // What can't be applied leaves the connection as it was; the time limit of the caller decides what then.
      .catch(() => undefined);
  }

  /** For the next restart of ICE. */
  setIceServers(iceServers: IceServer[]): void {
    if (!this.#closed) this.pc.setConfiguration({ ...CONFIGURATION, iceServers: iceServers as RTCIceServer[] });
  }

  restartIce(): void {
    if (!this.#closed && this.pc.remoteDescription) this.pc.restartIce();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.events.clear();
    this.pc.close();
  }

  async #offer(): Promise<void> {
    if (this.#closed || !this.#begun) return;
    try {
      this.#makingOffer = true;
      await this.pc.setLocalDescription();
      this.#sendDescription();
    } catch {
      // Rolled back by an offer of the other side: `negotiationneeded` fires again where there is still need.
    } finally {
      this.#makingOffer = false;
    }
  }

  async #onDescription(description: DirectDescription): Promise<void> {
    const ready = !this.#makingOffer && (this.pc.signalingState === 'stable' || this.#settingAnswer);
    this.#ignoringOffer = description.type === 'offer' && !ready && this.#options.offerer;
    if (this.#ignoringOffer || this.#closed) return;
    const sounds = this.#options.publications().map(({ sound }) => sound);
    // One setting for all that is sent over the connection: the richest that is needed.
    const sound = (['music', 'screen'] as const).find((profile) => sounds.includes(profile)) ?? 'voice';
    this.#settingAnswer = description.type === 'answer';
    const first = this.pc.remoteDescription === null;
    const sdp = startVideoAt(tuneOpus(description.sdp, sound), START_KILOBITS);
    await this.pc.setRemoteDescription({ type: description.type, sdp });
    this.#settingAnswer = false;
    if (first) {
      this.#begun = true;
      this.events.emit('started');
    }
    if (description.type === 'offer') {
      this.#senders.sync(this.#options.publications());
      await this.pc.setLocalDescription();
      this.#sendDescription();
    }
    this.#setRemote(description.tracks);
  }

  async #onCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoringOffer) throw error;
    }
  }

  #sendDescription(): void {
    const description = this.pc.localDescription;
    if (this.#closed || !description || (description.type !== 'offer' && description.type !== 'answer')) return;
    this.#options.send({ type: description.type, sdp: description.sdp, tracks: this.#senders.tracks() });
  }

  #setRemote(tracks: Record<string, string>): void {
    this.remote.clear();
    for (const transceiver of this.pc.getTransceivers()) {
      const producerId = transceiver.mid === null ? undefined : tracks[transceiver.mid];
      if (producerId !== undefined) this.remote.set(producerId, transceiver.receiver.track);
    }
    this.events.emit('tracks');
  }
}
