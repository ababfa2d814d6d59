// A tenant's fence in its data source. It reserves the tenant's id there before any row is written under that id. Rows are removed only
// while the fence belongs to this tenant.
import pg from 'pg';
import { ApplicationError, type Tenant } from '@/lib/application';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { deleteRows, inTransaction, readTables } from '@/lib/tenant-data/rows';

/** The holder of the fence until a move claims it. Moves write theirs in the same form: `<owner>#<attempt>`. */
function holderOf(tenantId: string): string {
  return `tenant ${tenantId}#1`;
}

/**
 * Reserves the tenant's id in a database and opens its fence at the route's epoch.
 *
 * @param client a connection there of the mover's login or the owner, outside of a transaction
 * @param tenant its row is already in the application database. So a move that reserves the id later finds the row, and an earlier
 *   reservation is found here
 * @throws ApplicationError `place_taken` if a move has reserved the id, or a fence or rows exist for it
 */
export async function openTenantFence(
  operations: OperationsDatabase,
  client: pg.ClientBase,
  source: DataSource,
  { id, tenantIdInDataSource, routeEpoch }: Tenant,
): Promise<void> {
  if (await operations.reservedIds.moveOf(source.id, tenantIdInDataSource)) {
    throw placeTaken(`A move has reserved this id in ${source.name}.`);
  }
  const fence = [tenantIdInDataSource, holderOf(id)];
  await inTransaction(client, 'begin', async () => {
    await client.query('select tenancy.reserve_fence($1, $2, $3)', [...fence, bringsItsRows(source)]);
    await client.query('select tenancy.release_fence($1, $3, $2)', [...fence, routeEpoch]);
  }).catch((error: unknown) => {
    if (!isTakenId(error)) throw error;
    throw placeTaken(`${source.name} has rows or a fence of another tenant under this id.`, error);
  });
}

/** Removes the rows and the fence of a tenant. Does nothing if the fence has another holder. */
export async function removeTenantRows(
  client: pg.ClientBase,
  source: DataSource,
  { id, tenantIdInDataSource }: Tenant,
): Promise<void> {
  const fence = [tenantIdInDataSource, holderOf(id)];
  await inTransaction(client, 'begin', async () => {
    await client.query("select set_config('tenancy.copying', 'on', true)");
    await client.query('set constraints all deferred');
    await client.query('select tenancy.hold_fence($1, $2)', fence);
    if (!bringsItsRows(source)) await deleteRows(client, await readTables(client), tenantIdInDataSource);
    await client.query('select tenancy.remove_fence($1, $2)', fence);
  }).catch((error: unknown) => {
    if (!isTakenId(error)) throw error;
  });
}

/**
 * Takes over the fence of a tenant that is to be removed, at the epoch of the tenant's route.
 *
 * @returns whether there is a fence. If not, rows and fence were removed before
 * @throws ApplicationError `place_taken` if the fence has another holder, such as a move
 */
export async function claimTenantFence(
  client: pg.ClientBase,
  { id, tenantIdInDataSource, routeEpoch }: Tenant,
): Promise<boolean> {
  await client.query('select tenancy.claim_fence($1, $2, $3)', [
    tenantIdInDataSource,
    holderOf(id),
    routeEpoch,
  ]);
  const { rows } = await client.query<{ holder: string }>(
    'select holder from tenancy.fence where tenant_id = $1',
    [tenantIdInDataSource],
  );
  if (rows[0] && rows[0].holder !== holderOf(id)) {
    throw placeTaken('The tenant’s fence has another holder, such as a move that has just begun.');
  }
  return rows.length > 0;
}

/** Whether the tenant's rows may exist already, as in a Supabase project, whose owner writes them. */
function bringsItsRows({ engine }: DataSource): boolean {
  return engine === 'supabase';
}

function isTakenId(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === 'MQ022';
}

function placeTaken(message: string, cause?: unknown): ApplicationError {
  return new ApplicationError('place_taken', message, {
    hint: 'Give the tenant another id there: --tenant-id-in-data-source',
    cause,
  });
}
