/** The mark: the tiers of an amphitheatre around its stage. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="logo-tier" d="M3.5 21.5a12.5 12.5 0 0 1 25 0" />
      <path class="logo-tier logo-tier-inner" d="M9 21.5a7 7 0 0 1 14 0" />
      <circle class="logo-stage" cx="16" cy="22" r="3.2" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span class="wordmark">
      <Logo />
      Amphi
    </span>
  );
}
