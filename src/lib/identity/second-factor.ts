import { createHash, randomBytes } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';
import { TOTP } from 'otpauth';
import type { User, Users } from '@/lib/application';

const PERIOD_MS = 30_000;
const RECOVERY_CODES = 10;
const ISSUER = 'Marquee';

/** A new second factor, not stored yet: its secret in base32, and the address for a QR code. */
export function newTotp({ email }: Pick<User, 'email'>, issuer = ISSUER): { secret: string; uri: string } {
  const totp = new TOTP({ issuer, label: email });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** Uses up a code of the user's authenticator, or one of their recovery codes. @returns whether it was valid */
export async function takeCode(users: Users, user: User, code: string): Promise<boolean> {
  // Six digits are never a recovery code.
  if (!/^\d{1,6}$/.test(code))
    return users.takeRecoveryCode(user.id, await hashOf(user, code), { actor: `user:${user.id}` });
  return takeDigits(users, user, await users.totpSecret(user.id), code);
}

/** Uses up six digits of an authenticator with this secret. @returns whether they were valid */
export async function takeDigits(
  users: Users,
  user: User,
  secret: string | undefined,
  code: string,
): Promise<boolean> {
  // Accept one period before and after, since clocks differ.
  const delta = secret ? new TOTP({ secret }).validate({ token: code, window: 1 }) : null;
  if (delta === null) return false;
  const step = Math.floor(Date.now() / PERIOD_MS) + delta;
  return users.takeTotpStep(user.id, step, { actor: `user:${user.id}` });
}

/** New recovery codes, to be shown once, and their hashes, to be kept. */
export async function newRecoveryCodes(
  user: Pick<User, 'id'>,
): Promise<{ codes: string[]; hashes: string[] }> {
  const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
  return { codes, hashes: await Promise.all(codes.map((code) => hashOf(user, code))) };
}

/**
 * A slow hash, since a code of 50 bits could be searched for. All codes of a user have one salt, their random id, so that a code is compared
 * with all of them by one hash.
 *
 * @param code as it was typed
 * @returns argon2id, hexadecimal
 */
async function hashOf({ id }: Pick<User, 'id'>, code: string): Promise<string> {
  const normal = code.toLowerCase().replace(/[^a-z0-9]/g, '');
  const salt = createHash('sha256').update(`recovery codes of ${id}`).digest().subarray(0, 16);
  return (await hashRaw(normal, { salt })).toString('hex');
}

/** 50 bits, as people write them down: `ab3d5-efgh7`. */
function recoveryCode(): string {
  // 32 characters, so that bytes map to them evenly; none that look alike.
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const text = Array.from(randomBytes(10), (byte) => letters[byte % letters.length]).join('');
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}
