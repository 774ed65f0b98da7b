import type { ChatText } from './chat/view.tsx';

/** The keys of all texts that features show; the web app's catalogs must have them. */
export type FeatureText = ChatText;

/** One line for each feature that has a view: its button (an icon and the key of its name) and what fetches it. */
export const featureViews = [
  { id: 'chat', icon: 'chat', label: 'call.chat', load: async () => (await import('./chat/view.tsx')).createChatView },
] as const;
