import type { Call, LocalMedia, LocalMediaState } from '@amphi/client';
import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { AudioOut } from '../media/audio-out.ts';
import type { ViewBook } from '../media/view-book.ts';
import type { CallStore } from './call-store.ts';
import type { Devices } from './devices.ts';
import type { OpenFeature } from './features.ts';
import type { LayoutState } from './layout-state.ts';
import type { Moderate } from './moderate.ts';
import type { Panels } from './panels.ts';
import type { Pip } from './pip.ts';
import type { ScreenShare } from './screen-share.ts';

/** All that the parts of the call page work on. */
export type CallContext = {
  room: string;
  call: Call;
  local: LocalMedia;
  localState: ReadonlySignal<LocalMediaState>;
  store: CallStore;
  devices: Devices;
  share: ScreenShare;
  layout: LayoutState;
  panels: Panels;
  views: ViewBook;
  audio: AudioOut;
  pip: Pip;
  features: ReadonlySignal<readonly OpenFeature[]>;
  /** What moderators and hosts do, with what fails told. */
  moderate: Moderate;
  leave: () => void;
};

export const CallContextProvider = createContext<CallContext | null>(null);

/** The call that the component is part of. */
export function useCall(): CallContext {
  const context = useContext(CallContextProvider);
  if (context === null) throw new Error('This component belongs on the call page: put it inside CallPage.');
  return context;
}
