import { watchFor } from '../prefs.ts';
import { locale } from '../i18n/index.ts';
import { tw } from '../i18n/watch.ts';
import { Menu } from '../ui/menu.tsx';
import type { Ladder } from './ladder.ts';
import type { Tier } from './tier.ts';

/** How the event comes and how late that is, with the choice of what matters more. */
export function TierBadge({ tier, ladder }: { tier: Tier; ladder: Ladder }) {
  const delay = tier.delayMs.value;
  const reasons = {
    delay: ladder.hindrance.value === 'unsupported' ? tw('hindrance.unsupported') : undefined,
    quality: ladder.hasChoice.value ? undefined : tw('choice.none'),
  };
  const choices = ['delay', 'quality'] as const;
  return (
    <div class="watch-tier">
      <span data-testid="watch-tier">
        {tw(`tier.${tier.name}`)}
        {delay !== null && <small> · {delayText(tier.name, delay)}</small>}
      </span>
      <Menu
        icon="settings"
        label={tw('choice')}
        class="watch-tier-menu"
        items={choices.map((choice) => ({
          label: tw(`choice.${choice}`),
          icon: choice === 'delay' ? 'live' : 'stats',
          checked: watchFor.value === choice,
          reason: reasons[choice],
          onSelect: () => ladder.prefer(choice),
        }))}
      />
    </div>
  );
}

function delayText(name: Tier['name'], ms: number): string {
  if (name === 'webrtc') return tw('delay', { ms });
  const seconds = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  return tw('behind', { seconds: seconds.format(ms / 1000) });
}
