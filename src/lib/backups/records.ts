// The tables `backups`, `restores`, `drills` and `legal_holds` of the operations database.
import type pg from 'pg';
import { inWords, MarqueeError } from '@/lib/failures';
import { BackupError } from './errors';
import type { SignedManifest } from './format/manifest';

export interface RecordedError {
  code: string;
  message: string;
}

export type BackupReason = 'manual' | 'scheduled' | 'before_restore';

export interface Backup {
  id: string;
  tenantId: string;
  dataSource: string;
  state: 'running' | 'complete' | 'failed' | 'removing' | 'removed';
  reason: BackupReason;
  /** Address of its store. */
  store: string;
  requestedBy: string;
  startedAt: Date;
  finishedAt: Date | null;
  /** The moment whose rows it holds. */
  asOf: Date | null;
  rows: number | null;
  storedBytes: number | null;
  /** When all of it was last read back. */
  verifiedAt: Date | null;
  /** When a drill last restored it. */
  provenAt: Date | null;
  error: RecordedError | null;
}

export interface Drill {
  id: string;
  backupId: string | null;
  tenantId: string;
  state: 'running' | 'passed' | 'failed';
  startedAt: Date;
  finishedAt: Date | null;
  /** Rows, bytes and files restored; milliseconds. */
  result: {
    rows?: number;
    bytes?: number;
    files?: number;
    restoreMs?: number;
    openMs?: number;
    totalMs?: number;
  };
  error: RecordedError | null;
}

export interface LegalHold {
  tenantId: string;
  reason: string;
  placedBy: string;
  placedAt: Date;
}

/** When a tenant was last backed up, and what drills say about it. Times are null where there was none. */
export interface BackupState {
  tenantId: string;
  lastBackupAt: Date | null;
  /** The moment of the newest backup that a drill has restored. */
  lastProvenAt: Date | null;
  lastDrillAt: Date | null;
  lastDrill: Drill['state'] | null;
  lastFailure: RecordedError | null;
}

const COLUMNS = `id, tenant_id "tenantId", data_source "dataSource", state, reason, store, requested_by "requestedBy",
  started_at "startedAt", finished_at "finishedAt", as_of "asOf", rows::float8, stored_bytes::float8 "storedBytes",
  verified_at "verifiedAt", proven_at "provenAt", error`;

export const DRILL_COLUMNS = `id, backup_id "backupId", tenant_id "tenantId", state, started_at "startedAt", finished_at "finishedAt", result, error`;

/** A tenant's backups, or those of all, the newest first. */
export async function listBackups(
  pool: pg.Pool,
  { tenantId, limit = 100 }: { tenantId?: string | undefined; limit?: number } = {},
): Promise<Backup[]> {
  const { rows } = await pool.query<Backup>(
    `select ${COLUMNS} from backups where $1::uuid is null or tenant_id = $1 order by started_at desc, id limit $2`,
    [tenantId ?? null, limit],
  );
  return rows;
}

/** How many complete backups there are of each of these tenants that has any. */
export async function countBackups(
  pool: pg.Pool,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ id: string; n: number }>(
    `select tenant_id as id, count(*)::int as n from backups where state = 'complete' and tenant_id = any ($1) group by 1`,
    [tenantIds],
  );
  return new Map(rows.map(({ id, n }) => [id, n]));
}

/** The newest drills first. */
export async function listDrills(
  pool: pg.Pool,
  { tenantId, limit = 100 }: { tenantId?: string | undefined; limit?: number } = {},
): Promise<Drill[]> {
  const { rows } = await pool.query<Drill>(
    `select ${DRILL_COLUMNS} from drills where $1::uuid is null or tenant_id = $1 order by started_at desc, id limit $2`,
    [tenantId ?? null, limit],
  );
  return rows;
}

/** @param id whole, or its first characters where no other begins so @throws BackupError `backup_unknown` */
export async function findBackup(pool: pg.Pool, id: string): Promise<Backup> {
  const { rows } = await pool.query<Backup>(
    `select ${COLUMNS} from backups where id::text like $1 || '%' limit 2`,
    [/^[0-9a-f-]{4,36}$/.test(id) ? id : '-'],
  );
  const [backup] = rows;
  if (backup && rows.length === 1) return backup;
  throw new BackupError(
    'backup_unknown',
    backup ? `More than one backup begins with ${id}.` : `There is no backup ${id}.`,
  );
}

/** The newest complete backup of a tenant. @throws BackupError `backup_unknown` */
export async function newestBackup(pool: pg.Pool, tenantId: string): Promise<Backup> {
  const { rows } = await pool.query<Backup>(
    `select ${COLUMNS} from backups where tenant_id = $1 and state = 'complete' order by as_of desc limit 1`,
    [tenantId],
  );
  if (rows[0]) return rows[0];
  throw new BackupError('backup_unknown', 'The tenant has no complete backup.', {
    hint: 'Make one: marquee backup create TENANT',
  });
}

/** A backup's manifest and the envelope of its key, as recorded here. */
export async function recordedManifest(
  pool: pg.Pool,
  id: string,
): Promise<{ signed: SignedManifest | null; dataKey: string } | undefined> {
  const { rows } = await pool.query<{ signed: SignedManifest | null; dataKey: string }>(
    'select manifest as signed, data_key "dataKey" from backups where id = $1',
    [id],
  );
  return rows[0];
}

/** The state of backups of each tenant that was ever backed up, or of those given. For status pages. */
export async function backupStates(
  pool: pg.Pool,
  tenantIds?: readonly string[],
): Promise<Map<string, BackupState>> {
  const { rows } = await pool.query<BackupState>(
    `with b as (
       select tenant_id, max(as_of) filter (where state = 'complete') as backed_up,
         max(as_of) filter (where state = 'complete' and proven_at is not null) as proven
       from backups where $1::uuid[] is null or tenant_id = any ($1) group by tenant_id)
     select b.tenant_id "tenantId", backed_up "lastBackupAt", proven "lastProvenAt", d.started_at "lastDrillAt", d.state "lastDrill",
       coalesce(case when d.state = 'failed' then d.error end, case when f.started_at > coalesce(backed_up, '-infinity') then f.error end) "lastFailure"
     from b
       left join lateral (select * from drills where tenant_id = b.tenant_id order by started_at desc limit 1) d on true
       left join lateral (select started_at, error from backups where tenant_id = b.tenant_id and state = 'failed' order by started_at desc limit 1) f on true`,
    [tenantIds ?? null],
  );
  return new Map(rows.map((row) => [row.tenantId, row]));
}

/** What runs for a tenant, in words. */
export async function workOf(pool: pg.Pool, tenantId: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ text: string }>(
    `select format('%s began %s of this tenant at %s and has not ended it.', by, what, to_char(at at time zone 'UTC', 'HH24:MI:SS "UTC"')) as text
     from (select requested_by as by, 'a backup' as what, started_at as at from backups where tenant_id = $1 and state = 'running'
       union all select requested_by, 'a restore', started_at from restores where (tenant_id = $1 or into_tenant = $1) and state = 'running'
       union all select requested_by, 'a drill', started_at from drills where tenant_id = $1 and state = 'running') work
     order by at limit 1`,
    [tenantId],
  );
  return rows[0]?.text;
}

/** All legal holds, the oldest first. */
export async function listHolds(pool: pg.Pool): Promise<LegalHold[]> {
  const { rows } = await pool.query<LegalHold>(
    `select tenant_id "tenantId", reason, placed_by "placedBy", placed_at "placedAt" from legal_holds order by placed_at`,
  );
  return rows;
}

/** @throws BackupError `backup_held` */
export async function expectNoHold(pool: pg.Pool, tenantId: string): Promise<void> {
  const { rows } = await pool.query<{ reason: string }>(
    'select reason from legal_holds where tenant_id = $1',
    [tenantId],
  );
  if (rows[0]) throw new BackupError('backup_held', `A legal hold is on this tenant: ${rows[0].reason}`);
}

/** An error as it is recorded: never with values or credentials of errors that are not Marquee's own. */
export function recorded(error: unknown): RecordedError {
  if (error instanceof MarqueeError) return { code: error.code, message: error.message };
  return inWords(error, 'An unexpected error');
}
