import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { LiveEvent } from './client.ts';
import { Act, attempt, type Props } from './parts.tsx';

const TYPES = 'image/png,image/jpeg,image/webp';
/** As the server has it, to say it before it is sent. */
const MOST_BYTES = 200 * 1024;

/** What the audience reads of the event beside its title, and the picture that it sees while it waits. */
export function Details({ context, live, event }: Props & { event: LiveEvent }) {
  const [description, setDescription] = useState(event.description);
  const id = useId();
  useEffect(() => setDescription(event.description), [event.description]);
  return (
    <details class="live-section">
      <summary>{context.text('live.details')}</summary>
      <div class="field">
        <label for={id}>{context.text('live.description')}</label>
        <textarea
          id={id}
          class="input live-description"
          rows={4}
          maxLength={2000}
          placeholder={context.text('live.description.hint')}
          value={description}
          onInput={(typed) => setDescription(typed.currentTarget.value)}
        />
      </div>
      <Act context={context} run={() => live.update({ description })}>
        {context.text('live.save')}
      </Act>
      <CoverChoice context={context} live={live} cover={event.cover} />
    </details>
  );
}

function CoverChoice({ context, live, cover }: Omit<Props, 'state'> & { cover: string | null }) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const send = async (picture: File | undefined) => {
    if (!picture) return;
    if (picture.size > MOST_BYTES) context.notify(context.text('live.cover.large'));
    else await attempt(context, live.putCover(picture));
  };
  return (
    <div class="field">
      <label for={id}>{context.text('live.cover')}</label>
      {cover === null ? (
        <p class="live-note">{context.text('live.cover.none')}</p>
      ) : (
        <img class="live-cover" src={cover} alt={context.text('live.cover')} />
      )}
      <input
        ref={input}
        id={id}
        class="live-file"
        type="file"
        accept={TYPES}
        aria-label={context.text('live.cover.choose')}
        onChange={({ currentTarget }) => {
          void send(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
      {cover !== null && (
        <Act context={context} run={() => live.update({ cover: null })}>
          {context.text('live.cover.remove')}
        </Act>
      )}
    </div>
  );
}
