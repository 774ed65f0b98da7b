import { useEffect } from 'preact/hooks';
import { Banners } from '../components/banners.tsx';
import { CallHeader } from '../components/call-header.tsx';
import { OpenDialogs, OpenPanel } from '../components/panels.tsx';
import { Stage } from '../components/stage.tsx';
import { Toolbar } from '../components/toolbar.tsx';
import { attachShortcuts } from '../state/attach-shortcuts.ts';
import { CallContextProvider, type CallContext } from '../state/use-call.ts';

/** The call itself. */
export function CallPage({ context }: { context: CallContext }) {
  useEffect(() => attachShortcuts(context), [context]);
  return (
    <CallContextProvider.Provider value={context}>
      <div class="call">
        <CallHeader />
        <main class="call-main">
          <Stage />
          <OpenPanel />
          <Banners />
        </main>
        <footer>
          <Toolbar />
        </footer>
        <OpenDialogs />
      </div>
    </CallContextProvider.Provider>
  );
}
