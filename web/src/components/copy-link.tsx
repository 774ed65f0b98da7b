import { useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { roomLink } from '../router.ts';
import { Button } from '../ui/button.tsx';

const SHOWN_MS = 2000;

/** The link to a room, to be selected, copied, or sent with what the device has for that. */
export function CopyLink({ room }: { room: string }) {
  return <CopyText text={roomLink(room)} label={t('invite.link')} action={t('invite.copy')} />;
}

type Props = { text: string; label: string; action: string; quiet?: boolean };

export function CopyText({ text, label, action, quiet = false }: Props) {
  const box = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages without HTTPS have no clipboard: the selection is what the person can copy by hand.
      box.current?.select();
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };

  return (
    <div class="copy-link">
      <input ref={box} class="input" readOnly value={text} aria-label={label} onFocus={() => box.current?.select()} />
      <Button variant={quiet ? 'plain' : 'primary'} icon={copied ? 'check' : 'copy'} onClick={copy} aria-live="polite">
        {copied ? t('invite.copied') : action}
      </Button>
    </div>
  );
}
