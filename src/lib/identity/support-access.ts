// Support access: an operator asks to see a tenant's data; the tenant allows it for some hours, and it ends by
// itself. Every step is in the tenant's own log.
import type pg from 'pg';
import type { ApplicationDatabase, Author, User } from '@/lib/application';
import type { Tokens } from '@/lib/secrets';
import type { ApiKeyRole } from './api-keys';
import { IdentityError } from './errors';
import { mayOperator } from './operator-roles';
import { type Sessions, supportAccessUnknown } from './sessions';
import type { UsedTokens } from './used-tokens';

/** Days after which an unanswered request can no longer be allowed. */
const ANSWERABLE_DAYS = 7;
/** Seconds between asking for a support session and beginning it. */
const TOKEN_LIFETIME = 300;
const PURPOSE = 'support-session';

export interface SupportAccess {
  id: string;
  tenantId: string;
  operatorId: string;
  operatorName: string;
  /** What it allows in the tenant. */
  role: ApiKeyRole;
  reason: string;
  hours: number;
  askedAt: Date;
  answeredBy: string | null;
  answeredAt: Date | null;
  /** Null where it was refused, or is not answered. */
  allowedUntil: Date | null;
  endedAt: Date | null;
  /** When a session began with it, last. */
  usedAt: Date | null;
}

export interface SupportRequest {
  tenantId: string;
  role: ApiKeyRole;
  reason: string;
  hours: number;
}

type SupportStep = 'ask' | 'allow' | 'refuse' | 'use' | 'end' | 'expire';

const COLUMNS = `id, tenant_id "tenantId", operator_id "operatorId", operator_name "operatorName", role, reason, hours,
  asked_at "askedAt", answered_by "answeredBy", answered_at "answeredAt", allowed_until "allowedUntil", ended_at "endedAt", used_at "usedAt"`;

export class SupportAccesses {
  constructor(
    private readonly pool: pg.Pool,
    private readonly application: Pick<ApplicationDatabase, 'audit' | 'announceUser' | 'tenants' | 'users'>,
    private readonly parts: { sessions: Sessions; tokens: Tokens; usedTokens: UsedTokens },
  ) {}

  /**
   * Asks the tenant, or begins at once where its policy is to allow it.
   *
   * @throws IdentityError `support_access_refused` where its policy is to refuse it
   */
  async ask(operator: User, request: SupportRequest, by: Author): Promise<SupportAccess> {
    const { tenantId, role, reason, hours } = request;
    const { supportPolicy } = await this.application.tenants.get(tenantId);
    if (supportPolicy === 'refuse') {
      throw new IdentityError('support_access_refused', 'This company gives support no access.', {
        hint: 'Ask its owner to change that under Settings, Support access.',
      });
    }
    const access = await this.#one(
      `insert into support_access (tenant_id, operator_id, operator_name, role, reason, hours, answered_at, allowed_until)
       values ($1, $2, $3, $4, $5, $6, case when $7 then now() end, case when $7 then now() + make_interval(hours => $6) end)
       returning ${COLUMNS}`,
      [tenantId, operator.id, operator.displayName, role, reason, hours, supportPolicy === 'allow'],
    );
    return this.#recorded('ask', access, by);
  }

  /** A tenant's requests, or all; the newest first. */
  async list(tenantId?: string): Promise<SupportAccess[]> {
    await this.endExpired();
    const text = `select ${COLUMNS} from support_access where $1::uuid is null or tenant_id = $1 order by asked_at desc, id limit 200`;
    return (await this.pool.query<SupportAccess>(text, [tenantId])).rows;
  }

  /** A user of the tenant allows a request, from now on, or refuses it. @throws IdentityError `support_access_unknown` */
  async answer(
    { tenantId, id }: { tenantId: string; id: string },
    allow: boolean,
    user: User,
    by: Author,
  ): Promise<SupportAccess> {
    const access = await this.#one(
      `update support_access set answered_by = $3, answered_at = now(),
         allowed_until = case when $4 then now() + make_interval(hours => hours) end,
         ended_at = case when $4 then null else now() end, ended_by = case when $4 then null else $3::uuid end
       where tenant_id = $1 and id = $2 and answered_at is null and asked_at > now() - make_interval(days => $5)
       returning ${COLUMNS}`,
      [tenantId, id, user.id, allow, ANSWERABLE_DAYS],
    );
    return this.#recorded(allow ? 'allow' : 'refuse', access, by);
  }

  /**
   * Ends an access before its time, at once and in every process.
   *
   * @param which.tenantId whose user ends it; `operatorId`: its operator does
   * @throws IdentityError `support_access_unknown`
   */
  async end(
    which: { id: string; tenantId?: string; operatorId?: string },
    user: Pick<User, 'id'>,
    by: Author,
  ): Promise<SupportAccess> {
    const access = await this.#one(
      `update support_access set ended_at = now(), ended_by = $2
       where id = $1 and ended_at is null and (tenant_id = $3 or operator_id = $4) returning ${COLUMNS}`,
      [which.id, user.id, which.tenantId, which.operatorId],
    );
    if (access) await this.#endSessions(access);
    return this.#recorded('end', access, by);
  }

  /** Ids and names of operators who had access to the tenant, for the history of its records. */
  async people(tenantId: string): Promise<{ id: string; displayName: string }[]> {
    const { rows } = await this.pool.query<{ id: string; displayName: string }>(
      `select distinct on (operator_id) operator_id id, operator_name "displayName" from support_access
       where tenant_id = $1 and used_at is not null order by operator_id, asked_at desc`,
      [tenantId],
    );
    return rows;
  }

  /**
   * A token that begins a support session at the tenant's address, once, within five minutes.
   *
   * @throws IdentityError `support_access_unknown`
   */
  async token(operator: User, id: string): Promise<{ token: string; tenantId: string }> {
    const { tenantId } = await this.#open(operator, id);
    const { tokens } = this.parts;
    return { token: await tokens.signPurposeToken(PURPOSE, operator.id, { id }, TOKEN_LIFETIME), tenantId };
  }

  /**
   * Uses up a token of `token`, at its tenant's address only.
   *
   * @throws IdentityError `support_access_unknown`; SecretError `token_*`
   */
  async begin(
    token: string,
    tenantId: string,
    address: string,
  ): Promise<{ operator: User; access: SupportAccess & { allowedUntil: Date } }> {
    const { tokens, usedTokens } = this.parts;
    const claims = await tokens.verifyPurposeToken(token, PURPOSE);
    const operator = await this.application.users.find(claims.subject);
    if (operator?.status !== 'active' || !mayOperator(operator, 'support_access.use'))
      throw supportAccessUnknown();
    if (!(await usedTokens.take(claims))) throw supportAccessUnknown();
    const access = await this.#open(operator, String(claims.data.id));
    if (access.tenantId !== tenantId) throw supportAccessUnknown();
    await this.pool.query('update support_access set used_at = now() where id = $1', [access.id]);
    await this.#recorded('use', access, { actor: `user:${operator.id}`, address });
    return { operator, access };
  }

  /** The access with which an operator may see the tenant's data now. */
  async #open(operator: User, id: string): Promise<SupportAccess & { allowedUntil: Date }> {
    const access = await this.#one(
      `select ${COLUMNS} from support_access
       where id = $1 and operator_id = $2 and ended_at is null and allowed_until > now()`,
      [id, operator.id],
    );
    if (!access?.allowedUntil) throw supportAccessUnknown();
    return { ...access, allowedUntil: access.allowedUntil };
  }

  /** Ends what has run out. Its sessions have ended by then: they carry the same limit. */
  async endExpired(): Promise<void> {
    const { rows } = await this.pool.query<SupportAccess>(
      `update support_access set ended_at = allowed_until where ended_at is null and allowed_until <= now() returning ${COLUMNS}`,
    );
    for (const access of rows) {
      await this.#endSessions(access);
      await this.#recorded('expire', access, { actor: 'system:support-access' });
    }
  }

  async #endSessions({ id, operatorId }: SupportAccess): Promise<void> {
    await this.parts.sessions.endSupport(id);
    await this.application.announceUser(operatorId);
  }

  async #recorded(step: SupportStep, access: SupportAccess | undefined, by: Author): Promise<SupportAccess> {
    if (!access) throw supportAccessUnknown();
    const { id, tenantId, operatorName, operatorId, role, reason, hours } = access;
    await this.application.audit.append(
      {
        ...{ tenantId, action: `support_access.${step}`, entity: 'support_access', entityId: id },
        details: { operator: operatorName, operatorId, role, reason, hours },
      },
      by,
    );
    return access;
  }

  async #one(text: string, values: unknown[]): Promise<SupportAccess | undefined> {
    return (await this.pool.query<SupportAccess>(text, values)).rows[0];
  }
}

/** `waiting` for an answer of the company; `over`: ended, run out, or never answered. */
export function stateOfSupport(
  { answeredAt, askedAt, allowedUntil, endedAt }: SupportAccess,
  now = Date.now(),
): 'waiting' | 'open' | 'refused' | 'over' {
  if (answeredAt && !allowedUntil) return 'refused';
  if (endedAt) return 'over';
  if (allowedUntil) return allowedUntil.getTime() > now ? 'open' : 'over';
  return askedAt.getTime() + ANSWERABLE_DAYS * 86_400_000 > now ? 'waiting' : 'over';
}
