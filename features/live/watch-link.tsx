import { useEffect, useState } from 'preact/hooks';
import { Switch } from '../../web/src/ui/field.tsx';
import { Act, attempt, type Context, Copyable } from './parts.tsx';

/** The keys of private events that were made in this tab, by room: the server tells nobody what it was given. */
const keys = new Map<string, string>();

/** The link for the audience; of a private event with its key, which is the room's password. */
export function WatchLink({ context }: { context: Context }) {
  const { call } = context;
  const roomId = call.room?.id ?? '';
  const [isPrivate, setPrivate] = useState(call.room?.policy.password === true);
  const [key, setKey] = useState(keys.get(roomId));
  useEffect(() => call.on('room', (policy) => setPrivate(policy.password)), [call]);

  const change = async (next: string | undefined) => {
    await call.moderation.setPolicy({ password: next ?? null });
    if (next === undefined) keys.delete(roomId);
    else keys.set(roomId, next);
    setKey(next);
  };
  const link = new URL(`/w/${encodeURIComponent(roomId)}`, location.origin);
  if (isPrivate && key !== undefined) link.hash = `key=${encodeURIComponent(key)}`;
  return (
    <section class="live-section">
      <Copyable context={context} label={context.text('live.link')} value={link.href} />
      {call.may('policy') && (
        <Switch
          label={context.text('live.private')}
          hint={context.text('live.private.about')}
          checked={isPrivate}
          onChange={(on) => void attempt(context, change(on ? newKey() : undefined))}
        />
      )}
      {isPrivate && key === undefined && call.may('policy') && (
        <>
          <p class="live-note">{context.text('live.private.lost')}</p>
          <Act context={context} run={() => change(newKey())}>
            {context.text('live.private.new')}
          </Act>
        </>
      )}
    </section>
  );
}

/** 128 bits that nobody guesses, in letters that links can hold. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
