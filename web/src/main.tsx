import { render } from 'preact';
import { App } from './app.tsx';
import { startI18n } from './i18n/index.ts';
import { startRouter } from './router.ts';
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
await startI18n();

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element with the id "app".');
render(<App />, root);
