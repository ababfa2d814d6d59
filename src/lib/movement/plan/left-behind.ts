// Relations with a column tenant_id that a move does not carry: their rows of the tenant would stay at the source.
import type pg from 'pg';

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
  /** Relations with rows of the tenant, or that the mover cannot read, each with the reason. */
  rows: string[];
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
  { name, kind, public: isPublic, isUuid, readable }: Relation,
): Promise<string | undefined> {
  const what = kind === 'f' ? `the foreign table ${name}` : name;
  const closed = `${what} cannot be looked into (grant tenant_mover usage on its schema and select on it, with a policy for it where it has row-level security)`;
  if (!readable) return closed;
  const is = isUuid ? 'tenant_id = $1' : 'lower(tenant_id::text) = $1';
  await client.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
  try {
    const { rowCount } = await client.query(`select from only ${name} where ${is} limit 1`, [
      tenantId.toLowerCase(),
    ]);
    if (!rowCount) return undefined;
  } catch {
    return closed;
  } finally {
    await client.query('set statement_timeout = 0').catch(() => {});
  }
  if (kind === 'f') return what;
  return isPublic
    ? `${what} (its primary key does not begin with tenant_id)`
    : `${what} (outside the schema public)`;
}
