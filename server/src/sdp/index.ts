/** The bridge between SDP, which WHIP and WHEP clients speak, and the parameters of ORTC, which the media plane takes. */
export { type AnsweredTrack, writeAnswer, writeFragment, writeOffer } from './answer.ts';
export { SdpError } from './error.ts';
export { readFragment } from './fragment.ts';
export { type IceCredentials, type Offer, readOffer, type Section } from './offer.ts';
export { offeredExtensions, receivableCodecs, type ReceivableCodec } from './received-track.ts';
export { sentTrack, type SentTrack } from './sent-track.ts';
