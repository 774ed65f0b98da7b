import { useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { roomLink } from '../router.ts';
import { Button } from '../ui/button.tsx';

const SHOWN_MS = 2000;

/** The link to a room, to be selected, copied, or sent with what the device has for that. */
export function CopyLink({ room }: { room: string }) {
  const link = roomLink(room);
  const box = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
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
      <input
        ref={box}
        class="input"
        readOnly
        value={link}
        aria-label={t('invite.link')}
        onFocus={() => box.current?.select()}
      />
      <Button variant="primary" icon={copied ? 'check' : 'copy'} onClick={copy} aria-live="polite">
        {copied ? t('invite.copied') : t('invite.copy')}
      </Button>
    </div>
  );
}
