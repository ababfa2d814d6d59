import { createHash, randomBytes } from 'node:crypto';
import { TOTP } from 'otpauth';
import type { User, Users } from '@/lib/application';

const PERIOD_MS = 30_000;
const RECOVERY_CODES = 10;

/** Uses up a code of the user's authenticator, or one of their recovery codes. @returns whether it was valid */
export async function takeCode(users: Users, user: User, code: string): Promise<boolean> {
  // Six digits are never a recovery code.
  if (!/^\d{1,6}$/.test(code)) return users.takeRecoveryCode(user.id, digestOf(code));
  const secret = await users.totpSecret(user.id);
  // Accept one period before and after, since clocks differ.
  const delta = secret ? new TOTP({ secret }).validate({ token: code, window: 1 }) : null;
  if (delta === null) return false;
  return users.takeTotpStep(user.id, Math.floor(Date.now() / PERIOD_MS) + delta);
}

/** New recovery codes, to be shown once, and their digests, to be kept. */
export function newRecoveryCodes(): { codes: string[]; digests: string[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode);
  return { codes, digests: codes.map(digestOf) };
}

/** Normalizes how a code was typed. */
function digestOf(code: string): string {
  const normal = code.toLowerCase().replace(/[^a-z0-9]/g, '');
  return createHash('sha256').update(normal).digest('hex');
}

/** 50 bits, as people write them down: `ab3d5-efgh7`. */
function recoveryCode(): string {
  // 32 characters, so that bytes map to them evenly; none that look alike.
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const text = Array.from(randomBytes(10), (byte) => letters[byte % letters.length]).join('');
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}
