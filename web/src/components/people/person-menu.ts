import { mayDo, type PersonRole } from '@amphi/client';
import { t } from '../../i18n/index.ts';
import { isOn, type Person } from '../../state/people.ts';
import type { CallContext } from '../../state/use-call.ts';
import type { MenuItem } from '../../ui/menu.tsx';

const RANKS: readonly string[] = ['viewer', 'attendee', 'speaker', 'cohost', 'host'];
const GIVEN = ['cohost', 'speaker', 'attendee', 'viewer'] as const satisfies PersonRole[];

/** Whether somebody of the one role may act on somebody of the other: only from above. */
export function outranks(actor: string, subject: string): boolean {
  return RANKS.includes(subject) && RANKS.indexOf(actor) > RANKS.indexOf(subject);
}

/** What a moderator may do to somebody; nothing to oneself and to those who do not rank below. */
export function personItems(person: Person, { store, panels, moderate }: CallContext): MenuItem[] {
  const { id, name, role } = person;
  if (person.self || !outranks(store.self.value?.role ?? '', role)) return [];
  const may = (permission: 'publish.audio' | 'publish.video') => mayDo(permission, person, store.policy.value);
  const about = (what: 'remove' | 'ban' | 'rights') => (panels.dialog.value = { about: what, memberId: id, name });
  const items: MenuItem[] = [
    isOn(person, 'microphone')
      ? { label: t('people.mute'), icon: 'mic-off', onSelect: () => void moderate.mute(id, ['microphone']) }
      : {
          label: t('people.ask-microphone'),
          icon: 'mic',
          reason: may('publish.audio') ? undefined : t('people.no-microphone', { name }),
          onSelect: () => void moderate.ask(id, name, 'microphone'),
        },
    isOn(person, 'camera')
      ? { label: t('people.stop-video'), icon: 'camera-off', onSelect: () => void moderate.mute(id, ['camera']) }
      : {
          label: t('people.ask-camera'),
          icon: 'camera',
          reason: may('publish.video') ? undefined : t('people.no-camera', { name }),
          onSelect: () => void moderate.ask(id, name, 'camera'),
        },
  ];
  if (person.tracks.screen !== undefined) {
    items.push({
      label: t('people.stop-screen'),
      icon: 'screen-off',
      onSelect: () => void moderate.mute(id, ['screen', 'screen-audio']),
    });
  }
  if (store.may('roles')) {
    for (const given of GIVEN) {
      items.push({
        id: given,
        label: t('people.make', { role: t(`role.${given}`) }),
        icon: given === 'cohost' ? 'shield' : given === 'viewer' ? 'volume' : given === 'speaker' ? 'mic' : 'people',
        checked: role === given,
        apart: given === 'cohost',
        onSelect: () => void moderate.setRole(id, given),
      });
    }
    items.push({ label: t('people.rights'), icon: 'rights', onSelect: () => about('rights') });
  }
  return [
    ...items,
    { label: t('people.remove'), icon: 'remove', apart: true, danger: true, onSelect: () => about('remove') },
    { label: t('people.ban'), icon: 'ban', danger: true, onSelect: () => about('ban') },
  ];
}
