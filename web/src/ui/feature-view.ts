import type { Call } from '@amphi/client';
import type { ReadonlySignal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** What shows the stage as an audience sees it. */
export type StagePreviewProps = { call: Call; layout: 'speaker' | 'grid' | 'beside' | 'solo' };

/** What the web app gives a feature's view. `Text` are the keys of the texts that the feature shows. */
export type FeatureContext<Text extends string = string> = {
  call: Call;
  /** The text for a key in the language of the page; a component that calls it renders again when that changes. */
  text: (key: Text, params?: Readonly<Record<string, string | number>>) => string;
  /** The language of the page as a BCP 47 tag. */
  locale: () => string;
  /** What to tell the person about an error. */
  errorText: (error: unknown) => string;
  /** Says something in passing. */
  notify: (text: string) => void;
  /** Fetches what shows the stage as an audience sees it, where there is a place for that. */
  stagePreview?: () => Promise<ComponentType<StagePreviewProps>>;
};

/** A feature's view in one call. */
export type FeatureInstance = {
  /** What happened while the panel was closed, as the number on its button. */
  unread: ReadonlySignal<number>;
  Panel: ComponentType;
  /** What has to be seen as long as it lasts, whether the panel is open or not. */
  Banner?: ComponentType;
  /** The panel was opened or closed. */
  setOpen: (open: boolean) => void;
  close: () => void;
};

/** A feature as the call page lists it: a button in the toolbar and a panel beside the stage. */
export type FeatureView<Text extends string = string> = {
  id: string;
  /** The name of an icon of the web app. */
  icon: string;
  /** The key of the button's name. */
  label: string;
  load: () => Promise<(context: FeatureContext<Text>) => FeatureInstance>;
};
