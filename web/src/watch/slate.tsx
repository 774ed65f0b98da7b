import type { ComponentChildren } from 'preact';
import { Logo } from '../ui/logo.tsx';

type Props = {
  kind: 'connecting' | 'nothing' | 'waiting' | 'ended' | 'password';
  title: string;
  text?: string;
  /** The path of a picture. */
  cover?: string | null;
  children?: ComponentChildren;
};

/** What stands where the picture will be, or was. */
export function Slate({ kind, title, text, cover = null, children }: Props) {
  return (
    <main class={`watch-slate watch-slate-${kind}`} data-testid="watch-slate" data-kind={kind}>
      {cover === null ? <Logo /> : <img class="watch-slate-cover" src={cover} alt="" />}
      <div role="status" class="watch-slate-words">
        <h1>{title}</h1>
        {text !== undefined && <p>{text}</p>}
      </div>
      {(kind === 'waiting' || kind === 'connecting' || kind === 'nothing') && (
        <span class="watch-pulse" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      )}
      {children}
    </main>
  );
}
