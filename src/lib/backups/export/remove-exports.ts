// Removes exports: when their time is over, when their tenant is erased, and what an interrupted one has left.
import type { BackupDependencies } from '../dependencies';
import { prefixOf } from '../format/places';
import { problemsOf } from '../problems-of';
import { openStore } from '../stores/open-store';

interface Stored {
  id: string;
  tenantId: string;
  store: string;
}

/** Removes a tenant's exports. @param states all of them without it */
export async function removeExports(
  dependencies: Pick<BackupDependencies, 'operations'>,
  tenantId: string,
  states: readonly ('running' | 'complete')[] = ['running', 'complete'],
): Promise<void> {
  const { rows } = await dependencies.operations.pool.query<Stored>(
    'select id, tenant_id "tenantId", store from exports where tenant_id = $1 and state = any ($2)',
    [tenantId, states],
  );
  for (const one of rows) await removeExport(dependencies, one);
}

/** Removes exports whose time is over. @returns how many @throws what the first that could not be removed failed with, after the others */
export async function removeOldExports({
  operations,
}: Pick<BackupDependencies, 'operations'>): Promise<number> {
  const { rows } = await operations.pool.query<Stored>(
    'select id, tenant_id "tenantId", store from exports where expires_at <= now()',
  );
  const [problem] = await problemsOf(rows, (one) => removeExport({ operations }, one));
  if (problem !== undefined) throw problem;
  return rows.length;
}

/** Its objects first: an export without objects is removed again. */
export async function removeExport(
  { operations }: Pick<BackupDependencies, 'operations'>,
  one: Stored,
): Promise<void> {
  await (await openStore(one.store)).removeAll(prefixOf(one));
  await operations.pool.query('delete from exports where id = $1', [one.id]);
}
