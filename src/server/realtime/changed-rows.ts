// What reads the database's log of changed rows: a lease makes the database write it, and after a move it is read again from before.
import type { TenantClient } from '@/lib/data-sources';
import { ORIGIN_HEADER, SEEN_BY_NONE } from '@/lib/data-sources';

/** Lifetime of the lease that makes the database log changed rows, seconds. */
const LEASE_SECONDS = 120;
/** How often its holder extends the lease, ms. */
export const EXTEND_EVERY_MS = 40_000;
/** After this long without an extended lease, changes may not have been logged. */
export const LEASE_LOST_MS = 110_000;
/** How far back the log is read again after a move, since it came from another database: longer than a cut-over. */
const OVERLAP_MS = 60_000;

/** A table whose row changes are published, as `realtime_tables` describes it. */
export interface PublishedTable {
  columns: { name: string; type: string; users: boolean; managers: boolean }[];
  /** Roles that read its rows. */
  roles: string[] | null;
  /** Columns that decide which users may see a row. */
  decisive: string[];
  /** Users who see only some of its rows; '' for none. */
  partial: 'all' | 'staff' | '';
}

/**
 * Takes the lease, or extends it.
 *
 * @param name what is logged: whole rows, or their ids
 * @returns the tables whose changes are logged, by name
 */
export async function extendLease(
  client: TenantClient,
  name: 'rows' | 'ids',
): Promise<Record<string, PublishedTable>> {
  await client
    .rpc('extend_realtime_lease', { seconds: LEASE_SECONDS, name })
    .setHeader(ORIGIN_HEADER, SEEN_BY_NONE)
    .throwOnError();
  const { data } = await client.rpc('realtime_tables', undefined, { get: true }).throwOnError();
  return data as unknown as Record<string, PublishedTable>;
}

/** From when the log is read next, if the tenant has moved by then. @param now time of the database at the last reading */
export function overlapBefore(now: string): string {
  return new Date(Date.parse(now) - OVERLAP_MS).toISOString();
}
