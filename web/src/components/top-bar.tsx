import { locale, LOCALES, setLocale, t, type Locale } from '../i18n/index.ts';
import { navigate } from '../router.ts';
import { theme, THEMES } from '../theme.ts';
import type { IconName } from '../ui/icon.tsx';
import { Wordmark } from '../ui/logo.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toasts.tsx';
import { SignIn } from './sign-in.tsx';

const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const satisfies Record<string, IconName>;

function languageItems(): MenuItem[] {
  return (Object.keys(LOCALES) as Locale[]).map((value) => ({
    label: LOCALES[value],
    icon: 'globe',
    checked: locale() === value,
    onSelect: () => void setLocale(value).catch(() => toast(t('end.unreachable'), { urgent: true })),
  }));
}

function themeItems(): MenuItem[] {
  return THEMES.map((value) => ({
    label: t(`theme.${value}`),
    icon: THEME_ICONS[value],
    checked: theme.value === value,
    onSelect: () => (theme.value = value),
  }));
}

/** The head of all pages outside of a call. */
export function TopBar() {
  return (
    <header class="top-bar">
      <a
        class="home-link"
        href="/"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          navigate('/');
        }}
      >
        <Wordmark />
      </a>
      <SignIn />
      <Menu icon="globe" label={t('settings.language')} items={languageItems()} />
      <Menu icon={THEME_ICONS[theme.value]} label={t('settings.theme')} items={themeItems()} />
    </header>
  );
}
