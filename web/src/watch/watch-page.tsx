import { useEffect, useMemo } from 'preact/hooks';
import { LeftPage } from '../pages/left.tsx';
import { tw } from '../i18n/watch.ts';
import { AudienceView } from './audience-view.tsx';
import { OnStage } from './on-stage.tsx';
import { PasswordForm } from './password-form.tsx';
import { Slate } from './slate.tsx';
import { watchSession } from './watch-session.ts';
export { beginWatching } from './watch-session.ts';
export { StagePreview } from './stage-preview.tsx';
import '../styles/watch.css';
import '../styles/watch-player.css';
import '../styles/watch-slate.css';

/** All that happens under an event's watch link: waiting, watching, coming on stage, and the end. */
export function WatchPage({ room }: { room: string }) {
  const session = useMemo(() => watchSession(room), [room]);
  useEffect(() => () => session.close(), [session]);
  const phase = session.phase.value;
  switch (phase.name) {
    case 'connecting':
      return <Slate kind="connecting" title={tw('connecting')} />;
    case 'nothing':
      return <Slate kind="nothing" title={tw('nothing')} text={tw('nothing.text')} />;
    case 'password':
      return <PasswordForm wrong={phase.wrong} onSubmit={session.enter} />;
    case 'over':
      return <LeftPage room={room} end={phase.end} onRejoin={session.again} />;
    case 'in': {
      const { call, live } = phase;
      if (session.role.value !== 'viewer') return <OnStage room={room} call={call} />;
      return <AudienceView call={call} live={live} state={session.live} />;
    }
  }
}
