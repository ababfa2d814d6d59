// Migrates one database of a schema rollout.
import pg from 'pg';
import { migrateDataSource } from '@/lib/data-sources';
import type { MigrateResult, SchemaFiles } from '@/lib/migrations';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { Backoff, pause } from '@/lib/time';
import { SchemaRolloutError } from './errors';
import type { SchemaRolloutOptions } from './options';

const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 15_000;
/** A lock that was not free in time, a deadlock. */
const LOCKED = ['55P03', '40P01'];

/**
 * Applies a phase in one transaction. Where a table is in use longer than a migration may wait, nothing stays applied, and it is tried again
 * after growing pauses: so statements of tenants wait a moment at a time, not until a long transaction ends.
 *
 * @throws MarqueeError `migration_*`, `data_source_*`, `schema_locked`
 */
export async function migrateWithRetries(
  operations: OperationsDatabase,
  source: DataSource,
  files: SchemaFiles,
  phase: 'expand' | 'contract',
  { lockTimeoutMs, lockAttempts }: Pick<SchemaRolloutOptions, 'lockTimeoutMs' | 'lockAttempts'>,
  signal: AbortSignal,
): Promise<MigrateResult> {
  const backoff = new Backoff(RETRY_FIRST_MS, RETRY_MOST_MS);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await migrateDataSource(operations, source, { files, phase, lockTimeoutMs });
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (attempt >= lockAttempts || signal.aborted) {
        throw new SchemaRolloutError(
          'schema_locked',
          `A table of ${source.name} was in use in all of ${attempt} attempts of ${lockTimeoutMs} ms.`,
          {
            hint: `End the long transactions in it; then: marquee migrate retry ${source.name}`,
            cause: error,
          },
        );
      }
      await pause(backoff.next(), { signal });
    }
  }
}

/** `migrate` wraps what a statement of a file throws. */
function isLocked(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return LOCKED.includes(error.code ?? '');
  return error instanceof Error && error.cause !== undefined && isLocked(error.cause);
}
