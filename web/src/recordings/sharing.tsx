import type { ApiRecording, ApiShare } from '@amphi/protocol/api';
import { useEffect, useState } from 'preact/hooks';
import { CopyText } from '../components/copy-link.tsx';
import { tr } from '../i18n/recordings.ts';
import { Button } from '../ui/button.tsx';
import { Select, Switch, TextField } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';
import type { RoomRecordings } from './api.ts';
import { dateTime, day, problemText } from './words.ts';

const DAYS = [1, 7, 30, 90, 365] as const;

/** The links by which strangers see a recording: made, listed and revoked. */
export function Sharing({ entry, api }: { entry: ApiRecording; api: RoomRecordings }) {
  const [shares, setShares] = useState<ApiShare[]>([]);
  const [made, setMade] = useState<{ id: string; url: string } | undefined>(undefined);
  const [days, setDays] = useState(7);
  const [password, setPassword] = useState('');
  const [tracks, setTracks] = useState(false);
  const failed = (error: unknown) => toast(problemText(error), { urgent: true });

  useEffect(() => {
    api.shares(entry.id).then(setShares, failed);
  }, [api, entry.id]);

  const make = async () => {
    try {
      const { url, ...share } = await api.share(entry.id, { days, tracks, ...(password === '' ? {} : { password }) });
      setShares((before) => [share, ...before]);
      setMade({ id: share.id, url });
      setPassword('');
    } catch (error) {
      failed(error);
    }
  };
  const revoke = async (id: string) => {
    try {
      await api.revoke(entry.id, id);
      setShares((before) => before.filter((share) => share.id !== id));
      if (made?.id === id) setMade(undefined);
      toast(tr('share.revoked'), { icon: 'check' });
    } catch (error) {
      failed(error);
    }
  };

  return (
    <section class="recording-box" aria-labelledby="recording-share">
      <h2 id="recording-share">{tr('share')}</h2>
      <p class="muted">{tr('share.about')}</p>
      <form
        class="share-form"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Select
          label={tr('share.days')}
          value={`${days}`}
          options={DAYS.map((count) => ({ value: `${count}`, label: tr('share.days.n', { count }) }))}
          onChange={(value) => setDays(Number(value))}
        />
        <TextField
          label={tr('share.password')}
          hint={tr('share.password.hint')}
          type="password"
          autocomplete="new-password"
          maxLength={128}
          value={password}
          onInput={setPassword}
          verbatim
        />
        <Switch label={tr('share.tracks')} checked={tracks} onChange={setTracks} />
        <Button type="submit" variant="primary" icon="link">
          {tr('share.make')}
        </Button>
      </form>
      {made && (
        <div class="share-made" role="status">
          <CopyText text={made.url} label={tr('share.link')} action={tr('share.copy')} />
          <p class="field-note">{tr('share.once')}</p>
        </div>
      )}
      {shares.length === 0 && <p class="muted">{tr('share.none')}</p>}
      <ul class="shares">
        {shares.map((share) => (
          <li key={share.id}>
            <span>{factsOf(share)}</span>
            <Button
              variant="quiet"
              aria-label={tr('share.revoke.label', { date: dateTime(share.createdAt) })}
              onClick={() => void revoke(share.id)}
            >
              {tr('share.revoke')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function factsOf({ createdAt, createdBy, expiresAt, openedAt, password, tracks }: ApiShare): string {
  return [
    ...[dateTime(createdAt), tr('share.by', { name: createdBy }), tr('share.until', { date: day(expiresAt) })],
    ...(password ? [tr('share.with-password')] : []),
    ...(tracks ? [tr('share.with-tracks')] : []),
    openedAt === null ? tr('share.unopened') : tr('share.opened', { date: dateTime(openedAt) }),
  ].join(' · ');
}
