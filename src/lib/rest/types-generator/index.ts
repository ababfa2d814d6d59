// A database's catalogs → the `Database` type of supabase-js.
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { runTransaction } from '@/lib/postgres';
import { RestError } from '../errors';
import { loadSchemaCache } from '../schema-cache';
import type { Catalog } from './catalog';
import { relationshipsOf } from './relationships';
import { databaseType } from './typescript';

const CATALOG = readFileSync(new URL('./catalog.sql', import.meta.url), 'utf8');

/**
 * TypeScript source of the `Database` type of these schemas.
 *
 * @param client a connection whose role may read the catalogs
 * @param fixedColumn of the fixed filter that all requests have: the types accept the hints that these may give
 * @throws RestError `schema_missing`
 */
export async function generateTypes(
  client: pg.ClientBase,
  schemas: readonly [string, ...string[]],
  fixedColumn?: string,
): Promise<string> {
  const { rows } = await client.query<{ catalog: string }>(CATALOG, [schemas]);
  const catalog: Catalog = JSON.parse(rows[0]?.catalog ?? '{}');
  const missing = schemas.filter((schema) => !catalog.schemas?.includes(schema));
  if (missing.length > 0) {
    throw new RestError(
      'schema_missing',
      `The database has no schema ${missing.map((name) => `"${name}"`).join(', ')}.`,
      {
        hint: 'Name existing schemas with --schema.',
      },
    );
  }
  const cache = await loadSchemaCache((transaction) => runTransaction(client, transaction), { schemas });
  return databaseType(catalog, schemas[0], (relation) => relationshipsOf(relation, cache, fixedColumn));
}
