import type { Call, CallEnd, LocalMedia, LocalMediaState } from '@amphi/client';
import { computed, effect } from '@preact/signals';
import { helpSteps } from '../device-help.ts';
import { errorText } from '../errors.ts';
import { locale, t } from '../i18n/index.ts';
import { createAudioOut } from '../media/audio-out.ts';
import { createViewBook } from '../media/view-book.ts';
import { toast } from '../ui/toasts.tsx';
import { createCallStore } from './call-store.ts';
import { createDevices, type DeviceNews } from './devices.ts';
import { openFeatures } from './features.ts';
import { createLayoutState } from './layout-state.ts';
import { localSignal } from './local.ts';
import { createModerate } from './moderate.ts';
import { createPanels } from './panels.ts';
import { createPip } from './pip.ts';
import { createScreenShare } from './screen-share.ts';
import { tellAccess } from './tell-access.ts';
import { tellNews, warnWhenMutedAndTalking } from './tell.ts';
import type { CallContext } from './use-call.ts';
import { keepSpeakersWarm, playEverybody } from './wire-media.ts';

type Options = {
  room: string;
  call: Call;
  local: LocalMedia;
  microphone: boolean;
  camera: boolean;
  onEnded: (end: CallEnd) => void;
};

/** Builds all that the call page works on; `close` takes it down again and leaves the call itself alone. */
export function createCallSession({ room, call, local, microphone, camera, onEnded }: Options) {
  const store = createCallStore(call);
  let closed = false;
  const localState = localSignal(local);
  const devices = createDevices({
    call,
    local,
    microphone,
    camera,
    onNews: (news) => tellDeviceNews(news, local.state),
  });
  const share = createScreenShare(call, local, (error) =>
    toast(t('toast.share-failed', { reason: errorText(error) }), { urgent: true, icon: 'warning' }),
  );
  const layout = createLayoutState(store);
  const views = createViewBook();
  const audio = createAudioOut();
  const featured = computed(() => {
    const cameras = layout.tiles.value.filter((tile) => !tile.person.self && tile.video?.muted === false);
    const wanted = [...layout.stage.value, store.dominantId.value];
    return (cameras.find((tile) => wanted.includes(tile.key)) ?? cameras[0])?.video;
  });
  const pip = createPip(featured, views);
  const features = openFeatures({
    call,
    locale,
    errorText,
    notify: (text) => toast(text, { icon: 'chat' }),
  });

  const panels = createPanels();
  const ends = [
    playEverybody(store, audio),
    keepSpeakersWarm(store, layout, views),
    effect(() => audio.setSpeaker(localState.state.value.speakerId)),
    tellNews(store),
    warnWhenMutedAndTalking(local, devices),
    tellAccess(call),
    call.on('asked', (asked) => {
      const isOn = asked.source === 'microphone' ? devices.microphoneOn.value : devices.cameraOn.value;
      if (!isOn) panels.asked.value = asked;
    }),
    share.close,
    call.on('ended', onEnded),
  ];

  const context: CallContext = {
    room,
    call,
    local,
    localState: localState.state,
    store,
    devices,
    share,
    layout,
    panels,
    views,
    audio,
    pip,
    features: features.list,
    moderate: createModerate(call),
    leave: () => {
      // Who could end the call for all is asked, unless nobody else is there.
      if (panels.dialog.value !== 'leave' && call.may('end') && call.members.size > 0) {
        panels.dialog.value = 'leave';
        return;
      }
      // Not waited for: whoever leaves is gone at once, also when the server does not answer.
      onEnded({ reason: 'left', message: '' });
      void call.leave().catch(() => undefined);
    },
  };

  return {
    context,
    /** Idempotent. */
    close(): void {
      if (closed) return;
      closed = true;
      for (const end of ends) end();
      void pip.stop();
      void share.stop();
      features.close();
      devices.close();
      audio.close();
      localState.close();
      store.close();
    },
  };
}

function tellDeviceNews(news: DeviceNews, state: LocalMediaState): void {
  if (news.kind === 'unplugged') toast(t(`toast.unplugged.${news.device}`), { urgent: true, icon: 'warning' });
  else if (news.kind === 'switched') {
    const icon = news.device === 'camera' ? 'camera' : 'mic';
    toast(t(`toast.switched.${news.device}`, { label: news.label }), { icon });
  } else if (news.kind === 'problem') {
    const problem = news.device === 'camera' ? state.cameraProblem : state.microphoneProblem;
    const steps = problem === null ? [] : helpSteps(problem);
    toast([`${t(`problem.${news.device}`)}.`, ...steps].join(' '), { urgent: true, icon: 'warning' });
  } else if (news.kind === 'no-right') toast(t(`no-right.${news.device}`), { icon: 'ban' });
  else toast(t('toast.failed', { reason: errorText(news.error) }), { urgent: true, icon: 'warning' });
}
