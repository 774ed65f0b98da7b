import { locale, LOCALES, setLocale, t, type Locale } from '../i18n/index.ts';
import { theme, THEMES, type Theme } from '../theme.ts';
import { Select } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';

export function ThemeSelect() {
  return (
    <Select
      label={t('settings.theme')}
      value={theme.value}
      options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
      onChange={(value) => (theme.value = value as Theme)}
    />
  );
}

export function LanguageSelect() {
  return (
    <Select
      label={t('settings.language')}
      value={locale()}
      options={Object.entries(LOCALES).map(([value, label]) => ({ value, label }))}
      onChange={(value) => {
        setLocale(value as Locale).catch(() => toast(t('end.unreachable'), { urgent: true }));
      }}
    />
  );
}
