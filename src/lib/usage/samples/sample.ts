// Once an hour: what tenants keep. Storage and files are measured in each data source every six hours, and counted each hour as last measured.
import type pg from 'pg';
import type { ApplicationDatabase } from '@/lib/application';
import { withLogin } from '@/lib/data-sources';
import { type DataSource, type OperationsDatabase, PLATFORM } from '@/lib/operations';
import { pinSession } from '@/lib/tenant-data';
import { beginOf } from '../period';
import { type MeasuredStorage, measureProject, measureStorage } from './storage';

export interface SampleDependencies {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: OperationsDatabase;
}

/** A measurement as it is kept: bytes as decimal text. */
interface Kept {
  tenants: Record<string, string>;
  files: Record<string, string>;
  shared: string;
}

export interface Sampled {
  /** Data sources whose storage was measured now. */
  measured: number;
  /** Sources that could not be measured, and why. */
  failed: { source: string; problem: string }[];
  /** Supabase projects that are reached over their REST API only, and whose schema cannot be asked yet. */
  unmeasured: string[];
}

const MEASURE_EVERY = "interval '5 hours 30 minutes'";

/** Counts the current hour. May be called again: an hour is counted once, with the latest values. */
export async function sampleHour(
  parts: SampleDependencies,
  signal?: AbortSignal,
  now = new Date(),
): Promise<Sampled> {
  const { dataSources, pool } = parts.operations;
  const sampled: Sampled = { measured: 0, failed: [], unmeasured: [] };
  for (const source of await dataSources.list()) {
    signal?.throwIfAborted();
    if (source.status !== 'active' && source.status !== 'draining') continue;
    try {
      if (await isMeasured(pool, source.id)) continue;
      if (await measure(parts, source, signal)) sampled.measured += 1;
      else sampled.unmeasured.push(source.name);
    } catch (error) {
      sampled.failed.push({
        source: source.name,
        problem: error instanceof Error ? error.message : String(error),
      });
    }
  }
  await countStorage(pool, beginOf(now, 'hourly'));
  await countFilesAndBackups(pool, beginOf(now, 'hourly'));
  return sampled;
}

async function isMeasured(pool: pg.Pool, place: string): Promise<boolean> {
  const { rows } = await pool.query(
    `select from usage_storage where place = $1 and measured_at > now() - ${MEASURE_EVERY}`,
    [place],
  );
  return rows.length > 0;
}

/** By the mover's login; where a Supabase project has none, over its REST API. */
async function measured(
  operations: OperationsDatabase,
  source: DataSource,
  signal: AbortSignal | undefined,
): Promise<MeasuredStorage | undefined> {
  const { moverUrl, routerUrl, serviceKey } = await operations.dataSources.credentials(source.id);
  if (moverUrl) {
    return withLogin('mover', operations, source, async (client) => {
      await pinSession(client);
      return measureStorage(client);
    });
  }
  return routerUrl && serviceKey ? measureProject(routerUrl, serviceKey, signal) : undefined;
}

async function measure(
  { application, operations }: SampleDependencies,
  source: DataSource,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const storage = await measured(operations, source, signal);
  if (!storage) return false;
  const { tenants, files, shared } = storage;
  const known = new Map<string, string>();
  for await (const { id, dataSourceId, tenantIdInDataSource } of application.tenants.all()) {
    // Under its own id a tenant's rows are found where they were, too: until a move is complete.
    known.set(id, id);
    if (dataSourceId === source.id) known.set(tenantIdInDataSource, id);
  }
  const kept = { tenants: {}, files: {}, shared: '0' } as Kept;
  let common = shared;
  for (const [idThere, bytes] of tenants) {
    const id = known.get(idThere);
    if (id) kept.tenants[id] = String(bytes + BigInt(kept.tenants[id] ?? 0));
    // Rows of tenants that are no longer known.
    else common += bytes;
  }
  for (const [idThere, bytes] of files) {
    const id = known.get(idThere);
    if (id) kept.files[id] = String(bytes);
  }
  kept.shared = String(common);
  await operations.pool.query(
    `insert into usage_storage (place, measured) values ($1, $2)
     on conflict (place) do update set measured = excluded.measured, measured_at = now()`,
    [source.id, JSON.stringify(kept)],
  );
  return true;
}

/** Older measurements are of data sources that are gone or cannot be reached. */
const USABLE = "measured_at > now() - interval '2 days'";

async function countStorage(pool: pg.Pool, hour: Date): Promise<void> {
  await pool.query(
    `insert into usage_buckets (tenant_id, place, starts_at, storage_byte_hours, sampled_hours)
     select key::uuid, place, $1, value::bigint, 1 from usage_storage, jsonb_each_text(measured->'tenants') where ${USABLE} order by 2, 1
     on conflict (tenant_id, place, seconds, starts_at) do update set storage_byte_hours = excluded.storage_byte_hours, sampled_hours = 1`,
    [hour],
  );
  await pool.query(
    `insert into usage_shared_storage as s (place, month, byte_hours, sampled_hours, last_hour)
     select place, date_trunc('month', $1::timestamptz, 'UTC') at time zone 'UTC', (measured->>'shared')::bigint, 1, $1 from usage_storage where ${USABLE}
     on conflict (place, month) do update set byte_hours = s.byte_hours + excluded.byte_hours, sampled_hours = s.sampled_hours + 1,
       last_hour = excluded.last_hour where s.last_hour < excluded.last_hour`,
    [hour],
  );
}

/** Files count at the tenant's present data source only, since a measurement of a former one includes them, too. */
async function countFilesAndBackups(pool: pg.Pool, hour: Date): Promise<void> {
  await pool.query(
    `with files as (
       select key::uuid tenant_id, max(value::bigint) bytes from usage_storage, jsonb_each_text(measured->'files') where ${USABLE} group by 1
     ), backed as (
       select tenant_id, sum(stored_bytes)::bigint bytes from backups where state = 'complete' group by 1
     )
     insert into usage_buckets (tenant_id, place, starts_at, file_byte_hours, backup_byte_hours, sampled_hours)
     select tenant_id, $2, $1, coalesce(files.bytes, 0), coalesce(backed.bytes, 0), 1
     from files full join backed using (tenant_id) order by 1
     on conflict (tenant_id, place, seconds, starts_at) do update set file_byte_hours = excluded.file_byte_hours,
       backup_byte_hours = excluded.backup_byte_hours, sampled_hours = 1`,
    [hour, PLATFORM],
  );
}
