import { d } from '../i18n/diag/index.ts';
import { GROUPS, type GroupName, type Hops, verdictOf } from './hops.ts';

/** The result as text, to be sent to somebody who can do something about it. */
export function reportText(hops: Hops, facts: { at: Date; page: string; browser: string }): string {
  const lines = [`Amphi · ${d('title')} · ${facts.page}`, facts.at.toISOString(), facts.browser, ''];
  lines.push(d(`verdict.${verdictOf(hops)}`), '');
  for (const [group, ids] of Object.entries(GROUPS) as [GroupName, (typeof GROUPS)[GroupName]][]) {
    lines.push(d(`group.${group}`));
    for (const id of ids) {
      const { state, found, cure } = hops[id];
      lines.push(`  [${d(`state.${state}`)}] ${d(`hop.${id}`)}${found === undefined ? '' : `: ${found}`}`);
      if (cure !== undefined && state !== 'ok') lines.push(`      ${d('cure')}: ${cure}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
