import { render } from 'preact';
import { App } from './app.tsx';
import { startI18n } from './i18n/index.ts';
import { route, startRouter } from './router.ts';
import { startTheme } from './theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/ui.css';
import './styles/overlays.css';
import './styles/landing.css';
import './styles/prejoin.css';
import './styles/call.css';
import './styles/tile.css';
import './styles/panels.css';
import './styles/access.css';
import './styles/live.css';

startTheme();
startRouter();
const { value: here } = route;
if (here.page === 'watch') {
  // Who follows a watch link waits for the picture: what leads to it begins before anything is drawn. What fails here is
  // told by the page, which loads the same.
  import('./watch/watch-page.tsx').then(
    ({ beginWatching }) => beginWatching(here.room),
    () => undefined,
  );
}
await startI18n();

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element with the id "app".');
render(<App />, root);
