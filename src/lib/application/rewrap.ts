import type { SecretBox } from '@/lib/secrets';
import type { Author, Database } from './database';
import { replicaPlace, SECRET_COLUMNS, type StoredReplica } from './tenant-secrets';

/** A secret in a column of its own. */
interface StoredSecret {
  table: 'tenants' | 'users';
  column: string;
  owner: string;
  envelope: string;
}

/**
 * Brings every credential to the current key, each only over what was read: one that is set meanwhile is newer.
 *
 * @returns how many were encrypted anew
 * @throws SecretError as `decrypt`; what was done before stays done, and a further run goes on
 */
export async function rewrapSecrets(database: Database, box: SecretBox, by?: Author): Promise<number> {
  let count = 0;
  for (const { table, column, owner, envelope } of await storedSecrets(database)) {
    const rewrapped = await box.rewrap(envelope, { owner, column });
    if (rewrapped === undefined) continue;
    count += await database.change(by, async (client) => {
      const text = `update ${table} set ${column} = $2 where id = $1 and ${column} = $3`;
      return (await client.query(text, [owner, rewrapped, envelope])).rowCount ?? 0;
    });
  }
  return count + (await rewrapReplicas(database, box, by));
}

function storedSecrets(database: Database): Promise<StoredSecret[]> {
  const columns = [...SECRET_COLUMNS.map((column) => ['tenants', column]), ['users', 'totp_secret']];
  const selects = columns.map(
    ([table, column]) =>
      `select '${table}' "table", '${column}' "column", id::text owner, ${column} envelope from ${table} where ${column} is not null`,
  );
  return database.read<StoredSecret & object>(selects.join(' union all '));
}

async function rewrapReplicas(database: Database, box: SecretBox, by: Author | undefined): Promise<number> {
  const rows = await database.read<{ id: string; replicas: StoredReplica[] }>(
    "select id, data_source_replicas replicas from tenants where data_source_replicas <> '[]'",
  );
  let count = 0;
  for (const { id, replicas } of rows) {
    let changed = 0;
    const rewrapped = await Promise.all(
      replicas.map(async (replica) => {
        const url = await box.rewrap(replica.url, replicaPlace(id, replica.id));
        if (url !== undefined) changed += 1;
        return { ...replica, url: url ?? replica.url };
      }),
    );
    if (changed === 0) continue;
    const written = await database.change(by, async (client) => {
      const text =
        'update tenants set data_source_replicas = $2 where id = $1 and data_source_replicas = $3::jsonb';
      return (await client.query(text, [id, JSON.stringify(rewrapped), JSON.stringify(replicas)])).rowCount;
    });
    if (written) count += changed;
  }
  return count;
}
