// oxlint-disable no-restricted-imports -- This is what others write.
import { createLocalMedia, join, type RemoteTrack } from '@amphi/client';

const media = createLocalMedia();
await media.open({ camera: true, microphone: true });
const { camera, microphone } = media.state;

const room = new URL(location.href).searchParams.get('room') ?? 'first-call';
const call = await join({ room, name: 'Ann' });
if (camera) await call.publish({ source: 'camera', track: camera });
if (microphone) await call.publish({ source: 'microphone', track: microphone });

const elements = new Map<string, HTMLMediaElement>();
function show(id: string, kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
  const element = elements.get(id) ?? document.body.appendChild(document.createElement(kind));
  elements.set(id, element);
  element.autoplay = true;
  const shown = (element.srcObject as MediaStream | null)?.getTracks()[0];
  if (track && track !== shown) element.srcObject = new MediaStream([track]);
}
function update(track: RemoteTrack): void {
  if (call.members.get(track.memberId)?.tracks.has(track.id)) show(track.id, track.kind, track.mediaTrack);
  else elements.get(track.id)?.remove();
}
if (camera) show('self', 'video', camera);
call.on('track', update);
for (const member of call.members.values()) member.tracks.forEach(update);
