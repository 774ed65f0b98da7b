import type { IncomingMessage } from 'node:http';
import { AmphiError } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import { createLimit } from '../http/limits.ts';
import type { Site } from '../net/site.ts';
import { type Accounts, SECURE_PREFIX, SESSION_COOKIE } from './accounts.ts';
import { createProvider, loginSecrets } from './provider.ts';
import { createSeal } from './seal.ts';

export type SignInOptions = {
  config: Config;
  accounts: Accounts;
  site: Site;
  /** What cookies are sealed with. */
  key: Buffer;
  /** What limits are counted by. */
  addressOf(request: IncomingMessage): string;
  logger: Logger;
};

type Env = { Bindings: HttpBindings };

const LOGIN_COOKIE = 'amphi-login';
/** How long somebody may take at the provider. */
const LOGIN_SECONDS = 600;

/** A page of ours to come back to: nothing else, or a link of ours would lead anywhere. */
const ownPath = z
  .string()
  .max(100)
  .regex(/^\/(r\/[A-Za-z0-9-]+)?$/);

/** Signing in and out: `/auth/login`, `/auth/callback`, `/auth/logout`. Without a provider there is nothing here. */
export function createSignIn(options: SignInOptions): Hono<Env> {
  const { accounts, site, logger } = options;
  const { issuer, clientId } = options.config.oidc;
  const routes = new Hono<Env>();
  if (issuer === undefined || clientId === undefined) return routes;

  const provider = createProvider({ ...options.config.oidc, issuer, clientId });
  const schema = loginSecrets.extend({ to: ownPath });
  const logins = createSeal({ key: options.key, purpose: 'login', schema, seconds: LOGIN_SECONDS });
  const limit = createLimit(options.config.limits.requestsPerMinute, 60);

  routes.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    await limit(options.addressOf(c.env.incoming));
    await next();
  });

  routes.get('/login', async (c) => {
    const to = ownPath.safeParse(c.req.query('to') ?? '/');
    if (!to.success) throw new AmphiError('bad-request', 'expected a page of this server', { path: 'to' });
    try {
      const { url, secrets } = await provider.begin(`${site.origin(c.env.incoming)}/auth/callback`);
      set(c, LOGIN_COOKIE, await logins.close({ ...secrets, to: to.data }), LOGIN_SECONDS);
      return c.redirect(url.href);
    } catch (error) {
      logger.error({ err: error }, 'the OpenID provider cannot be used');
      return c.text('The service that signs people in cannot be reached. Go back and try again later.\n', 503);
    }
  });

  routes.get('/callback', async (c) => {
    const login = await logins.open(get(c, LOGIN_COOKIE));
    unset(c, LOGIN_COOKIE);
    const current = new URL(c.req.url);
    const currentUrl = new URL(`${site.origin(c.env.incoming)}/auth/callback${current.search}`);
    try {
      if (!login) throw new Error('there is no such login, or it took too long');
      const claims = await provider.finish(currentUrl, login);
      set(c, SESSION_COOKIE, await accounts.seal(claims), options.config.oidc.sessionHours * 3600);
      return c.redirect(login.to);
    } catch (error) {
      // Neither code nor tokens are in these messages.
      logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'a login failed');
      return c.text('Signing in did not work. Go back to the start page and try again.\n', 400);
    }
  });

  routes.post('/logout', (c) => {
    if (!site.allows(c.env.incoming)) throw new AmphiError('forbidden', 'this origin may not use this server');
    unset(c, SESSION_COOKIE);
    return c.body(null, 204);
  });

  function isSecure(c: Context<Env>): boolean {
    return site.origin(c.env.incoming).startsWith('https:');
  }

  function nameOf(c: Context<Env>, name: string): string {
    return isSecure(c) ? SECURE_PREFIX + name : name;
  }

  function get(c: Context<Env>, name: string): string | undefined {
    return getCookie(c, nameOf(c, name));
  }

  function set(c: Context<Env>, name: string, value: string, maxAge: number): void {
    // Lax: the way back from the provider begins on its site, and has to find the login.
    setCookie(c, nameOf(c, name), value, { httpOnly: true, sameSite: 'Lax', secure: isSecure(c), path: '/', maxAge });
  }

  function unset(c: Context<Env>, name: string): void {
    deleteCookie(c, nameOf(c, name), { secure: isSecure(c), path: '/' });
  }

  return routes;
}
