import type { Call, Exceptions, PersonRole, PolicyPatch, Source } from '@amphi/client';
import { errorText } from '../errors.ts';
import { t } from '../i18n/index.ts';
import { toast } from '../ui/toasts.tsx';

export type Moderate = ReturnType<typeof createModerate>;

/** The call's moderation as buttons use it: what fails is told, and what cannot be seen to have worked is, too. */
export function createModerate(call: Call) {
  const { moderation } = call;

  /** Answers whether it worked. */
  async function tried(action: Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await action;
      if (done !== undefined) toast(done, { icon: 'check' });
      return true;
    } catch (error) {
      toast(t('toast.failed', { reason: errorText(error) }), { icon: 'warning', urgent: true });
      return false;
    }
  }

  return {
    tried,
    admit: (ids: string[]) => tried(moderation.admit(ids)),
    deny: (id: string) => tried(moderation.deny(id)),
    write: (text: string, id?: string) => tried(moderation.writeToLobby(text, id), t('lobby.sent')),
    mute: (id: string, sources: Source[]) => tried(moderation.mute(id, sources)),
    muteAll: () => tried(moderation.muteAll(), t('host.mute-all.done')),
    ask: (id: string, name: string, source: 'microphone' | 'camera') =>
      tried(moderation.ask(id, source), t('people.asked', { name })),
    remove: (id: string, ban: boolean) => tried(moderation.remove(id, { ban })),
    setRole: (id: string, role: PersonRole) => tried(moderation.setRole(id, role)),
    setExceptions: (id: string, exceptions: Exceptions) => tried(moderation.setExceptions(id, exceptions)),
    setPolicy: (patch: PolicyPatch) => tried(moderation.setPolicy(patch)),
    endForAll: () => tried(moderation.endForAll()),
  };
}
