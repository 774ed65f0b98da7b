import { t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

type RemoveProps = { memberId: string; name: string; ban: boolean; onClose: () => void };

/** Before somebody is put out, for now or for good. */
export function RemoveDialog({ memberId, name, ban, onClose }: RemoveProps) {
  const { moderate } = useCall();
  const kind = ban ? 'ban' : 'remove';
  return (
    <Dialog title={t(`${kind}.title`, { name })} onClose={onClose}>
      <p>{t(`${kind}.text`, { name })}</p>
      <div class="dialog-actions">
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button variant="danger" onClick={() => (onClose(), void moderate.remove(memberId, ban))}>
          {t(`${kind}.action`)}
        </Button>
      </div>
    </Dialog>
  );
}

/** Whoever could end the call for everybody is asked what leaving means. */
export function LeaveDialog({ onClose }: { onClose: () => void }) {
  const { leave, moderate } = useCall();
  return (
    <Dialog title={t('leave.title')} onClose={onClose}>
      <p>{t('leave.text')}</p>
      <div class="dialog-actions">
        <Button onClick={leave}>{t('leave.only-me')}</Button>
        <Button variant="danger" onClick={() => (onClose(), void moderate.endForAll())}>
          {t('leave.end')}
        </Button>
      </div>
    </Dialog>
  );
}

/** A moderator asks; nothing is switched on before the person says yes. */
export function AskedDialog({ source, by }: { source: 'microphone' | 'camera'; by: string }) {
  const { devices, panels } = useCall();
  const close = () => (panels.asked.value = null);
  const agree = () => {
    close();
    void (source === 'microphone' ? devices.setMicrophone(true) : devices.setCamera(true));
  };
  return (
    <Dialog title={t(`asked.${source}.title`, { by })} onClose={close}>
      <p>{t(`asked.${source}.text`)}</p>
      <div class="dialog-actions">
        <Button onClick={close}>{t('asked.no')}</Button>
        <Button variant="primary" icon={source === 'microphone' ? 'mic' : 'camera'} onClick={agree}>
          {t(`asked.${source}.yes`)}
        </Button>
      </div>
    </Dialog>
  );
}
