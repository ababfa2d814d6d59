// Codes mailed to prove an address, each valid once: the table `mail_codes` of the operations database.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type pg from 'pg';
import type { User } from '@/lib/application';

export type MailCodePurpose =
  | 'recovery'
  | 'magiclink'
  | 'invite'
  | 'email_change'
  | 'reauthentication'
  /** Not mailed: the code a link returns to its client, which exchanges it with a PKCE verifier (RFC 7636). */
  | 'pkce';

export interface MailCodeData {
  /** The new address; only for `email_change`. */
  newEmail?: string | undefined;
  /** PKCE challenge of a client that exchanges a code for tokens. */
  challenge?: { text: string; method: 's256' | 'plain' } | undefined;
}

export interface MailCode {
  userId: string;
  purpose: MailCodePurpose;
  data: MailCodeData;
  tokenVersion: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Seconds. */
const LIFETIME: Record<MailCodePurpose, number> = {
  recovery: HOUR,
  magiclink: HOUR,
  invite: 7 * 24 * HOUR,
  email_change: HOUR,
  reauthentication: 10 * MINUTE,
  pkce: 5 * MINUTE,
};
/** Wrong digits after which a code is void. */
const ATTEMPTS = 5;
const COLUMNS = 'user_id "userId", purpose, data, token_version "tokenVersion"';

export class MailCodes {
  constructor(private readonly pool: pg.Pool) {}

  /** @returns what to mail: a token for a link, and six digits; each is valid once */
  async issue(
    user: User,
    purpose: MailCodePurpose,
    data: MailCodeData = {},
  ): Promise<{ token: string; code: string }> {
    const token = randomBytes(32).toString('base64url');
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    await this.pool.query(
      `insert into mail_codes as known (user_id, tenant_id, purpose, token_hash, code_hash, token_version, data, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))
       on conflict (user_id, purpose) do update set token_hash = excluded.token_hash, code_hash = excluded.code_hash,
         token_version = excluded.token_version, attempts = 0, data = excluded.data, expires_at = excluded.expires_at`,
      [
        ...[user.id, user.tenantId, purpose, digest(token), digest(`${user.id} ${purpose} ${code}`)],
        ...[user.tokenVersion, data, LIFETIME[purpose]],
      ],
    );
    return { token, code };
  }

  /** Uses up a link's token. */
  async takeToken(purposes: readonly MailCodePurpose[], token: string): Promise<MailCode | undefined> {
    const { rows } = await this.pool.query<MailCode>(
      `delete from mail_codes where token_hash = $1 and purpose = any ($2) and expires_at > now() returning ${COLUMNS}`,
      [digest(token), purposes],
    );
    return rows[0];
  }

  /** Uses up a user's six digits. After five wrong attempts the code is void. */
  async takeCode(userId: string, purpose: MailCodePurpose, code: string): Promise<MailCode | undefined> {
    const hash = digest(`${userId} ${purpose} ${code.trim()}`);
    const attempt = await this.pool.query<{ matches: boolean }>(
      `update mail_codes set attempts = attempts + 1
       where user_id = $1 and purpose = $2 and expires_at > now() and attempts < $3 returning code_hash = $4 matches`,
      [userId, purpose, ATTEMPTS, hash],
    );
    if (!attempt.rows[0]?.matches) return undefined;
    // A code that was issued meanwhile is another's: perhaps for another new address.
    const { rows } = await this.pool.query<MailCode>(
      `delete from mail_codes where user_id = $1 and purpose = $2 and code_hash = $3 returning ${COLUMNS}`,
      [userId, purpose, hash],
    );
    return rows[0];
  }

  /** The user whose pending change of address is to this one. @param newEmail in lower case */
  async changingTo(tenantId: string, newEmail: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ userId: string }>(
      `select user_id "userId" from mail_codes
       where purpose = 'email_change' and tenant_id = $1 and data ->> 'newEmail' = $2 and expires_at > now()`,
      [tenantId, newEmail],
    );
    return rows.length === 1 ? rows[0]?.userId : undefined;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
