import { signal, type ReadonlySignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { FeatureContext, FeatureInstance } from '../../web/src/ui/feature-view.ts';
import { Button } from '../../web/src/ui/button.tsx';
import { Select, Switch } from '../../web/src/ui/field.tsx';
import { createRecording, type FilmChoice, type FilmMaking, type Recording, type RecordingState } from './client.ts';
import { RecordingList } from './list.tsx';

export type RecordingText =
  | 'recording.on'
  | 'recording.on.by'
  | 'recording.starting'
  | 'recording.off'
  | 'recording.failed'
  | 'recording.start'
  | 'recording.stop'
  | 'recording.accept'
  | 'recording.refuse'
  | 'recording.withdraw'
  | 'recording.ask'
  | 'recording.tell'
  | 'recording.left-out'
  | 'recording.idle'
  | 'recording.began'
  | 'recording.ended'
  | 'recording.disk-full'
  | 'recording.disk-failed'
  | 'recording.not-allowed'
  | 'recording.interrupted'
  | 'recording.kept'
  | 'recording.none'
  | 'recording.play'
  | 'recording.download'
  | 'recording.remove'
  | 'recording.remove.sure'
  | 'recording.making'
  | 'recording.film-storage'
  | 'recording.film-failed'
  | 'recording.film.layout'
  | 'recording.film.size'
  | `recording.layout.${FilmChoice['layout']}`
  | 'recording.film.live'
  | 'recording.film.live.hint'
  | 'recording.film.making'
  | 'recording.film.no-cores'
  | 'recording.film.no-ffmpeg'
  | 'recording.film.failed-live'
  | 'recording.film.refused'
  | 'recording.tracks'
  | 'recording.all';

type Context = FeatureContext<RecordingText>;
type State = ReadonlySignal<RecordingState | undefined>;

/** The recording in one call: the mark that is seen as long as it lasts, what is announced, and the buttons. */
export function createRecordingView(context: Context): FeatureInstance {
  const { call } = context;
  const recording = createRecording(call);
  const state = signal<RecordingState | undefined>(recording.state);
  const unread = signal(0);

  const off = recording.onChange((next, before) => {
    state.value = next;
    unread.value = next.consent === 'asked' ? 1 : 0;
    announce(context, next, before);
  });
  // This code is fetched while the call is being joined: the join may have been first.
  if (call.state === 'joined') recording.load().catch(() => undefined);

  return {
    unread,
    Panel: () => <RecordingPanel context={context} recording={recording} state={state} />,
    Banner: () => <RecordingMark context={context} recording={recording} state={state} />,
    setOpen() {},
    close() {
      off();
      recording.close();
    },
  };
}

/** Says aloud and in writing that a recording began or ended. */
function announce(context: Context, next: RecordingState, before: RecordingState | undefined): void {
  if (next.active && next.active.id !== before?.active?.id) {
    context.notify(context.text('recording.began', { name: next.active.by }));
    speak(context, context.text('recording.on'));
  } else if (!next.active && before?.active) {
    // One that could not begin is told to whoever wanted it, as the answer.
    if (next.last?.id !== before.active.id) return;
    context.notify(context.text(howItEnded(next.last)));
    speak(context, context.text('recording.off'));
  }
}

function howItEnded({ state, reason }: NonNullable<RecordingState['last']>): RecordingText {
  if (reason === 'disk-full' || reason === 'disk-failed' || reason === 'not-allowed') return `recording.${reason}`;
  return state === 'interrupted' ? 'recording.interrupted' : 'recording.ended';
}

/** By the voice of the browser, where it has one, and else by a tone. */
function speak(context: Context, text: string): void {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  if (voices.length > 0) {
    const words = new SpeechSynthesisUtterance(text);
    words.lang = context.locale();
    speechSynthesis.speak(words);
    return;
  }
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0.1;
  tone.frequency.value = 880;
  tone.connect(volume).connect(audio.destination);
  tone.addEventListener('ended', () => void audio.close());
  tone.start();
  tone.stop(audio.currentTime + 0.4);
}

type Props = { context: Context; recording: Recording; state: State };

function act(context: Context, work: Promise<void>): void {
  work.catch((error: unknown) =>
    context.notify(context.text('recording.failed', { reason: context.errorText(error) })),
  );
}

/** Seen by everybody as long as the server records. */
function RecordingMark({ context, recording, state }: Props) {
  const { active, consent } = state.value ?? {};
  if (!active) return null;
  return (
    <div class="banner banner-recording" role="status">
      <span class="recording-dot" aria-hidden="true" />
      <span>{context.text(active.running ? 'recording.on.by' : 'recording.starting', { name: active.by })}</span>
      {consent === 'asked' && (
        <>
          <span>{context.text('recording.ask')}</span>
          <Answers context={context} recording={recording} consent={consent} />
        </>
      )}
      {consent === 'refused' && <span>{context.text('recording.left-out')}</span>}
    </div>
  );
}

function Answers({ context, recording, consent }: Omit<Props, 'state'> & { consent: RecordingState['consent'] }) {
  return (
    <>
      {consent !== 'given' && (
        <Button variant="primary" onClick={() => act(context, recording.answer(true))}>
          {context.text('recording.accept')}
        </Button>
      )}
      {consent === 'given' && (
        <Button onClick={() => act(context, recording.answer(false, true))}>
          {context.text('recording.withdraw')}
        </Button>
      )}
      {consent !== 'refused' && (
        <Button onClick={() => act(context, recording.answer(false))}>{context.text('recording.refuse')}</Button>
      )}
    </>
  );
}

const LAYOUTS = ['grid', 'speaker', 'screen', 'audio'] as const;

/** What is said of the film while it is recorded; nothing of one that is made afterwards as usual. */
const FILM_TEXTS: Record<FilmMaking, RecordingText | undefined> = {
  after: undefined,
  live: 'recording.film.making',
  'no-cores': 'recording.film.no-cores',
  'no-ffmpeg': 'recording.film.no-ffmpeg',
  failed: 'recording.film.failed-live',
  refused: 'recording.film.refused',
};

function RecordingPanel({ context, recording, state }: Props) {
  const [isLive, setLive] = useState(false);
  const [layout, setLayout] = useState<FilmChoice['layout']>('grid');
  const [height, setHeight] = useState<FilmChoice['height']>(720);
  const { active, consent = null } = state.value ?? {};
  const mayRecord = context.call.self?.permissions.includes('record') ?? false;
  const start = () => act(context, recording.start(isLive ? 'live' : 'after', { layout, height }));
  const filmText = active && FILM_TEXTS[active.film];
  return (
    <div class="recording-panel">
      <p>{active ? context.text('recording.on.by', { name: active.by }) : context.text('recording.idle')}</p>
      {active && <p>{context.text(consent === 'refused' ? 'recording.left-out' : 'recording.tell')}</p>}
      {mayRecord && filmText && <p role="status">{context.text(filmText)}</p>}
      {mayRecord && !active && (
        <>
          <Select
            label={context.text('recording.film.layout')}
            value={layout}
            options={LAYOUTS.map((value) => ({ value, label: context.text(`recording.layout.${value}`) }))}
            onChange={(value) => setLayout(value as FilmChoice['layout'])}
          />
          <Select
            label={context.text('recording.film.size')}
            value={`${height}`}
            disabled={layout === 'audio'}
            options={['720', '1080'].map((value) => ({ value, label: `${value}p` }))}
            onChange={(value) => setHeight(value === '1080' ? 1080 : 720)}
          />
          <Switch
            label={context.text('recording.film.live')}
            hint={context.text('recording.film.live.hint')}
            checked={isLive}
            onChange={setLive}
          />
        </>
      )}
      <div class="button-row">
        {active ? (
          <>
            <Answers context={context} recording={recording} consent={consent} />
            {mayRecord && (
              <Button variant="danger" onClick={() => act(context, recording.stop())}>
                {context.text('recording.stop')}
              </Button>
            )}
          </>
        ) : (
          mayRecord && (
            <Button variant="primary" onClick={start}>
              {context.text('recording.start')}
            </Button>
          )
        )}
      </div>
      {mayRecord && <RecordingList context={context} recording={recording} last={state.value?.last?.id} />}
    </div>
  );
}
