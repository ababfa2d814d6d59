// Everything that can be known before a move begins, read only.
import type pg from 'pg';
import { schemaFingerprint } from '@/lib/tenant-data';
import type { MoveMode } from '../control/move-store';
import type { TenantHome, TenantRoute } from '../control/ports';
import { leftBehind } from './left-behind';
import { type MovedTable, occupiedTables, readTables, writeOrder } from './tables';
import { invisibleTables, ownTriggers, tableDifferences, unfitTables } from './unfit-tables';

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
  /** At 20 MB a second, or what the copy is held to. */
  estimatedSeconds: number;
  tables: { from: MovedTable[]; to: MovedTable[] };
}

export interface PreflightInput {
  from: TenantHome & { client: pg.ClientBase };
  to: TenantHome & { client: pg.ClientBase };
  route: TenantRoute;
  /** What copying may take of the network. */
  bytesPerSecond?: number;
}

interface ServerFacts {
  version: number;
  walLevel: string;
  replication: boolean;
  slotsFree: number;
  sendersFree: number;
  /** WAL that a slot may hold back, bytes; -1: without end. */
  slotKeepBytes: number;
  /** The last migration and the digest of all of them. */
  schema: string;
  seesOthers: boolean;
  inRecovery: boolean;
  mover: boolean;
  extensions: string[];
  encoding: string;
  /** The owner of the tables may make publications. */
  publications: boolean;
  databaseBytes: number;
}

const BYTES_PER_SECOND = 20_000_000;

/** Checks a move; problems keep it from beginning. */
export async function preflight({ from, to, route, bytesPerSecond }: PreflightInput): Promise<Preflight> {
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
    here.schema !== '' && here.schema === there.schema,
    `Both are at version ${versionOf(here)} of the schema.`,
    versionOf(here) === versionOf(there)
      ? 'Source and target have the same version of the schema, but other functions: migrate them (marquee migrate).'
      : `Source and target are at versions ${versionOf(here)} and ${versionOf(there)} of the schema: migrate them (marquee migrate).`,
  );
  check(
    'mover',
    here.mover && there.mover,
    'The logins for moves are members of tenant_mover.',
    'A login for moves is not a member of tenant_mover: COPY would silently see no rows.',
  );
  check(
    'primary',
    !here.inRecovery && !there.inRecovery,
    'Both are primaries.',
    'A home is a standby: give the URL of its primary.',
  );
  check(
    'load_visible',
    here.seesOthers && there.seesOthers,
    'The mover sees how busy the servers are.',
    'The mover is not in pg_read_all_stats: the copy stands back for slow answers only, not for the number of statements.',
    'warning',
  );
  const missing = here.extensions.filter((name) => !there.extensions.includes(name));
  check(
    'extensions',
    missing.length === 0,
    'The extensions are there.',
    `${to.name} lacks the extensions ${missing.join(', ')}.`,
  );
  check(
    'encoding',
    there.encoding === 'UTF8' || there.encoding === here.encoding,
    'Every character can be stored.',
    `${to.name} stores text as ${there.encoding}, ${from.name} as ${here.encoding}: some characters have no place there.`,
  );
  const noMore: Preflight = {
    ...{ findings, mode: 'offline', rows: 0, bytes: 0, estimatedSeconds: 0 },
    tables: { from: [], to: [] },
  };
  if (!here.mover || !there.mover || here.schema !== there.schema) return noMore;

  const [source, target] = await Promise.all([readTables(from.client), readTables(to.client)]);
  const differences = tableDifferences(
    { name: from.name, tables: source },
    { name: to.name, tables: target },
  );
  check(
    'tables',
    differences.length === 0,
    `The ${source.length} tables are alike.`,
    `The tables differ: ${differences.join('; ')}.`,
  );
  const inBoth = async (look: (client: pg.ClientBase) => Promise<string[]>) => {
    const [left, right] = await Promise.all([look(from.client), look(to.client)]);
    return [
      ...left.map((found) => `${from.name}: ${found}`),
      ...right.map((found) => `${to.name}: ${found}`),
    ];
  };
  const blind = await inBoth(invisibleTables);
  check(
    'visible_rows',
    blind.length === 0,
    'The mover sees every row, and may change it.',
    `The mover does not see every row, or may not change it: ${blind.join('; ')}. Each table needs these grants, and where it has row-level security a policy to tenant_mover using (true) with check (true).`,
  );
  const unfit = await inBoth(unfitTables);
  check(
    'own_tables',
    unfit.length === 0,
    'Every table can be moved.',
    `These tables cannot be moved: ${unfit.join('; ')}.`,
  );
  const triggers = await inBoth(ownTriggers);
  check(
    'own_triggers',
    triggers.length === 0,
    'No trigger changes rows while they are copied.',
    `Triggers fire also for rows that are copied: ${triggers.join('; ')}. Add: when (not tenancy.copying()).`,
    'warning',
  );
  const staying = await leftBehind(from, to.client);
  check(
    'left_behind',
    staying.rows.length === 0,
    'Nothing of the tenant stays behind.',
    `Rows of the tenant would stay behind: ${staying.rows.join('; ')}.`,
  );
  check(
    'views',
    staying.views.length === 0 && staying.stale.length === 0,
    'Views are at the target too.',
    [
      ...(staying.views.length > 0 ? [`${to.name} lacks the views ${staying.views.join(', ')}.`] : []),
      ...(staying.stale.length > 0 ? [`Refresh ${staying.stale.join(', ')} there after the move.`] : []),
    ].join(' '),
    'warning',
  );
  // What cannot be read cannot be counted.
  if (blind.length > 0 || unfit.length > 0) return noMore;
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

  const lacking = [
    [from.name, here],
    [to.name, there],
  ] as const;
  const why = lacking.flatMap(([name, { walLevel, replication, publications }]) => [
    ...(walLevel === 'logical' ? [] : [`${name} has wal_level = ${walLevel}`]),
    ...(replication ? [] : [`the mover's login of ${name} has no REPLICATION`]),
    ...(publications ? [] : [`the owner of the tables of ${name} may not create in its database`]),
  ]);
  const both = why.length === 0;
  check(
    'logical_decoding',
    both,
    'Both homes allow logical decoding.',
    `Changes are noted by triggers (change_log), which costs writes more: ${why.join('; ')}.`,
    'warning',
  );
  if (both) {
    const free = [here, there].every(({ slotsFree, sendersFree }) => slotsFree > 0 && sendersFree > 0);
    check('slots', free, 'Slots and senders are free.', 'No replication slot or sender is free.');
    const unbounded = [here, there].some(({ slotKeepBytes }) => slotKeepBytes < 0);
    check(
      'slot_limit',
      !unbounded,
      'What a slot may hold back is limited.',
      'max_slot_wal_keep_size is -1: while the move stands still its slots keep WAL until the disk is full.',
      'warning',
    );
    const smallest = Math.min(here.slotKeepBytes, there.slotKeepBytes);
    check(
      'slot_room',
      unbounded || smallest > size.stored,
      'Slots may hold back more than is copied.',
      `max_slot_wal_keep_size (${inMegabytes(smallest)}) is less than the copy: its WAL at the new home may cost the way back its slot.`,
      'warning',
    );
  }
  // PostgreSQL tells nobody how much room its disk has: the numbers are for who knows.
  findings.push({
    check: 'space',
    level: 'ok',
    message: `The new home needs ${inMegabytes(size.stored)} for rows and indexes, and as much again for WAL; its database holds ${inMegabytes(there.databaseBytes)} now.`,
  });
  return {
    findings,
    mode: both ? 'logical' : 'change_log',
    rows: size.rows,
    bytes: size.bytes,
    estimatedSeconds:
      Math.ceil(size.bytes / Math.min(BYTES_PER_SECOND, bytesPerSecond ?? BYTES_PER_SECOND)) + 2,
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
      (select case when setting = '-1' then -1 else setting::float8 * 1048576 end from pg_settings where name = 'max_slot_wal_keep_size') as "slotKeepBytes",
      pg_has_role('pg_read_all_stats', 'usage') as "seesOthers", pg_is_in_recovery() as "inRecovery",
      current_setting('server_encoding') as encoding,
      coalesce((select has_database_privilege(p.proowner, current_database(), 'create')
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'tenancy' and p.proname = 'movable_tables'), false) as publications,
      pg_database_size(current_database())::float8 as "databaseBytes",
      exists (select from pg_roles where rolname = 'tenant_mover') and pg_has_role('tenant_mover', 'usage') as mover,
      (select coalesce(array_agg(extname::text order by extname), '{}') from pg_extension where extname <> 'plpgsql') as extensions`);
  const facts = rows[0] as ServerFacts;
  facts.schema = facts.mover ? await schemaFingerprint(client) : '';
  return facts;
}

function versionOf({ schema }: ServerFacts): string {
  return schema.split(' ')[0] || 'unknown';
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @returns rows; bytes of the tables and, with indexes, `stored`, shared out by the number of rows */
async function countRows(
  client: pg.ClientBase,
  tables: readonly MovedTable[],
  tenantId: string,
): Promise<{ rows: number; bytes: number; stored: number }> {
  const nothing = { rows: 0, bytes: 0, stored: 0 };
  const occupied = await occupiedTables(client, tables, tenantId);
  if (occupied.size === 0) return nothing;
  const counted = tables.filter(({ name }) => occupied.has(name));
  const each = counted.map(({ oid, name }) => {
    const total = `greatest((select reltuples from pg_class where oid = ${oid}), count(*), 1)::float8`;
    return `select count(*) as n, count(*) / ${total} as part, pg_table_size(${oid})::float8 as size,
      pg_total_relation_size(${oid})::float8 as stored from ${name} where tenant_id = $1`;
  });
  const { rows } = await client.query<typeof nothing>(
    `select coalesce(sum(n), 0)::float8 as rows, coalesce(round(sum(size * part)), 0)::float8 as bytes,
       coalesce(round(sum(stored * part)), 0)::float8 as stored from (${each.join(' union all ')}) counted`,
    [tenantId],
  );
  return rows[0] ?? nothing;
}
