// Drift: what the schema of a database lacks of its own version, has beside it, or has in another form.
import type pg from 'pg';
import type { ApplicationDatabase, Author } from '@/lib/application';
import { withScratchDatabase } from '@/lib/data-sources';
import { isTransient } from '@/lib/failures';
import { readCatalog } from '@/lib/migrations';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { parsePostgresUrl } from '@/lib/postgres';
import { schemaFingerprint } from '@/lib/tenant-data';
import { type Difference, differences, withoutObjects } from './differences';
import { withReader } from './reader';

export interface Drift {
  source: string;
  /** Version and digest of what was applied, as the database records it. Empty: it has no schema, or does not show it. */
  fingerprint: string;
  /** What shows what this version consists of: `migrations`, or the name of a data source. */
  reference: string;
  differences: Difference[];
}

/** An index is compared as such. Objects of moves and of logins are not the version’s. */
const NOT_COMPARED = /^(?:relation \S+ [iI]|publication|default privilege|extension) /;

const MIGRATIONS = 'migrations';

interface Reference {
  lines: string[];
  readFrom: string;
}

/**
 * Compares a database with what its version consists of: tables, columns, types, constraints, indexes, policies, privileges, triggers, functions.
 * What that is was read once for each version, kind and PostgreSQL version: from a database that was made from this program's migrations for it, or,
 * where that is not possible, from the first database that was looked at.
 */
export function readDrift(operations: OperationsDatabase, source: DataSource): Promise<Drift> {
  return withReader(operations, source, (client) => compareSchema(operations, source, client));
}

/** As `readDrift`, over a connection that is there. */
export async function compareSchema(
  operations: OperationsDatabase,
  source: DataSource,
  client: pg.Client,
): Promise<Drift> {
  const key = await readKey(client, source);
  if (!key) return { source: source.name, fingerprint: '', reference: '', differences: [] };
  const reference =
    (await referenceOf(operations.pool, key)) ?? (await readReference(operations, source, client, key));
  const lines = await readLines(operations, source, client);
  return {
    source: source.name,
    fingerprint: key[0],
    reference: reference.readFrom,
    differences: differences(reference.lines, lines),
  };
}

let reading: Promise<unknown> = Promise.resolve();

/**
 * Databases that are looked at side by side have one reference. The lock is for other processes: who waits for it holds a connection of the
 * pool, so in this process they wait for each other instead.
 */
function readReference(
  operations: OperationsDatabase,
  source: DataSource,
  client: pg.Client,
  key: Key,
): Promise<Reference> {
  const read = () =>
    operations.withLock('schema reference', async () => {
      const known = await referenceOf(operations.pool, key);
      if (known) return known;
      const made = await linesOfMigrations(operations, source, key);
      return made
        ? firstOf(operations.pool, key, made, MIGRATIONS)
        : firstOf(operations.pool, key, await readLines(operations, source, client), source.name);
    });
  const next = reading.then(read, read);
  reading = next;
  return next;
}

/** @returns undefined where the version is not this program's, or the server does not let a database be made */
async function linesOfMigrations(
  operations: OperationsDatabase,
  source: DataSource,
  [fingerprint]: Key,
): Promise<string[] | undefined> {
  try {
    return await withScratchDatabase(operations, source, async (scratch) =>
      (await schemaFingerprint(scratch)) === fingerprint ? readLines(operations, source, scratch) : undefined,
    );
  } catch (error) {
    if (isTransient(error)) throw error;
    return undefined;
  }
}

/**
 * After a migration: what the new version consists of, where no other database has shown it yet.
 *
 * @param without what the database had beside its former version: others need not have it
 */
export function recordReference(
  operations: OperationsDatabase,
  source: DataSource,
  without: readonly Difference[],
): Promise<void> {
  return withReader(operations, source, async (client) => {
    const key = await readKey(client, source);
    if (!key || (await referenceOf(operations.pool, key))) return;
    await firstOf(
      operations.pool,
      key,
      withoutObjects(await readLines(operations, source, client), without),
      source.name,
    );
  });
}

/** From now on the schema of this database is what its version consists of, for all databases of that version. */
export async function acceptDrift(
  { operations, application }: { operations: OperationsDatabase; application: ApplicationDatabase },
  source: DataSource,
  by?: Author,
): Promise<void> {
  await acceptSchema(operations, source);
  await application.audit.append(
    {
      ...{ action: 'schema_drift.accept', entity: 'data_sources', entityId: source.id },
      details: { source: source.name },
    },
    by,
  );
}

function acceptSchema(operations: OperationsDatabase, source: DataSource): Promise<void> {
  return withReader(operations, source, async (client) => {
    const key = await readKey(client, source);
    if (!key) return;
    await operations.pool.query(
      `insert into schema_references (fingerprint, kind, server_major, lines, read_from) values ($1, $2, $3, $4, $5)
       on conflict (fingerprint, kind, server_major)
         do update set lines = excluded.lines, read_from = excluded.read_from, read_at = now()`,
      [...key, await readLines(operations, source, client), source.name],
    );
  });
}

type Key = [fingerprint: string, kind: string, serverMajor: number];

async function readKey(client: pg.Client, { kind }: DataSource): Promise<Key | undefined> {
  const fingerprint = await schemaFingerprint(client);
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  );
  return fingerprint ? [fingerprint, kind, Math.floor(Number(rows[0]?.version) / 10_000)] : undefined;
}

/** With the database's own logins as `router` and `mover`: each database has logins of its own. */
async function readLines(
  operations: OperationsDatabase,
  source: DataSource,
  client: pg.Client,
): Promise<string[]> {
  const { adminUrl, routerUrl, moverUrl } = await operations.dataSources.credentials(source.id);
  const [admin, router, mover] = [adminUrl, routerUrl, moverUrl].map(
    (url) => parsePostgresUrl(url ?? '')?.user ?? '',
  );
  const names = new Map([
    [router, 'router'],
    [mover, 'mover'],
  ]);
  names.delete(admin);
  const granted = (entry: string) => {
    const [, name = '', rights = ''] = /^(.*?)(=.*)$/.exec(entry) ?? [];
    return `${names.get(name) ?? name}${rights}`;
  };
  const lines = await readCatalog(client, ['public', 'tenancy'], NOT_COMPARED);
  return lines.map((line) =>
    line.replace(
      /\[([^[\]]*=[^[\]]*)\]$/,
      (_, rights: string) => `[${rights.split(' ').map(granted).sort().join(' ')}]`,
    ),
  );
}

/** Another process may have recorded one meanwhile. */
async function firstOf(pool: pg.Pool, key: Key, lines: string[], readFrom: string): Promise<Reference> {
  await pool.query(
    `insert into schema_references (fingerprint, kind, server_major, lines, read_from) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [...key, lines, readFrom],
  );
  return (await referenceOf(pool, key)) ?? { lines, readFrom };
}

async function referenceOf(pool: pg.Pool, key: Key): Promise<Reference | undefined> {
  const { rows } = await pool.query<Reference>(
    `select lines, read_from "readFrom" from schema_references
     where fingerprint = $1 and kind = $2 and server_major = $3`,
    key,
  );
  return rows[0];
}
