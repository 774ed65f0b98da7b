import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { FeatureContext } from '../../../web/src/ui/feature-view.ts';
import { type IngestReading, type IngestTrack, readIngest, type RefusedProgram } from '../../ingest/client.ts';
import { problemsOf } from '../../ingest/rules.ts';
import './ingest.css';
import { type IngestText, ingestText } from './text.ts';

/** What the ingest page needs of the app. */
export type IngestContext = Pick<FeatureContext, 'call' | 'locale' | 'errorText'>;

type Text = (key: IngestText, params?: Readonly<Record<string, string | number>>) => string;
type Props = { context: IngestContext; onClose: () => void };

/** How often is asked; the server measures as long as somebody asks. */
const READ_EVERY_MS = 2000;

/** Names of the profiles of H.264 that occur (ITU-T H.264, A.2). */
const PROFILES: Readonly<Record<number, string>> = {
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4',
};

/** What arrives of everybody on stage, what is wrong with it, and what to change. */
export function IngestPage({ context, onClose }: Props) {
  const [reading, setReading] = useState<IngestReading | undefined>();
  const [error, setError] = useState<unknown>();
  // The app's own dialog is a part of the call page; to share it would cut that page into more files.
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const text: Text = (key, params) => ingestText(context.locale(), key, params);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const read = async () => {
      try {
        const answer = await readIngest(context.call);
        if (!over) setReading(answer);
        if (!over) setError(undefined);
      } catch (reason) {
        if (!over) setError(reason);
      }
      if (!over) timer = setTimeout(() => void read(), READ_EVERY_MS);
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [context.call]);

  return (
    <dialog ref={dialog} class="dialog dialog-wide" aria-labelledby={titleId} onClose={onClose}>
      <div class="dialog-body">
        <header class="dialog-header">
          <h2 id={titleId}>{text('title')}</h2>
          <button type="button" class="button button-plain" onClick={onClose}>
            <span>{text('close')}</span>
          </button>
        </header>
        <p class="ingest-about">{text('about')}</p>
        {error !== undefined && <p role="alert">{text('failed', { reason: context.errorText(error) })}</p>}
        {reading?.tracks.length === 0 && <p>{text('none')}</p>}
        <div class="ingest-tracks">
          {reading?.refused.map((program) => (
            <Refused key={program.keyId} program={program} text={text} />
          ))}
          {reading?.tracks.map((track) => (
            <Track key={track.producerId} track={track} text={text} locale={context.locale()} />
          ))}
        </div>
      </div>
    </dialog>
  );
}

/** A program whose stream is not taken, so that there is no track of it. */
function Refused({ program, text }: { program: RefusedProgram; text: Text }) {
  const { name, protocol, refusal, detail, ago } = program;
  return (
    <section class="ingest-track" data-testid="ingest-refused" data-name={name}>
      <h3>
        {name}
        <small> {text('program')}</small>
        <span> · {text('refused', { protocol: protocol.toUpperCase(), seconds: Math.round(ago / 1000) })}</span>
      </h3>
      <ul class="ingest-problems">
        <li data-problem={refusal}>{text(`refused.${refusal}`, { detail })}</li>
      </ul>
    </section>
  );
}

function Track({ track, text, locale }: { track: IngestTrack; text: Text; locale: string }) {
  const problems = problemsOf(track);
  return (
    <section class="ingest-track" data-testid="ingest-track" data-name={track.name} data-source={track.source}>
      <h3>
        {track.name}
        {track.isProgram && <small> {text('program')}</small>}
        <span> · {text(`source.${track.source}`)}</span>
      </h3>
      <dl class="ingest-figures">
        {figuresOf(track, text, locale).map(([name, value]) => (
          <div key={name}>
            <dt>{text(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {problems.length > 0 ? (
        <ul class="ingest-problems">
          {problems.map(({ kind, params }) => (
            <li key={kind} data-problem={kind}>
              {text(`problem.${kind}`, params)}
            </li>
          ))}
        </ul>
      ) : (
        <p class="ingest-good">{text(track.muted ? 'muted' : 'good')}</p>
      )}
    </section>
  );
}

function figuresOf(track: IngestTrack, text: Text, locale: string): [IngestText, string][] {
  const unknown = text('unknown');
  const number = (value: number, digits = 0) => value.toLocaleString(locale, { maximumFractionDigits: digits });
  const { width, height, frameRate, keyFrameInterval, roundTrip, channels } = track;
  const isSound = track.source === 'microphone' || track.source === 'screen-audio';
  const picture: [IngestText, string][] = [
    ['size', width === null ? unknown : `${width} × ${height}`],
    ['rate', frameRate === null ? unknown : number(frameRate, 1)],
    [
      'key-frames',
      keyFrameInterval === null ? unknown : text('seconds', { seconds: number(keyFrameInterval / 1000, 1) }),
    ],
  ];
  return [
    ['codec', codecOf(track, text)],
    ...(isSound ? [['channels', channels === null ? unknown : number(channels)] as [IngestText, string]] : picture),
    ['bitrate', `${number(track.bitrate / 1000)} kbit/s`],
    ['loss', `${number(track.loss * 100, 1)} %`],
    ['round-trip', roundTrip === null ? unknown : `${number(roundTrip)} ms`],
  ];
}

function codecOf({ codec, profile, level }: IngestTrack, text: Text): string {
  const name = codec === 'opus' ? 'Opus' : codec === 'h264' ? 'H.264' : codec.toUpperCase();
  if (profile === null || level === null) return name;
  return `${name} ${PROFILES[profile] ?? profile}, ${text('level', { level: level / 10 })}`;
}
