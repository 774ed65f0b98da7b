import { AmphiError, exceptions, personRole } from '@amphi/protocol';
import type { PassClaims, Passes } from '@amphi/rooms';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

const ISSUER = 'amphi';
const AUDIENCE = 'amphi:room';
/** The only algorithm that is signed with or taken (RFC 8725, 3.1). */
const ALGORITHM = 'HS256';
/** How long a member can come back with a pass. */
const PASS_SECONDS = 12 * 60 * 60;

const claims = z.object({
  sub: z.string().min(1).max(256),
  room: z.string(),
  role: personRole,
  name: z.string().max(64).optional(),
  exceptions,
  kind: z.enum(['token', 'pass', 'account']),
  iat: z.number(),
});

/** Makes tokens that last as long as is said. */
export type TokenIssuer = {
  /** As `issue`, for so many seconds. */
  issueFor(pass: PassClaims, seconds: number): Promise<string>;
};

/** Signs and checks tokens (JWT, RFC 7519) with a key of at least 256 bits. */
export function createPasses(key: Buffer): Passes & TokenIssuer {
  function issueFor({ identity, room, role, name, exceptions: rights, kind }: PassClaims, seconds: number) {
    const now = Date.now() / 1000;
    // Fractions of a second are allowed (RFC 7519, 2: NumericDate), and tell which of two was first.
    return new SignJWT({ room, role, exceptions: rights, kind, ...(name === undefined ? {} : { name }) })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(identity)
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .setJti(crypto.randomUUID())
      .sign(key);
  }

  return {
    issueFor,
    issue: (pass) => issueFor(pass, PASS_SECONDS),

    async verify(token) {
      try {
        const options = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['exp', 'iat'] };
        const { sub: identity, iat, ...rest } = claims.parse((await jwtVerify(token, key, options)).payload);
        return { ...rest, identity, issuedAt: Math.round(iat * 1000) };
      } catch (error) {
        if (!(error instanceof errors.JOSEError) && !(error instanceof z.ZodError)) throw error;
        const isOld = error instanceof errors.JWTExpired;
        throw new AmphiError('unauthorized', isOld ? 'the token has expired' : 'the token is not valid');
      }
    },
  };
}
