import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { TopBar } from '../components/top-bar.tsx';
import { d } from '../i18n/diag/index.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { createCheck } from './check.ts';
import { HopRow } from './hop-row.tsx';
import { GROUPS, type GroupName, type Hops, type Verdict, verdictOf } from './hops.ts';
import { reportText } from './report.ts';
import './diag.css';

const COPIED_MS = 2000;

const VERDICT_ICONS: Record<Exclude<Verdict, 'running'>, IconName> = {
  ok: 'check',
  detour: 'info',
  limited: 'warning',
  failed: 'warning',
};

/** The connection check: every way that media can take, tried one by one, with the cure for each that is closed. */
export function DiagPage() {
  const check = useMemo(() => createCheck(), []);
  const [begun, setBegun] = useState(false);
  const hops = check.hops.value;
  const running = check.running.value;
  const finishedAt = check.finishedAt.value;

  useEffect(() => {
    document.title = `Amphi · ${d('title')}`;
  });

  const start = () => {
    setBegun(true);
    void check.run();
  };

  return (
    <div class="page">
      <TopBar />
      <main class="diag">
        <header class="diag-head">
          <h1>{d('title')}</h1>
          <p class="lead">{d('lead', { host: location.host })}</p>
          <div class="diag-actions">
            <Button variant="primary" class="button-large" busy={running} disabled={running} onClick={start}>
              {d(begun ? 'again' : 'start')}
            </Button>
            {finishedAt !== null && !running && <CopyReport hops={hops} at={finishedAt} />}
          </div>
        </header>
        {begun && <VerdictCard verdict={verdictOf(hops)} />}
        {begun && (
          <section aria-label={d('result')} class="diag-groups">
            {(Object.keys(GROUPS) as GroupName[]).map((group) => (
              <section key={group} class="diag-group">
                <h2>{d(`group.${group}`)}</h2>
                <ul>
                  {GROUPS[group].map((id) => (
                    <HopRow key={id} id={id} hop={hops[id]} />
                  ))}
                </ul>
                {group === 'quality' && <Picture track={check.picture} />}
              </section>
            ))}
          </section>
        )}
      </main>
    </div>
  );
}

function VerdictCard({ verdict }: { verdict: Verdict }) {
  return (
    <div class={`diag-verdict diag-verdict-${verdict}`} role="status" data-testid="verdict" data-verdict={verdict}>
      {verdict === 'running' ? (
        <span class="spinner" aria-hidden="true" />
      ) : (
        <Icon name={VERDICT_ICONS[verdict]} size={28} />
      )}
      <div>
        <p class="diag-verdict-title">{d(`verdict.${verdict}`)}</p>
        {verdict !== 'running' && <p>{d(`verdict.${verdict}.text`)}</p>}
      </div>
    </div>
  );
}

function CopyReport({ hops, at }: { hops: Hops; at: Date }) {
  const [copied, setCopied] = useState(false);
  const [byHand, setByHand] = useState(false);
  const text = reportText(hops, { at, page: location.origin, browser: navigator.userAgent });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages without HTTPS have no clipboard: the text is there to be copied by hand.
      setByHand(true);
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <>
      <Button icon={copied ? 'check' : 'copy'} class="button-large" onClick={copy} aria-live="polite">
        {d(copied ? 'copied' : 'copy')}
      </Button>
      {byHand && <textarea class="input diag-text" readOnly rows={12} value={text} aria-label={d('result')} />}
    </>
  );
}

function Picture({ track }: { track: ReturnType<typeof createCheck>['picture'] }) {
  const video = useRef<HTMLVideoElement>(null);
  useSignalEffect(() => {
    const shown = track.value;
    if (video.current) video.current.srcObject = shown && new MediaStream([shown]);
  });
  return (
    <video
      ref={video}
      class="diag-picture"
      hidden={track.value === null}
      autoplay
      muted
      playsInline
      aria-label={d('picture')}
    />
  );
}
