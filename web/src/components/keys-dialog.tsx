import { t, type MessageKey } from '../i18n/index.ts';
import { Dialog } from '../ui/dialog.tsx';

const onApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
const control = onApple ? '⌘' : 'Ctrl';

const KEYS: readonly { does: MessageKey; keys: readonly string[][] }[] = [
  { does: 'keys.mute', keys: [['M'], [control, 'D']] },
  { does: 'keys.camera', keys: [['V'], [control, 'E']] },
  { does: 'keys.talk', keys: [['space']] },
  { does: 'keys.chat', keys: [['C']] },
  { does: 'keys.people', keys: [['P']] },
  { does: 'keys.layout', keys: [['L']] },
  { does: 'keys.fullscreen', keys: [['F']] },
  { does: 'keys.help', keys: [['?']] },
  { does: 'keys.close', keys: [['Esc']] },
];

/** The list of keys. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t('keys.title')} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(({ does, keys }) => (
          <div key={does}>
            <dt>{t(does as 'keys.mute')}</dt>
            <dd>
              {keys.map((stroke, index) => (
                <span key={stroke.join('+')}>
                  {index > 0 && <span class="keys-or">{t('keys.or')}</span>}
                  {stroke.map((key) => (
                    <kbd key={key}>{key === 'space' ? t('keys.space') : key}</kbd>
                  ))}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
