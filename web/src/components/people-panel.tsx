import { t } from '../i18n/index.ts';
import { isOn, type Person } from '../state/people.ts';
import { useCall } from '../state/use-call.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Avatar } from './avatar.tsx';
import { PathBadge } from './path-badge.tsx';
import { QualityIcon } from './quality.tsx';

/** Who is in the room. */
export function PeoplePanel() {
  const { store, panels } = useCall();
  return (
    <div class="people">
      <ul class="people-list">
        {store.people.value.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
      <Button icon="invite" onClick={() => (panels.dialog.value = 'invite')}>
        {t('call.invite')}
      </Button>
    </div>
  );
}

function PersonRow({ person }: { person: Person }) {
  const note = person.self ? t('people.you') : person.presence === 'reconnecting' ? t('people.reconnecting') : null;
  return (
    <li class="person">
      <Avatar name={person.name} small />
      <span class="person-name">
        <span class="person-text">{person.name}</span>
        {note !== null && <small>{note}</small>}
      </span>
      {!person.self && <PathBadge path={person.path} />}
      {person.quality !== undefined && <QualityIcon quality={person.quality} />}
      <TrackState person={person} source="microphone" />
      <TrackState person={person} source="camera" />
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
