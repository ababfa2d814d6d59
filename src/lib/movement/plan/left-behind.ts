// What of the tenant a move does not carry: rows of relations with a column tenant_id, and large objects.
import type pg from 'pg';
import type { Message } from '@/lib/failures';
import { quote } from '@/lib/tenant-data/rows';
import { sayPart } from './words';

interface Relation {
  name: string;
  kind: 'r' | 'f' | 'v' | 'm';
  public: boolean;
  isUuid: boolean;
  /** The mover may read it, and sees all its rows. */
  readable: boolean;
}

/** A foreign server may not answer. */
const STATEMENT_TIMEOUT_MS = 5_000;

export interface LeftBehind {
  /** Relations with rows of the tenant, or that the mover cannot read, and columns that name large objects, each with the reason. */
  rows: Message[];
  /** Names of views that the target lacks. */
  views: string[];
  /** Names of materialized views, which have to be refreshed at the target. */
  stale: string[];
}

/** Finds what a move would leave at the source. Reads only. */
export async function findLeftBehind(
  source: { client: pg.ClientBase; tenantId: string },
  target: pg.ClientBase,
): Promise<LeftBehind> {
  const found: LeftBehind = { rows: [], views: [], stale: [] };
  const relations = await unmovedRelations(source.client);
  for (const relation of relations.filter(({ kind }) => kind === 'r' || kind === 'f')) {
    const why = await holdsRows(source.client, source.tenantId, relation);
    if (why) found.rows.push(why);
  }
  found.rows.push(...(await largeObjects(source.client, source.tenantId)));
  const views = relations.filter(({ kind }) => kind === 'v' || kind === 'm');
  const { rows } = await target.query<{ name: string }>(
    'select name from unnest($1::text[]) name where to_regclass(name) is not null',
    [views.map(({ name }) => name)],
  );
  const there = new Set(rows.map(({ name }) => name));
  for (const { name, kind } of views) {
    if (!there.has(name)) found.views.push(name);
    else if (kind === 'm') found.stale.push(name);
  }
  return found;
}

/** Columns with the number of a large object, which is kept apart from the row and has another number in another database. */
async function largeObjects(client: pg.ClientBase, tenantId: string): Promise<Message[]> {
  const { rows: columns } = await client.query<{ table: string; column: string }>(`
    select m::text as table, a.attname as column
    from tenancy.movable_tables() m join pg_attribute a on a.attrelid = m and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
    where 'oid'::regtype in (t.oid, t.typbasetype)
    order by 1, 2`);
  const found: Message[] = [];
  for (const { table, column } of columns) {
    const { rowCount } = await client.query(
      `select from ${table} t join pg_largeobject_metadata o on o.oid = t.${quote(column)} where t.tenant_id = $1 limit 1`,
      [tenantId],
    );
    if (rowCount) found.push(sayPart('large_objects', { column: `${table}.${quote(column)}` }));
  }
  return found;
}

async function unmovedRelations(client: pg.ClientBase): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(`
    select c.oid::regclass::text as name, c.relkind as kind, n.nspname = 'public' as public,
      a.atttypid = 'uuid'::regtype as "isUuid",
      has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') and not row_security_active(c.oid) as readable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
    where c.relkind in ('r', 'f', 'v', 'm') and c.oid not in (select tenancy.movable_tables())
      and n.nspname not in ('pg_catalog', 'information_schema', 'tenancy') and n.nspname !~ '^pg_(toast|temp)'
      -- A column of another type, such as a number, holds no tenant's id.
      and (t.oid = 'uuid'::regtype or t.typcategory = 'S' or t.typtype = 'd')
    order by 1`);
  return rows;
}

async function holdsRows(
  client: pg.ClientBase,
  tenantId: string,
  { name: table, kind, public: isPublic, isUuid, readable }: Relation,
): Promise<Message | undefined> {
  const closed = sayPart(kind === 'f' ? 'foreign_closed' : 'closed', { table });
  if (!readable) return closed;
  const is = isUuid ? 'tenant_id = $1' : 'lower(tenant_id::text) = $1';
  await client.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
  try {
    const { rowCount } = await client.query(`select from only ${table} where ${is} limit 1`, [
      tenantId.toLowerCase(),
    ]);
    if (!rowCount) return undefined;
  } catch {
    return closed;
  } finally {
    await client.query('set statement_timeout = 0').catch(() => {});
  }
  if (kind === 'f') return sayPart('foreign', { table });
  return sayPart(isPublic ? 'other_first_key' : 'outside_public', { table });
}
