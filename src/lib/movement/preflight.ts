// Everything that can be known before a move begins, read only.
import type pg from 'pg';
import type { MoveMode } from './move-store';
import type { TenantHome, TenantRoute } from './ports';
import { fingerprint, type MovedTable, readTables, writeOrder } from './tables';

export interface Finding {
  /** Stable name of the check. */
  check: string;
  level: 'ok' | 'warning' | 'problem';
  message: string;
}

export interface Preflight {
  findings: Finding[];
  /** The best mode both homes allow. */
  mode: MoveMode;
  /** The tenant's rows. */
  rows: number;
  /** Their size in the home that is left, estimated from the sizes of its tables. */
  bytes: number;
  /** At 20 MB a second. */
  estimatedSeconds: number;
  tables: { from: MovedTable[]; to: MovedTable[] };
}

export interface PreflightInput {
  from: TenantHome & { client: pg.ClientBase };
  to: TenantHome & { client: pg.ClientBase };
  route: TenantRoute;
}

interface ServerFacts {
  version: number;
  walLevel: string;
  replication: boolean;
  slotsFree: number;
  sendersFree: number;
  schema: string;
  mover: boolean;
  extensions: string[];
}

const BYTES_PER_SECOND = 20_000_000;

/** Checks a move; problems keep it from beginning. */
export async function preflight({ from, to, route }: PreflightInput): Promise<Preflight> {
  const findings: Finding[] = [];
  const check = (
    name: string,
    passed: boolean,
    good: string,
    bad: string,
    level: 'warning' | 'problem' = 'problem',
  ) => findings.push({ check: name, level: passed ? 'ok' : level, message: passed ? good : bad });

  check(
    'places',
    from.dataSourceId !== to.dataSourceId,
    'The homes are two databases.',
    'The tenant lives there already.',
  );
  check(
    'region',
    route.requiredRegion === null || route.requiredRegion === to.region,
    'The region is allowed.',
    `The tenant must stay in ${route.requiredRegion}; ${to.name} is in ${to.region ?? 'no region'}.`,
  );
  const [here, there] = await Promise.all([facts(from.client), facts(to.client)]);
  check(
    'version',
    here.version >= 150000 && there.version >= 150000,
    'Both are PostgreSQL 15 or newer.',
    'Both homes must be PostgreSQL 15 or newer.',
  );
  check(
    'schema_version',
    here.schema === there.schema,
    'Both have the same migrations.',
    'The homes are at different versions of the schema: migrate them.',
  );
  check(
    'mover',
    here.mover && there.mover,
    'The logins for moves are members of tenant_mover.',
    'A login for moves is not a member of tenant_mover: COPY would silently see no rows.',
  );
  const missing = here.extensions.filter((name) => !there.extensions.includes(name));
  check(
    'extensions',
    missing.length === 0,
    'The extensions are there.',
    `${to.name} lacks the extensions ${missing.join(', ')}.`,
  );
  if (!here.mover || !there.mover || here.schema !== there.schema) {
    return {
      findings,
      mode: 'offline',
      rows: 0,
      bytes: 0,
      estimatedSeconds: 0,
      tables: { from: [], to: [] },
    };
  }

  const [source, target] = await Promise.all([readTables(from.client), readTables(to.client)]);
  check(
    'tables',
    fingerprint(source) === fingerprint(target),
    `The ${source.length} tables are alike.`,
    'The tables of the homes differ.',
  );
  const blind = [...(await invisibleTables(from.client)), ...(await invisibleTables(to.client))];
  check(
    'visible_rows',
    blind.length === 0,
    'The mover sees every row.',
    `Row-level security hides rows of ${blind.join(', ')} from the mover.`,
  );
  const identity = source.filter((table) => table.replicaIdentity !== 'd' && table.replicaIdentity !== 'f');
  check(
    'replica_identity',
    identity.length === 0,
    'Every table can be followed.',
    `No replica identity: ${identity.map(({ name }) => name).join(', ')}.`,
  );
  const circular = writeOrder(target)
    .filter((group) => group.length > 1)
    .flat();
  const fixed = circular.filter((table) => table.undeferrable.length > 0);
  check(
    'deferrable',
    fixed.length === 0,
    'Tables can be filled in order.',
    `Foreign keys in a circle cannot be deferred: ${fixed.map(({ name }) => name).join(', ')}.`,
  );

  const occupied = await countRows(to.client, target, to.tenantId);
  check(
    'target_empty',
    occupied.rows === 0,
    'The new home holds no row of the tenant.',
    `${to.name} holds ${occupied.rows} rows of the tenant already.`,
  );
  const size = await countRows(from.client, source, from.tenantId);
  check(
    'source_rows',
    size.rows > 0,
    `The tenant has ${size.rows} rows.`,
    'The tenant has no rows here.',
    'warning',
  );

  const logical = (facts: ServerFacts) => facts.walLevel === 'logical' && facts.replication;
  const both = logical(here) && logical(there);
  check(
    'logical_decoding',
    both,
    'Both homes allow logical decoding.',
    'Without logical decoding on both sides, changes are kept by triggers.',
    'warning',
  );
  if (both) {
    const free = [here, there].every(({ slotsFree, sendersFree }) => slotsFree > 0 && sendersFree > 0);
    check('slots', free, 'Slots and senders are free.', 'No replication slot or sender is free.');
  }
  return {
    findings,
    mode: both ? 'logical' : 'change_log',
    ...size,
    estimatedSeconds: Math.ceil(size.bytes / BYTES_PER_SECOND) + 2,
    tables: { from: source, to: target },
  };
}

async function facts(client: pg.ClientBase): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(`
    select current_setting('server_version_num')::int as version, current_setting('wal_level') as "walLevel",
      (select rolreplication or rolsuper or exists (select from pg_roles r where r.rolname = 'rds_replication' and pg_has_role(r.oid, 'usage'))
         from pg_roles where rolname = current_user) as replication,
      current_setting('max_replication_slots')::int - (select count(*)::int from pg_replication_slots) as "slotsFree",
      current_setting('max_wal_senders')::int - (select count(*)::int from pg_stat_replication) as "sendersFree",
      coalesce((select string_agg(p.proname, ',' order by p.proname) from pg_proc p where p.pronamespace = 'tenancy'::regnamespace), '') as schema,
      exists (select from pg_roles where rolname = 'tenant_mover') and pg_has_role('tenant_mover', 'usage') as mover,
      (select coalesce(array_agg(extname::text order by extname), '{}') from pg_extension where extname <> 'plpgsql') as extensions`);
  return rows[0] as ServerFacts;
}

/** Tables whose rows the mover would not see, or may not change. COPY says nothing about rows it may not see. */
async function invisibleTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select t::text as name from tenancy.movable_tables() t join pg_class c on c.oid = t
    where not (has_table_privilege(t, 'select') and has_table_privilege(t, 'insert') and has_table_privilege(t, 'update') and has_table_privilege(t, 'delete'))
      or (row_security_active(t) and not exists (
        select from pg_policy p where p.polrelid = t and p.polpermissive and p.polcmd = '*'
          and pg_get_expr(p.polqual, p.polrelid) = 'true'
          and (p.polroles = '{0}' or exists (select from unnest(p.polroles) r where r <> 0 and pg_has_role(r, 'usage')))))`);
  return rows.map(({ name }) => name);
}

async function countRows(
  client: pg.ClientBase,
  tables: readonly MovedTable[],
  tenantId: string,
): Promise<{ rows: number; bytes: number }> {
  if (tables.length === 0) return { rows: 0, bytes: 0 };
  const each = tables.map(
    ({
      name,
    }) => `select count(*) as n, pg_table_size('${name.replaceAll("'", "''")}'::regclass)::float8 as size,
      greatest((select reltuples from pg_class where oid = '${name.replaceAll("'", "''")}'::regclass), count(*), 1)::float8 as total from ${name} where tenant_id = $1`,
  );
  const { rows } = await client.query<{ rows: number; bytes: number }>(
    `select coalesce(sum(n), 0)::float8 as rows, coalesce(round(sum(size * n / total)), 0)::float8 as bytes from (${each.join(' union all ')}) counted`,
    [tenantId],
  );
  return rows[0] ?? { rows: 0, bytes: 0 };
}
