/** What one examination found, in a sentence, and in another what to do about it. */
export type Finding = {
  /** `media-udp` */
  id: string;
  /** `Media over UDP` */
  title: string;
  /** `warn`: it works, for now or in part. `skipped`: it could not be examined, or is not there by choice. */
  state: 'ok' | 'warn' | 'failed' | 'skipped';
  found: string;
  cure?: string;
};

export function ok(id: string, title: string, found: string): Finding {
  return { id, title, state: 'ok', found };
}

export function warn(id: string, title: string, found: string, cure: string): Finding {
  return { id, title, state: 'warn', found, cure };
}

export function failed(id: string, title: string, found: string, cure: string): Finding {
  return { id, title, state: 'failed', found, cure };
}

export function skipped(id: string, title: string, found: string): Finding {
  return { id, title, state: 'skipped', found };
}
