import { useState } from 'preact/hooks';
import { Button } from '../../web/src/ui/button.tsx';
import { Select, Switch, TextField } from '../../web/src/ui/field.tsx';
import type { PushTarget } from './client.ts';
import { pushText } from './texts.ts';

/** What somebody has filled in; an empty key is none. */
export type TargetDraft = { name: string; url: string; key: string; auto: boolean };

const SERVICES = [
  { name: 'YouTube', url: 'rtmps://a.rtmps.youtube.com/live2' },
  { name: 'Twitch', url: 'rtmp://live.twitch.tv/app' },
] as const;
const OTHER = 'other';

type Props = {
  locale: string;
  /** What is changed; undefined for a new one. */
  target: PushTarget | undefined;
  onSave: (draft: TargetDraft) => Promise<unknown>;
  onCancel: () => void;
};

/** Name, address and key of a target. */
export function TargetForm({ locale, target, onSave, onCancel }: Props) {
  const [service, setService] = useState<string>(target ? OTHER : SERVICES[0].name);
  const [draft, setDraft] = useState<TargetDraft>({
    name: target?.name ?? SERVICES[0].name,
    url: target?.url ?? SERVICES[0].url,
    key: '',
    auto: target?.auto ?? true,
  });
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<TargetDraft>) => setDraft((before) => ({ ...before, ...change }));
  const text = (...args: Parameters<typeof pushText> extends [string, ...infer Rest] ? Rest : never) =>
    pushText(locale, ...args);

  const choose = (name: string) => {
    setService(name);
    const preset = SERVICES.find((one) => one.name === name);
    set(preset ?? { name: '', url: '' });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    void onSave(draft).finally(() => setBusy(false));
  };
  const isComplete = draft.name.trim() !== '' && draft.url.trim() !== '' && (target !== undefined || draft.key !== '');

  return (
    <form class="push-form" onSubmit={submit}>
      {target === undefined && (
        <Select
          label={text('service')}
          value={service}
          onChange={choose}
          options={[
            ...SERVICES.map(({ name }) => ({ value: name, label: name })),
            { value: OTHER, label: text('other') },
          ]}
        />
      )}
      <TextField label={text('name')} value={draft.name} maxLength={64} onInput={(name) => set({ name })} />
      <TextField
        label={text('url')}
        value={draft.url}
        hint={text('url.hint')}
        placeholder="rtmps://example.org/live"
        maxLength={500}
        autocomplete="off"
        verbatim
        onInput={(url) => set({ url })}
      />
      <TextField
        label={text('key')}
        type="password"
        value={draft.key}
        hint={text(target === undefined ? 'key.hint' : 'key.keep')}
        maxLength={300}
        autocomplete="new-password"
        verbatim
        onInput={(key) => set({ key })}
      />
      <Switch label={text('auto')} checked={draft.auto} onChange={(auto) => set({ auto })} />
      <div class="live-row">
        <Button type="submit" variant="primary" busy={busy} disabled={busy || !isComplete}>
          {text('save')}
        </Button>
        <Button onClick={onCancel}>{text('cancel')}</Button>
      </div>
    </form>
  );
}
