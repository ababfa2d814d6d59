import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** Characters; NIST SP 800-63B asks for eight at least, and for no rules about which. */
export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 1000;

/** A hash that no password has: an unknown user takes as long as a wrong password. */
const UNMATCHABLE = hash(randomBytes(32).toString('base64url'));

/** @returns argon2id, in its encoded form */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** Takes the same time whether or not there is a hash to compare with. */
export async function matchesPassword(
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await UNMATCHABLE), password).catch(() => false);
  return Boolean(passwordHash) && matches;
}

/** 96 bits, to be handed over once and changed at the first sign-in. */
export function firstPassword(): string {
  return randomBytes(12).toString('base64url');
}
