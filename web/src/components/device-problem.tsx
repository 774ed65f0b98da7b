import type { LocalMediaState, MediaProblem } from '@amphi/client';
import { helpSteps } from '../device-help.ts';
import { t } from '../i18n/index.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

type Props = { state: LocalMediaState; onRetry: () => void };

/** Explains why a device cannot be used, with the steps for this browser. Says one thing once, not per device. */
export function DeviceProblems({ state, onRetry }: Props) {
  const { cameraProblem: camera, microphoneProblem: microphone } = state;
  if (camera === null && microphone === null) return null;
  return (
    <div class="problems" role="alert">
      {camera !== null && camera === microphone ? (
        <Problem title={t('problem.both')} problem={camera} onRetry={onRetry} />
      ) : (
        <>
          {camera !== null && <Problem title={t('problem.camera')} problem={camera} onRetry={onRetry} />}
          {microphone !== null && <Problem title={t('problem.microphone')} problem={microphone} onRetry={onRetry} />}
        </>
      )}
      <p class="field-note">{t('prejoin.without')}</p>
    </div>
  );
}

function Problem({ title, problem, onRetry }: { title: string; problem: MediaProblem; onRetry: () => void }) {
  return (
    <section class="problem">
      <h2>
        <Icon name="warning" />
        {title}
      </h2>
      <ol>
        {helpSteps(problem).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {problem !== 'insecure' && <Button onClick={onRetry}>{t('problem.retry')}</Button>}
    </section>
  );
}
