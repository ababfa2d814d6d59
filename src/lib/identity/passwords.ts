import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** Characters; NIST SP 800-63B asks for eight at least, and for no rules about which. */
export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 1000;

/** A hash without a password: checking an unknown user takes as long as checking a wrong password. */
const UNMATCHABLE = hash(randomBytes(32).toString('base64url'));

/** @returns argon2id, in its encoded form */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** Compares in the same time whether or not the user exists. */
export async function matchesPassword(
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await UNMATCHABLE), password).catch(() => false);
  return Boolean(passwordHash) && matches;
}

/** A first password of 96 bits, to be changed at the first sign-in. */
export function firstPassword(): string {
  return randomBytes(12).toString('base64url');
}
