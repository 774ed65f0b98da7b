import type { RoomPolicy } from '@amphi/client';
import { t } from '../i18n/index.ts';

/** What somebody needs besides the link to come in. */
export function inviteText(policy: RoomPolicy | null): string {
  if (policy?.locked === true) return t('invite.text.locked');
  if (policy?.lobby === true) return t('invite.text.lobby');
  return policy?.password === true ? t('invite.text.password') : t('invite.text');
}
