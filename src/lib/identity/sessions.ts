// Sessions of users: the table `sessions` of the operations database.
import type pg from 'pg';
import type { User } from '@/lib/application';
import type { ApiKeyRole } from './api-keys';
import { IdentityError } from './errors';

export type SessionKind = 'browser' | 'client';
export type EndReason = 'signed_out' | 'revoked' | 'refresh_reused' | 'support_ended';

/** How long a session lasts, seconds: while unused, and in total. */
export interface SessionLimits {
  idle: number;
  absolute: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const LIMITS: Record<SessionKind, SessionLimits> = {
  browser: { idle: 12 * HOUR, absolute: 14 * DAY },
  client: { idle: 14 * DAY, absolute: 90 * DAY },
};
/** Operators can reach every tenant's administration: their sessions are short. */
const OPERATOR_LIMITS: SessionLimits = { idle: HOUR, absolute: 12 * HOUR };

/** How long the previous refresh token is still accepted, seconds: two tabs may refresh at once. */
const REUSE_SECONDS = 10;
/** How long an ended session is kept, so that its user can see it. */
const KEPT_DAYS = 30;

export interface SessionRecord {
  id: string;
  userId: string;
  tenantId: string | null;
  kind: SessionKind;
  tokenVersion: number;
  secondFactor: boolean;
  method: SignInMethod;
  /** When the user last proved who they are in this session. */
  provedAt: Date;
  /** Set for a support session: its support access. */
  supportAccessId: string | null;
  supportRole: ApiKeyRole | null;
  userAgent: string | null;
  address: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  refreshNumber: number;
  endedAt: Date | null;
  endReason: EndReason | null;
}

/** `otp`: a link or a code by mail. `sso`: the company's identity provider. `support`: see support-access.ts. */
export type SignInMethod = 'password' | 'otp' | 'passkey' | 'sso' | 'support';

export interface NewSession {
  kind: SessionKind;
  /** Whether it was shown. */
  secondFactor: boolean;
  /** Default `password`. */
  method?: SignInMethod | undefined;
  /** When the user proved who they are, if not now. */
  provedAt?: Date | undefined;
  userAgent?: string | undefined;
  address?: string | undefined;
  /** Set for a support session: the tenant, the role there, and the latest end. */
  support?: { accessId: string; tenantId: string; role: ApiKeyRole; until: Date } | undefined;
}

const COLUMNS = `id, user_id "userId", tenant_id "tenantId", kind, token_version "tokenVersion", second_factor "secondFactor", method,
  proved_at "provedAt", support_access_id "supportAccessId", support_role "supportRole", user_agent "userAgent", address, created_at "createdAt", last_used_at "lastUsedAt", expires_at "expiresAt",
  refresh_number "refreshNumber", ended_at "endedAt", end_reason "endReason"`;

export function limitsOf(kind: SessionKind, tenantId: string | null): SessionLimits {
  return tenantId === null ? OPERATOR_LIMITS : LIMITS[kind];
}

/** Whether it was ended, or has passed one of its limits. */
export function isOver(session: SessionRecord, now = Date.now()): boolean {
  const idleMs = limitsOf(session.kind, session.method === 'support' ? null : session.tenantId).idle * 1000;
  return (
    session.endedAt !== null ||
    session.expiresAt.getTime() <= now ||
    session.lastUsedAt.getTime() + idleMs <= now
  );
}

export class Sessions {
  constructor(private readonly pool: pg.Pool) {}

  /** @throws IdentityError `support_access_unknown` if the support access was ended meanwhile */
  async begin(user: User, session: NewSession): Promise<SessionRecord> {
    const { kind, secondFactor, method = 'password', provedAt, userAgent, address, support } = session;
    const { absolute } = limitsOf(kind, user.tenantId);
    // The lock makes who ends the support access meanwhile wait, and so end this session too.
    const begun = await this.#one(
      `insert into sessions (user_id, tenant_id, kind, token_version, second_factor, method, user_agent, address, expires_at,
         support_access_id, support_role, proved_at)
       select $1, $2, $3, $4, $5, $6, left($7, 400), left($8, 64), least(now() + make_interval(secs => $9), $10), $11::uuid, $12,
         coalesce($13, now())
       where $11::uuid is null or exists (
         select from support_access where id = $11::uuid and ended_at is null and allowed_until > now() for share)
       returning ${COLUMNS}`,
      [
        ...[user.id, support?.tenantId ?? user.tenantId, kind, user.tokenVersion, secondFactor, method],
        ...[userAgent, address, absolute, support?.until, support?.accessId, support?.role],
        provedAt,
      ],
    );
    if (!begun) throw supportAccessUnknown();
    return begun;
  }

  find(id: string): Promise<SessionRecord | undefined> {
    return this.#one(`select ${COLUMNS} from sessions where id = $1`, [id]);
  }

  /** The open sessions of a user, the last used first. */
  async list(user: User): Promise<SessionRecord[]> {
    const { rows } = await this.pool.query<SessionRecord>(
      `select ${COLUMNS} from sessions
       where user_id = $1 and ended_at is null and token_version = $2 and expires_at > now() order by last_used_at desc, id`,
      [user.id, user.tokenVersion],
    );
    return rows.filter((session) => !isOver(session));
  }

  /** The open sessions of a tenant's users, support sessions too, the last used first. */
  async ofTenant(tenantId: string, limit = 200): Promise<SessionRecord[]> {
    const { rows } = await this.pool.query<SessionRecord>(
      `select ${COLUMNS} from sessions
       where tenant_id = $1 and ended_at is null and expires_at > now() order by last_used_at desc, id limit $2`,
      [tenantId, limit],
    );
    return rows.filter((session) => !isOver(session));
  }

  async touch(id: string): Promise<void> {
    await this.pool.query('update sessions set last_used_at = now() where id = $1 and ended_at is null', [
      id,
    ]);
  }

  /** Records that the session's user has proved who they are once more. @returns undefined where it has ended */
  prove(id: string): Promise<SessionRecord | undefined> {
    return this.#one(
      `update sessions set proved_at = now() where id = $1 and ended_at is null returning ${COLUMNS}`,
      [id],
    );
  }

  /** Records that the session has shown a second factor. @returns undefined where it has ended */
  raise(id: string): Promise<SessionRecord | undefined> {
    return this.#one(
      `update sessions set second_factor = true, proved_at = now() where id = $1 and ended_at is null returning ${COLUMNS}`,
      [id],
    );
  }

  /**
   * Keeps a session in which its own user made a change that raised `token_version` by one.
   *
   * @param tokenVersion the new one. If another change raised it meanwhile, the session stays ended.
   */
  async renew(id: string, tokenVersion: number): Promise<void> {
    await this.pool.query('update sessions set token_version = $2 where id = $1 and token_version = $2 - 1', [
      id,
      tokenVersion,
    ]);
  }

  /**
   * Uses up the refresh token with this number; the next number is valid from now on. The previous number is accepted for
   * a few seconds more, without a new number. An older one may have been stolen, so it ends the session.
   *
   * @returns undefined where the session has ended
   */
  async rotate(id: string, number: number): Promise<SessionRecord | 'reused' | undefined> {
    const rotated = await this.#one(
      `update sessions set refresh_number = refresh_number + 1, refreshed_at = now(), last_used_at = now()
       where id = $1 and refresh_number = $2 and ended_at is null and expires_at > now() returning ${COLUMNS}`,
      [id, number],
    );
    if (rotated) return rotated;
    const reused = await this.#one(
      `select ${COLUMNS} from sessions where id = $1 and refresh_number = $2 + 1 and ended_at is null
         and refreshed_at > now() - make_interval(secs => $3)`,
      [id, number, REUSE_SECONDS],
    );
    if (reused) return reused;
    const { rowCount } = await this.pool.query(
      `update sessions set ended_at = now(), end_reason = 'refresh_reused'
       where id = $1 and refresh_number > $2 and ended_at is null`,
      [id, number],
    );
    return rowCount ? 'reused' : undefined;
  }

  /** @returns whether there was an open session */
  async end(userId: string, id: string, reason: EndReason): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      'update sessions set ended_at = now(), end_reason = $3 where id = $2 and user_id = $1 and ended_at is null',
      [userId, id, reason],
    );
    return rowCount === 1;
  }

  /** Ends every session of a user but one. @returns how many went on until then */
  async endOthers(userId: string, keep: string | undefined): Promise<number> {
    const { rowCount } = await this.pool.query(
      `update sessions set ended_at = now(), end_reason = 'revoked'
       where user_id = $1 and id is distinct from $2::uuid and ended_at is null`,
      [userId, keep],
    );
    return rowCount ?? 0;
  }

  /** Ends the sessions of a support access. @returns how many went on until then */
  async endSupport(supportAccessId: string): Promise<number> {
    const { rowCount } = await this.pool.query(
      `update sessions set ended_at = now(), end_reason = 'support_ended'
       where support_access_id = $1 and ended_at is null`,
      [supportAccessId],
    );
    return rowCount ?? 0;
  }

  /** Removes sessions that ended or expired long ago, and expired counters of attempts. */
  async forgetOld(): Promise<void> {
    await this.pool.query(
      'delete from sessions where least(expires_at, ended_at) < now() - make_interval(days => $1)',
      [KEPT_DAYS],
    );
    await this.pool.query('delete from mail_codes where expires_at < now()');
    await this.pool.query('delete from used_tokens where expires_at < now()');
    await this.pool.query('delete from attempt_limits where expire < extract(epoch from now()) * 1000');
  }

  async #one(text: string, values: unknown[]): Promise<SessionRecord | undefined> {
    return (await this.pool.query<SessionRecord>(text, values)).rows[0];
  }
}

export function supportAccessUnknown(): IdentityError {
  return new IdentityError('support_access_unknown', 'There is no such support access, or it is over.');
}
