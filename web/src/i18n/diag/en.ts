import type { Message } from '../format.ts';

/** The words of the connection check, which come with its page. */
export const en = {
  title: 'Connection check',
  lead: 'Tries every way that sound and pictures can take between this browser and {host}, one by one, and says what to do where one is closed. It takes about 20 seconds. The camera is opened once to see whether it may be; nothing is sent but a test picture, and nothing is kept.',
  start: 'Start the check',
  again: 'Check again',
  copy: 'Copy the result',
  copied: 'Copied',
  cure: 'What to do',
  back: 'To the start page',
  result: 'Result of the check',
  picture: 'The test picture, back from the server',

  'verdict.running': 'Checking…',
  'verdict.ok': 'All is well: calls work from here.',
  'verdict.detour': 'Calls work from here, by a detour.',
  'verdict.limited': 'Calls work from here, with something amiss.',
  'verdict.failed': 'Calls do not work from here.',
  'verdict.ok.text': 'Sound and pictures take the best way.',
  'verdict.detour.text': 'The best way is closed, so sound and pictures take another, with somewhat more delay.',
  'verdict.limited.text': 'Look at what is marked below.',
  'verdict.failed.text': 'The first thing marked below is the one to mend.',

  'state.waiting': 'waiting',
  'state.running': 'checking',
  'state.ok': 'fine',
  'state.warn': 'take note',
  'state.failed': 'does not work',
  'state.skipped': 'not there',

  'group.server': 'To the server',
  'group.media': 'Sound and pictures, straight to the media server',
  'group.relay': 'Sound and pictures, through the relay (TURN)',
  'group.device': 'This device',
  'group.quality': 'Quality',

  'hop.secure': 'A secure page',
  'hop.server': 'The server answers',
  'hop.socket': 'A lasting connection (WebSocket)',
  'hop.address': 'Where the media server is said to be',
  'hop.udp': 'Media over UDP',
  'hop.tcp': 'Media over TCP',
  'hop.turn-udp': 'Relay over UDP',
  'hop.turn-tcp': 'Relay over TCP',
  'hop.turn-tls': 'Relay over TLS',
  'hop.relay': 'From the relay to the media server',
  'hop.microphone': 'Microphone',
  'hop.camera': 'Camera',
  'hop.loopback': 'Five seconds through the media server and back',

  'secure.ok': 'Browsers give pages like this one the camera.',
  'secure.failed': 'Browsers give this page no camera and no microphone, since it is not secure.',
  'secure.cure':
    'Open it with https:// (the server makes a certificate of its own when started with --host 0.0.0.0), or as localhost on the server itself.',
  'server.ok': 'It answered in {ms} ms.',
  'server.failed': 'The server did not do what this check needs: {reason}',
  'server.cure':
    'See whether it runs and whether the address is right; on the server, "npm run doctor" says what is wrong.',
  'socket.ok': 'A message and its answer take {ms} ms.',
  'socket.warn': 'WebSockets do not get through. Messages go by single requests, which is slower.',
  'socket.failed': 'The server let no session begin: {reason}',
  'socket.cure':
    'Something in between does not pass WebSockets: let the proxy pass the headers Upgrade and Connection for /socket.io/, as docs/deploy.md shows for nginx and Caddy.',
  'address.ok': '{addresses}',
  'address.wrong': 'The server says {addresses}, and nothing could be reached there.',
  'address.cure':
    'If that is not the address that this network reaches the server at, set "media.announced" to the one that is (the public one, behind NAT). If it is, open the media ports named below.',
  'udp.ok': 'Connected in {ms} ms; a packet there and back takes {rtt} ms.',
  'udp.failed': 'No UDP gets to {where} and back.',
  'udp.cure':
    'In this network: allow outgoing UDP to {where}. On the server: open that port for UDP in the firewall, and forward it where there is NAT. Until then calls take TCP or the relay, with more delay.',
  'tcp.ok': 'Connected in {ms} ms; a packet there and back takes {rtt} ms.',
  'tcp.failed': 'No TCP connection to {where} comes about.',
  'tcp.cure':
    'In this network: allow outgoing TCP to {where}. On the server: open that port for TCP too. It is what networks that block UDP need.',
  'turn.none': 'This server has no relay for this way.',
  'turn.none.cure':
    'For networks that let little through: install coturn on the server and start it again, or name a relay with "turn.urls". TLS needs a certificate.',
  'turn.ok': '{url} gave the address {address} in {ms} ms.',
  'turn.failed': '{url} gave no address{why}.',
  'turn.why.none': ', and did not answer',
  'turn.why.unreachable': ': it was not reached',
  'turn.why.refused': ': it refused the credentials ({code})',
  'turn.why.full': ': it has no address left ({code})',
  'turn.why.other': ' ({code})',
  'turn.cure.closed': 'Allow {what} from this network, and open it on the server; the port is {port}.',
  'turn.cure.tls':
    'Allow TCP to port {port}, and see that the relay has a certificate which browsers trust for {host} ("turn.cert", "turn.host"). On port 443 ("turn.tlsPort") it gets through nearly every firewall.',
  'turn.cure.refused':
    'The clocks of server and relay differ, or "turn.secret" is not the secret of that relay: correct the one or the other.',
  'turn.cure.full': 'Raise "turn.maxPort" or "turn.allocationsPerMember", or try again later.',
  'relay.ok': 'Media reaches the media server through the relay in {ms} ms.',
  'relay.skipped': 'No relay gave an address, so this could not be tried.',
  'relay.failed': 'The relay works, and does not reach the media server at {where}.',
  'relay.cure':
    'The relay must be allowed to send to that address: an own one is by itself ("media.announced" has to be right), an external one needs allowed-peer-ip for it.',
  'device.ok': 'Allowed: {label}.',
  'device.failed': 'It cannot be used.',
  'loopback.ok': '{sent} up, {received} back, {loss} % lost, {rtt} ms there and back.',
  'loopback.estimate': ' The way up would carry about {estimate}.',
  'loopback.lossy': 'Packets get lost: {sent} up, {received} back, {loss} % lost, {rtt} ms there and back.',
  'loopback.slow': 'Little gets through: {sent} up, {received} back, {loss} % lost, {rtt} ms there and back.',
  'loopback.late': 'It takes long: {sent} up, {received} back, {loss} % lost, {rtt} ms there and back.',
  'loopback.failed': 'The test picture did not come back: {reason}',
  'loopback.no-picture': 'nothing arrived.',
  'loopback.skipped': 'No way to the media server is open, so there was nothing to measure.',
  'loopback.cure.lossy':
    'Go nearer to the Wi-Fi or use a cable, and end downloads; if it stays, the connection of the server or the way there is overloaded.',
  'loopback.cure.slow':
    'End what else uses this connection. Calls adapt: sound goes first, and pictures get smaller. A server with little upload is cured by a lower "media.cameraMaxBitrate".',
  'loopback.cure.late': 'Use a server that is nearer, or a network without VPN; people will talk over each other.',
  'loopback.cure.failed': 'Mend the ways marked above first, then check again.',

  kilobits: '{n} kbit/s',
  megabits: '{n} Mbit/s',
} as const satisfies Record<string, Message>;
