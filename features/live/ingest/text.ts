import type { RefusedProgram } from '../../ingest/client.ts';
import type { ProblemKind } from '../../ingest/rules.ts';

/** Texts of the ingest page. They are fetched with it, so that a call does not carry them. */
const en = {
  open: 'What arrives?',
  close: 'Close',
  title: 'What arrives on the server',
  about: 'Measured on the server, now. Key frames take some seconds to be known.',
  none: 'Nobody on stage sends anything.',
  good: 'Nothing is wrong with this.',
  muted: 'Muted.',
  program: 'by a program',
  codec: 'Codec',
  size: 'Picture',
  rate: 'Pictures a second',
  'key-frames': 'Key frame every',
  bitrate: 'Bitrate',
  loss: 'Packets lost',
  'round-trip': 'Round trip',
  channels: 'Channels',
  unknown: 'not known yet',
  level: 'level {level}',
  seconds: '{seconds} s',
  failed: 'That cannot be told now. {reason}',
  'source.camera': 'Picture',
  'source.microphone': 'Sound',
  'source.screen': 'Screen',
  'source.screen-audio': 'Sound of the screen',
  'problem.nothing': 'Nothing arrives. Is the stream started, and does a firewall block UDP to this server?',
  'problem.key-frames':
    'Your key-frame interval is {seconds} s, and whoever comes waits that long for a picture: set Keyframe Interval to 2 s under Settings → Output → Streaming.',
  'problem.b-frames':
    'The stream has B-frames, which WebRTC cannot show in order: set bf=0, or Max B-frames to 0, under Settings → Output → Streaming.',
  'problem.no-core':
    'The stream has B-frames, or a profile of H.264 that browsers cannot decode. The server would encode the picture anew, but has no core free for it now, so it may jump or stay black: set Max B-frames to 0 and Profile to high, main or baseline, under Settings → Output → Streaming.',
  'problem.no-ffmpeg':
    'The stream has B-frames, or a profile of H.264 that browsers cannot decode, and the server has no ffmpeg that could encode the picture anew, so it may jump or stay black: set Max B-frames to 0 and Profile to high, main or baseline, under Settings → Output → Streaming.',
  'problem.encoded':
    'The stream has B-frames, or a profile of H.264 that browsers cannot decode: the server encodes the picture anew, which costs it computing time and the picture some delay. To spare that set Max B-frames to 0 and Profile to high, main or baseline, under Settings → Output → Streaming.',
  'problem.profile':
    'Browsers cannot decode this profile of H.264 ({profile}): set Profile to high, main or baseline, and the colour format to NV12 under Settings → Advanced.',
  'problem.transcode':
    'For HLS and RTMP the server has to convert {codec}, which costs it a core: choose an H.264 encoder under Settings → Output → Streaming.',
  'problem.slow':
    'Only {rate} pictures a second arrive: the computer may be too slow. Choose a faster preset, or a smaller Output Resolution under Settings → Video.',
  'problem.thin':
    '{kbps} kbit/s are little for {height} lines: give it {needed} or more under Settings → Output → Streaming → Bitrate, or send a smaller picture.',
  'problem.fat':
    '{kbps} kbit/s are more than many viewers can receive: 2500 to 6000 are usual, under Settings → Output → Streaming → Bitrate.',
  'problem.loss':
    '{percent} % of the packets get lost on the way here: use a cable instead of Wi-Fi, or lower the bitrate.',
  'problem.far': 'The way here and back takes {ms} ms. That cannot be helped by settings: try another network.',
  'problem.quiet':
    'There is no sound in the stream: look at the Audio Mixer, and at Audio Track under Settings → Output.',
  refused: 'refused {seconds} s ago ({protocol})',
  'refused.picture-codec':
    'The picture is {detail}, and by RTMP and SRT only H.264 is taken: choose an H.264 encoder under Settings → Output → Streaming → Video Encoder.',
  'refused.sound-codec':
    'The sound is {detail}, and by RTMP and SRT only AAC is taken: choose an AAC encoder under Settings → Output → Streaming → Audio Encoder.',
  'refused.damaged': 'The stream is damaged ({detail}): start it again, or choose another encoder.',
  'refused.no-h264':
    'This server is set up without H.264, which is what it takes by RTMP and SRT: whoever runs it can enable it (media.codecs), or publish by WHIP.',
  'refused.passphrase':
    'It came by SRT with this key, and with a passphrase that is not the key’s: copy the whole SRT address of the key once more.',
} as const satisfies Record<string, string> &
  Record<`problem.${ProblemKind}` | `refused.${RefusedProgram['refusal']}`, string>;

export type IngestText = keyof typeof en;

const de: Record<IngestText, string> = {
  open: 'Was kommt an?',
  close: 'Schließen',
  title: 'Was beim Server ankommt',
  about: 'Auf dem Server gemessen, jetzt. Bis der Abstand der Keyframes bekannt ist, dauert es einige Sekunden.',
  none: 'Niemand auf der Bühne sendet etwas.',
  good: 'Daran ist nichts auszusetzen.',
  muted: 'Stummgeschaltet.',
  program: 'von einem Programm',
  codec: 'Codec',
  size: 'Bild',
  rate: 'Bilder pro Sekunde',
  'key-frames': 'Keyframe alle',
  bitrate: 'Bitrate',
  loss: 'Verlorene Pakete',
  'round-trip': 'Hin und zurück',
  channels: 'Kanäle',
  unknown: 'noch nicht bekannt',
  level: 'Level {level}',
  seconds: '{seconds} s',
  failed: 'Das lässt sich gerade nicht sagen. {reason}',
  'source.camera': 'Bild',
  'source.microphone': 'Ton',
  'source.screen': 'Bildschirm',
  'source.screen-audio': 'Ton des Bildschirms',
  'problem.nothing': 'Es kommt nichts an. Läuft der Stream, und sperrt eine Firewall UDP zu diesem Server?',
  'problem.key-frames':
    'Der Keyframe-Abstand ist {seconds} s, und so lange wartet auf ein Bild, wer dazukommt: Keyframeintervall auf 2 s stellen, unter Einstellungen → Ausgabe → Streamen.',
  'problem.b-frames':
    'Der Stream hat B-Frames, die WebRTC nicht in der richtigen Reihenfolge zeigen kann: bf=0 oder maximale B-Frames 0 einstellen, unter Einstellungen → Ausgabe → Streamen.',
  'problem.no-core':
    'Der Stream hat B-Frames oder ein H.264-Profil, das Browser nicht dekodieren. Der Server würde das Bild neu encodieren, hat dafür aber gerade keinen Kern frei, darum kann es springen oder schwarz bleiben: maximale B-Frames 0 und Profil high, main oder baseline einstellen, unter Einstellungen → Ausgabe → Streamen.',
  'problem.no-ffmpeg':
    'Der Stream hat B-Frames oder ein H.264-Profil, das Browser nicht dekodieren, und der Server hat kein ffmpeg, das das Bild neu encodieren könnte, darum kann es springen oder schwarz bleiben: maximale B-Frames 0 und Profil high, main oder baseline einstellen, unter Einstellungen → Ausgabe → Streamen.',
  'problem.encoded':
    'Der Stream hat B-Frames oder ein H.264-Profil, das Browser nicht dekodieren: Der Server encodiert das Bild neu, was ihn Rechenzeit und das Bild etwas Verzögerung kostet. Maximale B-Frames 0 und Profil high, main oder baseline ersparen das, unter Einstellungen → Ausgabe → Streamen.',
  'problem.profile':
    'Browser können dieses H.264-Profil ({profile}) nicht dekodieren: Profil high, main oder baseline wählen, und das Farbformat NV12 unter Einstellungen → Erweitert.',
  'problem.transcode':
    'Für HLS und RTMP muss der Server {codec} umwandeln, was ihn einen Kern kostet: einen H.264-Encoder wählen, unter Einstellungen → Ausgabe → Streamen.',
  'problem.slow':
    'Nur {rate} Bilder pro Sekunde kommen an: der Rechner ist vielleicht zu langsam. Ein schnelleres Preset wählen oder eine kleinere Ausgabeauflösung unter Einstellungen → Video.',
  'problem.thin':
    '{kbps} kbit/s sind wenig für {height} Zeilen: {needed} oder mehr einstellen, unter Einstellungen → Ausgabe → Streamen → Bitrate, oder ein kleineres Bild senden.',
  'problem.fat':
    '{kbps} kbit/s sind mehr, als viele Zuschauer empfangen können: üblich sind 2500 bis 6000, unter Einstellungen → Ausgabe → Streamen → Bitrate.',
  'problem.loss':
    '{percent} % der Pakete gehen auf dem Weg hierher verloren: Kabel statt WLAN benutzen oder die Bitrate senken.',
  'problem.far':
    'Der Weg hierher und zurück dauert {ms} ms. Daran ändern Einstellungen nichts: ein anderes Netz versuchen.',
  'problem.quiet':
    'Im Stream ist kein Ton: im Audiomixer nachsehen, und bei der Tonspur unter Einstellungen → Ausgabe.',
  refused: 'vor {seconds} s abgewiesen ({protocol})',
  'refused.picture-codec':
    'Das Bild ist {detail}, und über RTMP und SRT wird nur H.264 angenommen: einen H.264-Encoder wählen, unter Einstellungen → Ausgabe → Streamen → Videoencoder.',
  'refused.sound-codec':
    'Der Ton ist {detail}, und über RTMP und SRT wird nur AAC angenommen: einen AAC-Encoder wählen, unter Einstellungen → Ausgabe → Streamen → Audioencoder.',
  'refused.damaged': 'Der Stream ist beschädigt ({detail}): neu starten oder einen anderen Encoder wählen.',
  'refused.no-h264':
    'Dieser Server ist ohne H.264 eingerichtet, das er über RTMP und SRT annimmt: Wer ihn betreibt, kann es einschalten (media.codecs), oder es wird über WHIP gesendet.',
  'refused.passphrase':
    'Es kam über SRT mit diesem Schlüssel, aber mit einer Passphrase, die nicht zu ihm gehört: die ganze SRT-Adresse des Schlüssels noch einmal kopieren.',
};

/** The text for a key, in German for a German page, else in English. */
export function ingestText(locale: string, key: IngestText, params: Readonly<Record<string, string | number>> = {}) {
  const text: string = (locale.startsWith('de') ? de : en)[key];
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
