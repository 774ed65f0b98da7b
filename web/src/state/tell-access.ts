import type { Call, Permission, SelfInfo, Source, Waiting } from '@amphi/client';
import { t } from '../i18n/index.ts';
import { errorText } from '../errors.ts';
import { toast } from '../ui/toasts.tsx';

/** Rights of which people are told when they come and go; the others go with a role, and that is told. */
const TOLD = ['publish.audio', 'publish.video', 'publish.screen', 'chat'] as const satisfies Permission[];
type Told = (typeof TOLD)[number];

/** What a person has to know when own rights change: the role, or else the single rights. */
export function rightsNews(
  before: Pick<SelfInfo, 'role' | 'permissions'>,
  after: Pick<SelfInfo, 'role' | 'permissions'>,
): { role: SelfInfo['role'] | null; gained: Told[]; lost: Told[] } {
  const had = (right: Told) => before.permissions.includes(right);
  const has = (right: Told) => after.permissions.includes(right);
  return {
    role: before.role === after.role ? null : after.role,
    gained: TOLD.filter((right) => has(right) && !had(right)),
    lost: TOLD.filter((right) => had(right) && !has(right)),
  };
}

/** Those who wait now and did not before. */
export function newlyWaiting(before: readonly Waiting[], after: readonly Waiting[]): Waiting[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id }) => !known.has(id));
}

/** Says what moderators do to this person, and to those who let people in, who knocks. */
export function tellAccess(call: Call): () => void {
  let self = call.self;
  let waiting = call.waiting;
  const knocks = new Map<string, () => void>();
  const offs = [
    call.on('muted', ({ sources, by }) => toast(mutedText(sources, by), { icon: 'mic-off', urgent: true })),
    call.on('self', (next) => {
      const before = self;
      self = next;
      if (before === null) return;
      const { role, gained, lost } = rightsNews(before, next);
      if (role !== null) toast(t('toast.role', { role: t(`role.${role}`) }), { icon: 'shield' });
      else for (const right of gained) toast(t(`toast.right.${right}`), { icon: 'check' });
      for (const right of lost) toast(t(`toast.no-right.${right}`), { icon: 'ban' });
    }),
    call.on('waiting', (next) => {
      for (const { id, name } of newlyWaiting(waiting, next)) {
        const run = () => call.moderation.admit([id]).catch((error: unknown) => toast(errorText(error)));
        const action = { label: t('lobby.admit'), run: () => void run() };
        knocks.set(id, toast(t('lobby.knocks', { name }), { icon: 'door', action }));
      }
      waiting = next;
      const there = new Set(next.map(({ id }) => id));
      for (const [id, dismiss] of knocks) {
        if (there.has(id)) continue;
        knocks.delete(id);
        dismiss();
      }
    }),
  ];
  return () => {
    for (const off of offs) off();
  };
}

function mutedText(sources: readonly Source[], by: string | undefined): string {
  if (by === undefined) return t('toast.muted-entry');
  if (sources.includes('microphone')) return t('toast.muted', { by });
  return sources.includes('camera') ? t('toast.camera-stopped', { by }) : t('toast.screen-stopped', { by });
}
