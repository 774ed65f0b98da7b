import type { ChatText } from './chat/view.tsx';
import type { LiveText } from './live/view.tsx';
import type { RecordingText } from './recording/view.tsx';

/** The keys of all texts that features show; the web app's catalogs must have them. */
export type FeatureText = ChatText | LiveText | RecordingText;

/** One line for each feature that has a view: its button (an icon and the key of its name) and what fetches it. */
export const featureViews = [
  { id: 'chat', icon: 'chat', label: 'call.chat', load: async () => (await import('./chat/view.tsx')).createChatView },
  { id: 'live', icon: 'live', label: 'call.live', load: async () => (await import('./live/view.tsx')).createLiveView },
  {
    id: 'recording',
    icon: 'record',
    label: 'call.recording',
    load: async () => (await import('./recording/view.tsx')).createRecordingView,
  },
] as const;
