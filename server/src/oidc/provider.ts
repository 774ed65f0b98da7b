import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  type Configuration,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';

/** What a login that is under way has to prove at its end. */
export const loginSecrets = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
export type LoginSecrets = z.infer<typeof loginSecrets>;

/** Who somebody is by the provider. */
export type ProviderClaims = { sub: string; name: string | undefined; roles: string[] };

/** The OpenID provider: authorization code flow with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0). */
export interface Provider {
  /** Where to send the browser. Rejects when the provider cannot be reached. */
  begin(redirectUri: string): Promise<{ url: URL; secrets: LoginSecrets }>;
  /** Who came back to `currentUrl`. Rejects when what the provider said does not fit the login, or is not its own. */
  finish(currentUrl: URL, secrets: LoginSecrets): Promise<ProviderClaims>;
}

export function createProvider(config: Config['oidc'] & { issuer: string; clientId: string }): Provider {
  let found: Promise<Configuration> | undefined;

  /** Asks the provider for its addresses at the first login, and anew after it could not be reached. */
  function discovered(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = config;
    const authentication = clientSecret === undefined ? None() : ClientSecretPost(clientSecret);
    // The configuration takes plain http for this machine only.
    const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    found ??= discovery(new URL(issuer), clientId, undefined, authentication, { execute, timeout: 10 });
    found.catch(() => (found = undefined));
    return found;
  }

  return {
    async begin(redirectUri) {
      const provider = await discovered();
      const secrets = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: config.scopes,
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
      });
      return { url, secrets };
    },

    async finish(currentUrl, { state, nonce, verifier }) {
      const provider = await discovered();
      const tokens = await authorizationCodeGrant(provider, currentUrl, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const proven = tokens.claims();
      if (!proven) throw new Error('the provider sent no ID token');
      const wanted = [config.nameClaim, ...(config.roleClaim === undefined ? [] : [config.roleClaim])];
      // Many providers tell no more than who it is in the ID token, and the rest when they are asked for it.
      const isAsked =
        wanted.some((claim) => proven[claim] === undefined) && provider.serverMetadata().userinfo_endpoint;
      const more = isAsked ? await fetchUserInfo(provider, tokens.access_token, proven.sub) : {};
      const claims: Record<string, unknown> = { ...more, ...proven };
      const name = claims[config.nameClaim];
      const roles = config.roleClaim === undefined ? [] : [claims[config.roleClaim] ?? []].flat();
      return {
        sub: proven.sub,
        name: typeof name === 'string' ? name : undefined,
        roles: roles.filter((role) => typeof role === 'string'),
      };
    },
  };
}
