import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AmphiError, displayName, NO_EXCEPTIONS } from '@amphi/protocol';
import { parse } from 'hono/utils/cookie';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { TokenIssuer } from '../identity/passes.ts';
import type { ProviderClaims } from './provider.ts';
import { createSeal } from './seal.ts';

/** Somebody who is signed in. */
export type Account = {
  /** `user:oidc:` and what the provider calls the person. */
  identity: string;
  name: string | undefined;
  /** Host of every room. */
  isHost: boolean;
  /** Has what it takes to create rooms, as far as roles go. */
  isCreator: boolean;
};

export type AccountsOptions = {
  config: Pick<Config, 'oidc' | 'createRooms'>;
  passes: TokenIssuer;
  /** What cookies are sealed with. */
  key: Buffer;
};

/** Who is signed in, by an encrypted cookie. */
export interface Accounts {
  of(request: IncomingMessage): Promise<Account | undefined>;
  /** A token for a room, good for the handshake at hand; undefined where nobody is signed in. */
  tokenFor(request: IncomingMessage, room: string): Promise<string | undefined>;
  /** Whether rooms may be created by whoever sends this. */
  mayCreate(request: IncomingMessage): Promise<boolean>;
  /** Rejects with `forbidden` where that is not so. */
  checkCreator(request: IncomingMessage): Promise<void>;
  /** The cookie's value for somebody who signed in. */
  seal(claims: ProviderClaims): Promise<string>;
}

/** Both names, since the prefix is for https only. */
export const SESSION_COOKIE = 'amphi-session';
export const SECURE_PREFIX = '__Host-';

/** The handshake is at hand; nothing has to be kept. */
const TOKEN_SECONDS = 60;
const LONGEST_SUB = 200;

const sealed = z.object({ sub: z.string().min(1), name: z.string().optional(), roles: z.array(z.string()) });

export function createAccounts({ config, passes, key }: AccountsOptions): Accounts {
  const { oidc, createRooms } = config;
  const seal = createSeal({ key, purpose: 'session', schema: sealed, seconds: oidc.sessionHours * 3600 });

  async function of(request: IncomingMessage): Promise<Account | undefined> {
    if (oidc.issuer === undefined) return undefined;
    const cookies = parse(request.headers.cookie ?? '');
    const claims = await seal.open(cookies[SECURE_PREFIX + SESSION_COOKIE] ?? cookies[SESSION_COOKIE]);
    if (!claims) return undefined;
    const hasOne = (wanted: readonly string[]) => wanted.some((role) => claims.roles.includes(role));
    const isHost = hasOne(oidc.hostRoles);
    const isCreator = oidc.creatorRoles.length === 0 || hasOne(oidc.creatorRoles) || isHost;
    return { identity: identityOf(claims.sub), name: claims.name, isHost, isCreator };
  }

  async function mayCreate(request: IncomingMessage): Promise<boolean> {
    if (createRooms !== 'signed-in') return createRooms === 'everybody';
    return (await of(request))?.isCreator ?? false;
  }

  return {
    of,
    mayCreate,

    async tokenFor(request, room) {
      const account = await of(request);
      if (!account) return undefined;
      const { identity, name, isHost } = account;
      // To be signed in says who somebody is. What a room asks of its guests it asks of them, too.
      const standing = isHost
        ? ({ role: 'host', kind: 'token' } as const)
        : ({ role: 'viewer', kind: 'account' } as const);
      return passes.issueFor({ room, identity, name, exceptions: NO_EXCEPTIONS, ...standing }, TOKEN_SECONDS);
    },

    async checkCreator(request) {
      if (await mayCreate(request)) return;
      throw new AmphiError(
        'forbidden',
        createRooms === 'api' ? 'rooms are made by the API here' : 'sign in to create rooms',
      );
    },

    seal({ sub, name, roles }) {
      const shown = displayName.safeParse(name?.slice(0, 64));
      // A person may have hundreds of groups, and a cookie 4 KiB: only those are kept that mean something here.
      const known = roles.filter((role) => oidc.hostRoles.includes(role) || oidc.creatorRoles.includes(role));
      return seal.close({ sub, roles: known, ...(shown.success ? { name: shown.data } : {}) });
    },
  };
}

/** Told apart from the users of other sites, whose names may be the same. */
function identityOf(sub: string): string {
  const isPlain = sub.length <= LONGEST_SUB && /^[\x21-\x7e]+$/.test(sub);
  return `user:oidc:${isPlain ? sub : createHash('sha256').update(sub).digest('base64url')}`;
}
