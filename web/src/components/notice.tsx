import type { ComponentChildren } from 'preact';
import { Logo } from '../ui/logo.tsx';
import { TopBar } from './top-bar.tsx';

type Props = { title: string; text: string; children: ComponentChildren };

/** A page that says one thing and what can be done next. */
export function Notice({ title, text, children }: Props) {
  return (
    <div class="page">
      <TopBar />
      <main class="notice">
        <Logo size={56} />
        <h1>{title}</h1>
        <p>{text}</p>
        <div class="notice-actions">{children}</div>
      </main>
    </div>
  );
}
