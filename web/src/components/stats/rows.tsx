import { UNKNOWN } from './numbers.ts';

/** Names and values in pairs; what is not known is left out. */
export function Rows({ rows }: { rows: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl class="rows">
      {rows
        .filter(([, value]) => value !== UNKNOWN)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
