import { t } from '../../i18n/index.ts';
import { isOn, type Person } from '../../state/people.ts';
import { useCall } from '../../state/use-call.ts';
import { Icon } from '../../ui/icon.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Avatar } from '../avatar.tsx';
import { PathBadge } from '../path-badge.tsx';
import { QualityIcon } from '../quality.tsx';
import { personItems } from './person-menu.ts';

/** One person of the list: who it is, how things stand, and a menu for those who moderate. */
export function PersonRow({ person }: { person: Person }) {
  const context = useCall();
  const note = person.self ? t('people.you') : person.presence === 'reconnecting' ? t('people.reconnecting') : null;
  const items = context.store.may('moderate') ? personItems(person, context) : [];
  return (
    <li class="person" data-testid="person" data-name={person.name} data-role={person.role}>
      <Avatar name={person.name} small />
      <span class="person-name">
        <span class="person-text">{person.name}</span>
        <small>
          {note !== null && <span>{note}</span>}
          {person.role !== 'speaker' && (
            <span class={`role role-${person.role}`}>
              {(person.role === 'host' || person.role === 'cohost') && <Icon name="shield" size={14} />}
              {t(`role.${person.role}`)}
            </span>
          )}
        </small>
      </span>
      {!person.self && <PathBadge path={person.path} />}
      {person.quality !== undefined && <QualityIcon quality={person.quality} />}
      {person.role !== 'viewer' && (
        <>
          <TrackState person={person} source="microphone" />
          <TrackState person={person} source="camera" />
        </>
      )}
      {items.length > 0 && (
        <Menu
          floating
          icon="more"
          label={t('people.menu', { name: person.name })}
          class="icon-button-quiet person-menu"
          items={items}
        />
      )}
    </li>
  );
}

function TrackState({ person, source }: { person: Person; source: 'microphone' | 'camera' }) {
  const on = isOn(person, source);
  const text = t(`people.${source}.${on ? 'on' : 'off'}`);
  const icon = source === 'camera' ? 'camera' : 'mic';
  return (
    <span class={`track-state ${on ? '' : 'track-off'}`} role="img" aria-label={text} title={text}>
      <Icon name={on ? icon : `${icon}-off`} size={18} />
    </span>
  );
}
