import type { Message } from '../format.ts';
import type { en } from './en.ts';

export const de: Record<keyof typeof en, Message> = {
  title: 'Verbindung prüfen',
  lead: 'Probiert jeden Weg, den Bild und Ton zwischen diesem Browser und {host} nehmen können, einen nach dem anderen, und sagt, was zu tun ist, wo einer versperrt ist. Das dauert etwa 20 Sekunden. Die Kamera wird einmal geöffnet, um zu sehen, ob das erlaubt ist; gesendet wird nur ein Testbild, und nichts wird aufgehoben.',
  start: 'Prüfung starten',
  again: 'Noch einmal prüfen',
  copy: 'Ergebnis kopieren',
  copied: 'Kopiert',
  cure: 'Was zu tun ist',
  back: 'Zur Startseite',
  result: 'Ergebnis der Prüfung',
  picture: 'Das Testbild, zurück vom Server',

  'verdict.running': 'Wird geprüft…',
  'verdict.ok': 'Alles in Ordnung: Gespräche gehen von hier aus.',
  'verdict.detour': 'Gespräche gehen von hier aus, auf einem Umweg.',
  'verdict.limited': 'Gespräche gehen von hier aus, aber etwas stimmt nicht.',
  'verdict.failed': 'Gespräche gehen von hier aus nicht.',
  'verdict.ok.text': 'Bild und Ton nehmen den besten Weg.',
  'verdict.detour.text':
    'Der beste Weg ist versperrt, darum nehmen Bild und Ton einen anderen, mit etwas mehr Verzögerung.',
  'verdict.limited.text': 'Sehen Sie nach, was unten hervorgehoben ist.',
  'verdict.failed.text': 'Das Erste, was unten hervorgehoben ist, muss in Ordnung gebracht werden.',

  'state.waiting': 'wartet',
  'state.running': 'wird geprüft',
  'state.ok': 'in Ordnung',
  'state.warn': 'Hinweis',
  'state.failed': 'geht nicht',
  'state.skipped': 'nicht vorhanden',

  'group.server': 'Zum Server',
  'group.media': 'Bild und Ton, geradewegs zum Medienserver',
  'group.relay': 'Bild und Ton, über das Relay (TURN)',
  'group.device': 'Dieses Gerät',
  'group.quality': 'Qualität',

  'hop.secure': 'Eine sichere Seite',
  'hop.server': 'Der Server antwortet',
  'hop.socket': 'Eine dauernde Verbindung (WebSocket)',
  'hop.address': 'Wo der Medienserver sein soll',
  'hop.udp': 'Medien über UDP',
  'hop.tcp': 'Medien über TCP',
  'hop.turn-udp': 'Relay über UDP',
  'hop.turn-tcp': 'Relay über TCP',
  'hop.turn-tls': 'Relay über TLS',
  'hop.relay': 'Vom Relay zum Medienserver',
  'hop.microphone': 'Mikrofon',
  'hop.camera': 'Kamera',
  'hop.loopback': 'Fünf Sekunden durch den Medienserver und zurück',

  'secure.ok': 'Browser geben Seiten wie dieser die Kamera.',
  'secure.failed': 'Browser geben dieser Seite weder Kamera noch Mikrofon, weil sie nicht sicher ist.',
  'secure.cure':
    'Öffnen Sie sie mit https:// (der Server macht ein eigenes Zertifikat, wenn er mit --host 0.0.0.0 gestartet wird), oder als localhost auf dem Server selbst.',
  'server.ok': 'Er hat in {ms} ms geantwortet.',
  'server.failed': 'Der Server hat nicht getan, was diese Prüfung braucht: {reason}',
  'server.cure':
    'Sehen Sie nach, ob er läuft und ob die Adresse stimmt; auf dem Server sagt „npm run doctor“, was nicht stimmt.',
  'socket.ok': 'Eine Nachricht und ihre Antwort brauchen {ms} ms.',
  'socket.warn': 'WebSockets kommen nicht durch. Nachrichten gehen als einzelne Anfragen, was langsamer ist.',
  'socket.failed': 'Der Server ließ keine Sitzung beginnen: {reason}',
  'socket.cure':
    'Etwas dazwischen lässt WebSockets nicht durch: Lassen Sie den Proxy die Kopfzeilen Upgrade und Connection für /socket.io/ weitergeben, wie docs/deploy.md es für nginx und Caddy zeigt.',
  'address.ok': '{addresses}',
  'address.wrong': 'Der Server sagt {addresses}, und dort war nichts zu erreichen.',
  'address.cure':
    'Ist das nicht die Adresse, unter der dieses Netz den Server erreicht, setzen Sie „media.announced“ auf die richtige (hinter NAT die öffentliche). Ist sie es, öffnen Sie die unten genannten Medienports.',
  'udp.ok': 'Verbunden in {ms} ms; ein Paket braucht hin und zurück {rtt} ms.',
  'udp.failed': 'Kein UDP kommt zu {where} und zurück.',
  'udp.cure':
    'In diesem Netz: ausgehendes UDP zu {where} erlauben. Auf dem Server: diesen Port für UDP in der Firewall öffnen und bei NAT weiterleiten. Bis dahin nehmen Gespräche TCP oder das Relay, mit mehr Verzögerung.',
  'tcp.ok': 'Verbunden in {ms} ms; ein Paket braucht hin und zurück {rtt} ms.',
  'tcp.failed': 'Keine TCP-Verbindung zu {where} kommt zustande.',
  'tcp.cure':
    'In diesem Netz: ausgehendes TCP zu {where} erlauben. Auf dem Server: diesen Port auch für TCP öffnen. Netze, die UDP sperren, brauchen ihn.',
  'turn.none': 'Dieser Server hat kein Relay für diesen Weg.',
  'turn.none.cure':
    'Für Netze, die wenig durchlassen: coturn auf dem Server installieren und ihn neu starten, oder mit „turn.urls“ ein Relay nennen. TLS braucht ein Zertifikat.',
  'turn.ok': '{url} gab die Adresse {address} in {ms} ms.',
  'turn.failed': '{url} gab keine Adresse{why}.',
  'turn.why.none': ' und antwortete nicht',
  'turn.why.unreachable': ': nicht erreicht',
  'turn.why.refused': ': die Zugangsdaten wurden abgelehnt ({code})',
  'turn.why.full': ': keine Adresse mehr frei ({code})',
  'turn.why.other': ' ({code})',
  'turn.cure.closed': 'Erlauben Sie {what} aus diesem Netz, und öffnen Sie es auf dem Server; der Port ist {port}.',
  'turn.cure.tls':
    'Erlauben Sie TCP zu Port {port}, und sorgen Sie dafür, dass das Relay ein Zertifikat hat, dem Browser für {host} trauen („turn.cert“, „turn.host“). Auf Port 443 („turn.tlsPort“) kommt es durch fast jede Firewall.',
  'turn.cure.refused':
    'Die Uhren von Server und Relay gehen verschieden, oder „turn.secret“ ist nicht das Geheimnis dieses Relays: Berichtigen Sie das eine oder das andere.',
  'turn.cure.full': 'Erhöhen Sie „turn.maxPort“ oder „turn.allocationsPerMember“, oder versuchen Sie es später.',
  'relay.ok': 'Über das Relay ist der Medienserver in {ms} ms zu erreichen.',
  'relay.skipped': 'Kein Relay gab eine Adresse, darum war das nicht zu prüfen.',
  'relay.failed': 'Das Relay geht, erreicht aber den Medienserver unter {where} nicht.',
  'relay.cure':
    'Das Relay muss dorthin senden dürfen: Ein eigenes darf es von selbst („media.announced“ muss stimmen), ein fremdes braucht allowed-peer-ip dafür.',
  'device.ok': 'Erlaubt: {label}.',
  'device.failed': 'Nicht zu benutzen.',
  'loopback.ok': '{sent} hin, {received} zurück, {loss} % verloren, {rtt} ms hin und zurück.',
  'loopback.estimate': ' Hin gingen etwa {estimate}.',
  'loopback.lossy': 'Pakete gehen verloren: {sent} hin, {received} zurück, {loss} % verloren, {rtt} ms hin und zurück.',
  'loopback.slow': 'Wenig kommt durch: {sent} hin, {received} zurück, {loss} % verloren, {rtt} ms hin und zurück.',
  'loopback.late': 'Es dauert lange: {sent} hin, {received} zurück, {loss} % verloren, {rtt} ms hin und zurück.',
  'loopback.failed': 'Das Testbild kam nicht zurück: {reason}',
  'loopback.no-picture': 'Nichts ist angekommen.',
  'loopback.skipped': 'Kein Weg zum Medienserver ist offen, darum war nichts zu messen.',
  'loopback.cure.lossy':
    'Gehen Sie näher ans WLAN oder nehmen Sie ein Kabel, und beenden Sie Downloads; bleibt es so, ist der Anschluss des Servers oder der Weg dorthin überlastet.',
  'loopback.cure.slow':
    'Beenden Sie, was diesen Anschluss sonst benutzt. Gespräche passen sich an: Der Ton geht vor, Bilder werden kleiner. Einem Server mit wenig Bandbreite hilft ein kleineres „media.cameraMaxBitrate“.',
  'loopback.cure.late': 'Nehmen Sie einen näheren Server oder ein Netz ohne VPN; sonst fällt man einander ins Wort.',
  'loopback.cure.failed': 'Bringen Sie zuerst die oben hervorgehobenen Wege in Ordnung, dann prüfen Sie noch einmal.',

  kilobits: '{n} kbit/s',
  megabits: '{n} Mbit/s',
};
