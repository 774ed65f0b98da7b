import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';
import { deriveKey } from '../derive-key.ts';

/** Encrypts what is kept in cookies (JWE, RFC 7516), so that browsers hold it and neither read nor change it. */
export interface Seal<T extends z.ZodObject> {
  close(value: z.infer<T>): Promise<string>;
  /** Undefined for what is not ours, or too old. */
  open(text: string | undefined): Promise<z.infer<T> | undefined>;
}

/** @param purpose what is sealed for one is nothing for another */
export function createSeal<T extends z.ZodObject>(options: {
  key: Buffer;
  purpose: string;
  schema: T;
  seconds: number;
}): Seal<T> {
  const { purpose, schema, seconds } = options;
  const key = deriveKey(options.key, `amphi ${purpose}`);

  return {
    close: (value) =>
      new EncryptJWT(value)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setIssuedAt()
        .setExpirationTime(`${seconds} s`)
        .encrypt(key),

    async open(text) {
      if (text === undefined) return undefined;
      try {
        const allowed = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
        return schema.parse((await jwtDecrypt(text, key, { ...allowed, requiredClaims: ['exp'] })).payload);
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}
