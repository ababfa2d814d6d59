import type { Author, Database } from './database';

export type JsonObject = Record<string, unknown>;

/** One record of what was changed or done. Secrets appear in it as fingerprints only. */
export interface AuditRecord {
  /** Grows with time; a bigint as text. */
  id: string;
  occurredAt: Date;
  tenantId: string | null;
  actor: string;
  requestId: string | null;
  /** `tenants.update`, `users.insert`, `session.sign_in`, … */
  action: string;
  entity: string;
  entityId: string | null;
  before: JsonObject | null;
  after: JsonObject | null;
  details: JsonObject | null;
}

/** Something worth recording that is no change of `tenants` or `users`: triggers record those. */
export interface NewAuditRecord {
  tenantId?: string | null;
  action: string;
  entity: string;
  entityId?: string;
  /** Never a secret. */
  details?: JsonObject;
}

export interface AuditFilter {
  tenantId?: string;
  entity?: string;
  entityId?: string;
  actor?: string;
  action?: string;
  since?: Date;
  until?: Date;
  /** Records older than this id: the next page. */
  beforeId?: string;
  /** Default 100. */
  limit?: number;
}

/** The table `audit_log`: append-only, which the database enforces. */
export class Audit {
  constructor(private readonly database: Database) {}

  async append(record: NewAuditRecord, by?: Author): Promise<void> {
    const { tenantId, action, entity, entityId, details } = record;
    await this.database.change(by, (client) =>
      client.query(
        `insert into audit_log (tenant_id, action, entity, entity_id, details, actor, request_id)
         values ($1, $2, $3, $4, $5, current_setting('marquee.actor'), nullif(current_setting('marquee.request_id'), ''))`,
        [tenantId, action, entity, entityId, details && JSON.stringify(details)],
      ),
    );
  }

  /** Newest first. */
  list(filter: AuditFilter = {}): Promise<AuditRecord[]> {
    const { tenantId, entity, entityId, actor, action, since, until, beforeId, limit = 100 } = filter;
    return this.database.read<AuditRecord & object>(
      `select id::text, occurred_at "occurredAt", tenant_id "tenantId", actor, request_id "requestId", action, entity,
         entity_id "entityId", before, after, details
       from audit_log
       where ($1::uuid is null or tenant_id = $1) and ($2::text is null or entity = $2)
         and ($3::text is null or entity_id = $3) and ($4::text is null or actor = $4)
         and ($5::text is null or action = $5) and ($6::timestamptz is null or occurred_at >= $6)
         and ($7::timestamptz is null or occurred_at < $7) and ($8::bigint is null or id < $8)
       order by audit_log.id desc limit $9`,
      [tenantId, entity, entityId, actor, action, since, until, beforeId, limit],
    );
  }
}
