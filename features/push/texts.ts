import type { PushReason, PushStatus } from './client.ts';

type Key =
  | 'title'
  | 'about'
  | 'none'
  | 'add'
  | 'service'
  | 'other'
  | 'name'
  | 'url'
  | 'url.hint'
  | 'key'
  | 'key.hint'
  | 'key.keep'
  | 'key.ends'
  | 'auto'
  | 'save'
  | 'cancel'
  | 'edit'
  | 'remove'
  | 'remove.sure'
  | 'start'
  | 'stop'
  | 'detail'
  | 'full'
  | `state.${PushStatus['state']}`
  | `reason.${PushReason}`;

type Texts = Record<Key, string>;

/** Here and not in the catalogs of the app: only a host who pushes needs them. */
const en: Texts = {
  title: 'Send on to other services',
  about: 'YouTube, Twitch or any RTMP server gets the stage as soon as you are live.',
  none: 'Nothing is sent on yet.',
  add: 'Add a service',
  service: 'Service',
  other: 'Another RTMP server',
  name: 'Name',
  url: 'Server address',
  'url.hint': 'As the service shows it, without the key.',
  key: 'Stream key',
  'key.hint': 'Kept encrypted on the server, and not shown again.',
  'key.keep': 'Leave it empty to keep the key that is there. Another address needs its key anew.',
  'key.ends': 'key …{end}',
  auto: 'Start when the event goes live',
  save: 'Save',
  cancel: 'Cancel',
  edit: 'Edit',
  remove: 'Remove',
  'remove.sure': 'Remove for good',
  start: 'Start',
  stop: 'Stop',
  detail: 'The service says: {detail}',
  full: 'There are as many as a room may have.',
  'state.idle': 'Off',
  'state.connecting': 'Connecting',
  'state.waiting': 'Ready, nobody on stage is sending',
  'state.live': 'Live',
  'state.retrying': 'Trying again',
  'state.failed': 'Failed',
  'reason.key': 'The service refused the stream key. Copy it again from the service.',
  'reason.app': 'The service does not know this address. Check the part behind the host name.',
  'reason.hangs-up':
    'The service takes the stream and drops it at once. Check the key, and that the stream is set up there.',
  'reason.host': 'There is no server of that name. Check the address.',
  'reason.unreachable': 'The server does not take the connection.',
  'reason.silent': 'The server does not answer in time.',
  'reason.tls': 'The server cannot prove that it is the one of this name: its certificate is not valid.',
  'reason.internal':
    'The address leads into an internal network. Whoever runs this server can allow it (“push.allowed”).',
  'reason.address': 'This is no address of an RTMP server.',
  'reason.protocol': 'What answers at this address is no RTMP server.',
  'reason.busy': 'Somebody is sending with this key already.',
  'reason.dropped': 'The connection was lost.',
  'reason.slow': 'The network to the service does not carry the stream.',
};

const de: Texts = {
  title: 'An andere Dienste senden',
  about: 'YouTube, Twitch oder ein RTMP-Server bekommt die Bühne, sobald Sie live sind.',
  none: 'Noch wird nichts weitergesendet.',
  add: 'Dienst hinzufügen',
  service: 'Dienst',
  other: 'Ein anderer RTMP-Server',
  name: 'Name',
  url: 'Server-Adresse',
  'url.hint': 'So, wie der Dienst sie anzeigt, ohne den Schlüssel.',
  key: 'Streamschlüssel',
  'key.hint': 'Liegt verschlüsselt auf dem Server und wird nicht wieder angezeigt.',
  'key.keep': 'Leer lassen, um den Schlüssel zu behalten. Eine andere Adresse braucht ihren Schlüssel neu.',
  'key.ends': 'Schlüssel …{end}',
  auto: 'Mit dem Event live gehen',
  save: 'Speichern',
  cancel: 'Abbrechen',
  edit: 'Bearbeiten',
  remove: 'Entfernen',
  'remove.sure': 'Endgültig entfernen',
  start: 'Starten',
  stop: 'Beenden',
  detail: 'Der Dienst sagt: {detail}',
  full: 'Mehr davon kann ein Raum nicht haben.',
  'state.idle': 'Aus',
  'state.connecting': 'Verbindet',
  'state.waiting': 'Bereit, auf der Bühne sendet niemand',
  'state.live': 'Live',
  'state.retrying': 'Versucht es erneut',
  'state.failed': 'Fehlgeschlagen',
  'reason.key': 'Der Dienst lehnt den Streamschlüssel ab. Kopieren Sie ihn dort noch einmal.',
  'reason.app': 'Der Dienst kennt diese Adresse nicht. Prüfen Sie den Teil hinter dem Servernamen.',
  'reason.hangs-up':
    'Der Dienst nimmt den Stream an und trennt sofort. Prüfen Sie den Schlüssel, und ob der Stream dort eingerichtet ist.',
  'reason.host': 'Einen Server dieses Namens gibt es nicht. Prüfen Sie die Adresse.',
  'reason.unreachable': 'Der Server nimmt die Verbindung nicht an.',
  'reason.silent': 'Der Server antwortet nicht rechtzeitig.',
  'reason.tls': 'Der Server kann nicht belegen, dass er der dieses Namens ist: Sein Zertifikat ist nicht gültig.',
  'reason.internal':
    'Die Adresse führt in ein internes Netz. Wer diesen Server betreibt, kann das erlauben („push.allowed“).',
  'reason.address': 'Das ist keine Adresse eines RTMP-Servers.',
  'reason.protocol': 'Was unter dieser Adresse antwortet, ist kein RTMP-Server.',
  'reason.busy': 'Mit diesem Schlüssel sendet bereits jemand.',
  'reason.dropped': 'Die Verbindung ist abgebrochen.',
  'reason.slow': 'Das Netz zum Dienst trägt den Stream nicht.',
};

/** The text for a key in the language of the page. */
export function pushText(locale: string, key: Key, params: Readonly<Record<string, string>> = {}): string {
  const text = (locale === 'de' ? de : en)[key];
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
}
