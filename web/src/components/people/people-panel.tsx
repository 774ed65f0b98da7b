import { t } from '../../i18n/index.ts';
import { useCall } from '../../state/use-call.ts';
import { Button } from '../../ui/button.tsx';
import { LobbySection } from './lobby-section.tsx';
import { PersonRow } from './person-row.tsx';

/** Who is in the room and who waits to come in, with what may be done about them. */
export function PeoplePanel() {
  const { store, panels } = useCall();
  const people = store.people.value;
  const audience = people.filter(({ role }) => role === 'viewer');
  const stage = people.filter(({ role }) => role !== 'viewer');
  return (
    <div class="people">
      {store.may('moderate') && <Moderators />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div class="people-scroll" tabIndex={0} role="region" aria-label={t('people.title')}>
        {store.may('admit') && store.waiting.value.length > 0 && <LobbySection people={store.waiting.value} />}
        {audience.length > 0 && stage.length > 0 && <h3 class="people-heading">{t('people.in-room')}</h3>}
        <ul class="people-list">
          {stage.map((person) => (
            <PersonRow key={person.id} person={person} />
          ))}
        </ul>
        {audience.length > 0 && (
          <>
            <h3 class="people-heading">{t('people.audience')}</h3>
            <ul class="people-list">
              {audience.map((person) => (
                <PersonRow key={person.id} person={person} />
              ))}
            </ul>
          </>
        )}
      </div>
      <Button icon="invite" onClick={() => (panels.dialog.value = 'invite')}>
        {t('call.invite')}
      </Button>
    </div>
  );
}

/** What concerns everybody at once. */
function Moderators() {
  const { panels, moderate } = useCall();
  return (
    <div class="people-moderate">
      <Button icon="mic-off" onClick={() => void moderate.muteAll()}>
        {t('host.mute-all')}
      </Button>
      <Button icon="settings" onClick={() => (panels.dialog.value = 'room')}>
        {t('people.settings')}
      </Button>
    </div>
  );
}
