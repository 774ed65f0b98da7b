/** Why what a program sends is not taken. */
export type IngestRefusal = 'picture-codec' | 'sound-codec' | 'damaged' | 'no-h264' | 'passphrase';

/** What sends is not taken, and why: a sentence for whoever set it up. */
export class IngestRefused extends Error {
  override readonly name = 'IngestRefused';
  readonly refusal: IngestRefusal;
  /** Of a codec that is not taken, or of damage: which one, in words. */
  readonly detail: string;

  constructor(refusal: IngestRefusal, detail = '') {
    super(SENTENCES[refusal].replace('{detail}', detail));
    this.refusal = refusal;
    this.detail = detail;
  }
}

const SENTENCES: Readonly<Record<IngestRefusal, string>> = {
  'picture-codec': 'The picture is {detail}, and only H.264 is taken: choose an H.264 encoder.',
  'sound-codec': 'The sound is {detail}, and only AAC is taken: choose an AAC encoder.',
  damaged: 'The stream is damaged: {detail}.',
  'no-h264': 'H.264 is not enabled on this server.',
  passphrase: 'The passphrase is not that of the stream key.',
};
