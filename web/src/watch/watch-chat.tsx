import type { Call } from '@amphi/client';
import { createChatView } from '@amphi/features/chat/view.tsx';
import { useEffect, useId, useMemo } from 'preact/hooks';
import { errorText } from '../errors.ts';
import { locale, translate } from '../i18n/index.ts';
import { tw } from '../i18n/watch.ts';
import { displayName } from '../prefs.ts';
import { toast } from '../ui/toasts.tsx';

/** The chat beside the picture, with the name under which one writes. */
export function WatchChat({ call }: { call: Call }) {
  const chat = useMemo(
    () => createChatView({ call, text: translate, locale, errorText, notify: (text) => toast(text, { icon: 'chat' }) }),
    [call],
  );
  const id = useId();
  const titleId = useId();
  useEffect(() => {
    // It is always in sight.
    chat.setOpen(true);
    return () => chat.close();
  }, [chat]);
  return (
    <aside class="watch-side" aria-labelledby={titleId}>
      <h2 id={titleId}>{tw('chat')}</h2>
      <chat.Panel />
      <div class="watch-name">
        <label for={id}>{tw('name')}</label>
        <input
          id={id}
          class="input"
          value={displayName.value}
          maxLength={64}
          autocomplete="name"
          placeholder={tw('guest')}
          onChange={(event) => (displayName.value = event.currentTarget.value.trim())}
        />
      </div>
    </aside>
  );
}
