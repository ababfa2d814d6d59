import type { AuditAction } from './audit-actions';
import {
  type Archived,
  type ArchiveOptions,
  archive,
  type ChainPosition,
  type CheckpointSigner,
  type CheckpointVerifier,
  type Finding,
  headOf,
  type InclusionProof,
  makeCheckpoint,
  proveRecord,
  readOn,
  type SignedCheckpoint,
  type Verification,
  type VerifyOptions,
  verifyRecords,
  weaknessesOf,
} from './audit-chain';
import type { HashedRecord } from './audit-chain/hashes';
import { type Author, connected, type Database } from './database';
import { ApplicationError } from './errors';
import { expectOwner } from './owner';
import { statements } from './statements';

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
  /** The client's IP address. */
  address: string | null;
}

/** An event that is not a change of `tenants` or `users`; triggers record those. */
export interface NewAuditRecord {
  tenantId?: string | null;
  action: AuditAction;
  entity: string;
  entityId?: string;
  before?: JsonObject;
  after?: JsonObject;
  /** Never a secret; nor are `before` and `after`. */
  details?: JsonObject;
}

/** What was added to the log since a position. */
export interface AuditGrowth {
  records: AuditRecord[];
  /** Why the log does not continue what was read before. */
  findings: Finding[];
  /** Where to read on. */
  position: ChainPosition;
}

export interface AuditFilter {
  tenantId?: string;
  entity?: string;
  entityId?: string;
  actor?: string;
  action?: string;
  since?: Date;
  until?: Date;
  /** Only changes of rows in which one of these columns differs, or that were inserted or deleted. */
  columns?: readonly string[];
  /** Records older than this id: the next page. */
  beforeId?: string;
  /** Default 100. */
  limit?: number;
}

export const AUDIT = statements('audit', {
  append: `insert into audit_log (tenant_id, action, entity, entity_id, before, after, details, actor, request_id, address)
    values ($1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb, $7::jsonb, current_setting('marquee.actor'),
      nullif(current_setting('marquee.request_id'), ''), nullif(current_setting('marquee.address'), '')) returning id::text`,
  list: `select id::text, occurred_at "occurredAt", tenant_id "tenantId", actor, request_id "requestId", action, entity,
      entity_id "entityId", before, after, details, address
    from audit_log
    where ($1::uuid is null or tenant_id = $1::uuid) and ($2::text is null or entity = $2::text)
      and ($3::text is null or entity_id = $3::text) and ($4::text is null or actor = $4::text)
      and ($5::text is null or action = $5::text) and ($6::timestamptz is null or occurred_at >= $6::timestamptz)
      and ($7::timestamptz is null or occurred_at < $7::timestamptz) and ($8::bigint is null or id < $8::bigint)
      and ($10::text[] is null or jsonb_exists_any(before, $10::text[]) or jsonb_exists_any(after, $10::text[]))
    order by audit_log.id desc limit $9::bigint`,
});

/** The table `audit_log`: append-only, which the database enforces. */
export class Audit {
  constructor(private readonly database: Database) {}

  async append(record: NewAuditRecord, by?: Author): Promise<void> {
    const { tenantId, action, entity, entityId, before, after, details } = record;
    const json = (value?: JsonObject) => value && JSON.stringify(value);
    const values = [tenantId, action, entity, entityId, json(before), json(after), json(details)];
    await this.database.change(by, AUDIT.append, values);
  }

  /** Reads every record and says which were not written by the log's trigger, as far as hashes and checkpoints show it. */
  verify(options: VerifyOptions): Promise<Verification> {
    return this.database.withLog((log) => verifyRecords(log, options));
  }

  /**
   * Signs the present state where the log has grown since the last checkpoint, and records that; else gives the last one.
   *
   * @throws ApplicationError `audit_log_changed`: records since the last checkpoint were not written by the log's trigger; `audit_log_busy`
   */
  checkpoint(
    signer: CheckpointSigner,
    verifiers: readonly CheckpointVerifier[],
    by: Author,
  ): Promise<SignedCheckpoint> {
    const { actor } = by;
    return this.database.withLog((log) => makeCheckpoint(log, { signer, verifiers, actor }));
  }

  /**
   * @param options.note a checkpoint, default the latest; `segments`: files of archived records
   * @throws ApplicationError `audit_record_unknown`, `audit_record_not_covered`, `audit_log_changed`
   */
  prove(
    id: bigint,
    verifiers: readonly CheckpointVerifier[],
    options: { note?: string | undefined; segments?: readonly string[] } = {},
  ): Promise<InclusionProof> {
    return this.database.withLog((log) => proveRecord(log, id, verifiers, options));
  }

  /**
   * Moves records from before a time to a file, in a whole segment that ends at a signed checkpoint.
   *
   * @param options.ownerUrl PostgreSQL URL of the owner of the table: no other may remove records
   * @throws ApplicationError `audit_log_changed`, `application_login_lacks_rights`, `application_needs_postgres`
   */
  async archive({
    ownerUrl,
    ...options
  }: Omit<ArchiveOptions, 'owner'> & { ownerUrl: string | undefined }): Promise<Archived> {
    if (!ownerUrl) {
      throw new ApplicationError(
        'application_needs_postgres',
        'Records are removed by the owner of the audit log only.',
      );
    }
    return this.database.withLog((log) =>
      connected({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 }, async (owner) => {
        await expectOwner(owner);
        return archive(log, { ...options, owner });
      }),
    );
  }

  /** Where the log ends now. */
  head(): Promise<ChainPosition> {
    return headOf(this.database);
  }

  /** The next at most 10,000 records after a position, checked against their hashes and the chain. */
  async readOn(position: ChainPosition): Promise<AuditGrowth> {
    const growth = await this.database.withLog((log) => readOn(log, position));
    return { ...growth, records: growth.records.map(recordOf) };
  }

  /** What this login could do to the log besides adding records, in words. */
  weaknesses(): Promise<string[]> {
    return weaknessesOf(this.database);
  }

  /** Newest first. */
  list(filter: AuditFilter = {}): Promise<AuditRecord[]> {
    const {
      tenantId,
      entity,
      entityId,
      actor,
      action,
      since,
      until,
      beforeId,
      limit = 100,
      columns,
    } = filter;
    const range = [since, until, beforeId, limit, columns];
    return this.database.read<AuditRecord>(AUDIT.list, [tenantId, entity, entityId, actor, action, ...range]);
  }
}

function recordOf(hashed: HashedRecord): AuditRecord {
  const { id, occurredAt, actor, action, entity, before, after, details, ...others } = hashed;
  const json = (text: string | null): JsonObject | null => (text === null ? null : JSON.parse(text));
  return {
    ...others,
    ...{ id: id ?? '', actor: actor ?? '', action: action ?? '', entity: entity ?? '' },
    ...{ before: json(before), after: json(after), details: json(details) },
    occurredAt: timeOf(occurredAt),
  };
}

/** @param microseconds since 1970; an edit may have made it any time, also none that a Date can hold */
function timeOf(microseconds: string | null): Date {
  const time = new Date(Number(microseconds) / 1000);
  return Number.isNaN(time.getTime()) ? new Date(0) : time;
}
