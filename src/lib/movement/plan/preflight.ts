// Everything that can be known before a move begins. Reads only.

import type pg from 'pg';
import { refusalOfRegion } from '@/lib/operations';
import { readTables, type TenantTable, writeOrder } from '@/lib/tenant-data/rows';
import { isOneDatabase } from '../control/endpoints';
import type { MoveMode } from '../control/move';
import type { TenantEndpoint, TenantRoute } from '../control/ports';
import { type Finding, Findings } from './findings';
import { findLeftBehind } from './left-behind';
import { logicalObstacles, type ServerFacts, schemaVersion, serverFacts } from './server-facts';
import { countRows, type TenantSize } from './tenant-size';
import { invisibleTables, ownTriggers, tableDifferences, unfitTables } from './unfit-tables';

export interface Preflight {
  findings: Finding[];
  /** The best mode that both databases allow, and why it is not `logical`. */
  mode: MoveMode;
  modeReason: string;
  /** The tenant's rows. */
  rows: number;
  /** Their size at the source, bytes, estimated from the sizes of the tables. */
  bytes: number;
  /** At 20 MB a second, or at the limit of the copy. */
  estimatedSeconds: number;
  tables: { source: TenantTable[]; target: TenantTable[] };
}

type CheckedEndpoint = TenantEndpoint & { client: pg.ClientBase };

interface Checked {
  source: CheckedEndpoint;
  target: CheckedEndpoint;
}

const BYTES_PER_SECOND = 20_000_000;

/**
 * Checks a move. Findings of level `problem` keep it from beginning.
 *
 * @param bytesPerSecond limit of the copy
 */
export async function preflight({
  source,
  target,
  route,
  bytesPerSecond = BYTES_PER_SECOND,
}: Checked & { route: TenantRoute; bytesPerSecond?: number | undefined }): Promise<Preflight> {
  const findings = new Findings();
  const endpoints = { source, target };
  const [from, to] = await Promise.all([serverFacts(source.client), serverFacts(target.client)]);
  const isOne = await isOneDatabase(source.client, target.client);
  findings.add(
    'places',
    source.dataSourceId !== target.dataSourceId && !isOne,
    'Source and target are two databases.',
    isOne && source.dataSourceId !== target.dataSourceId
      ? `${source.name} and ${target.name} are one database.`
      : 'The tenant is in this data source already.',
  );
  checkServers(findings, endpoints, route, [from, to]);
  const obstacles = [...logicalObstacles(source.name, from), ...logicalObstacles(target.name, to)];
  const logical = obstacles.length === 0;
  const result: Preflight = {
    findings: findings.list,
    mode: logical ? 'logical' : 'change_log',
    modeReason: obstacles.join('; '),
    ...{ rows: 0, bytes: 0, estimatedSeconds: 0 },
    tables: { source: [], target: [] },
  };
  if (!from.mover || !to.mover || from.schema !== to.schema) return result;

  const tables = {
    source: await readTables(source.client),
    target: await readTables(target.client),
  };
  // Rows that the mover cannot read cannot be counted.
  if (!(await checkTables(findings, endpoints, tables))) return result;
  const size = await checkRows(findings, endpoints, tables);
  findings.add(
    'logical_decoding',
    logical,
    'Both databases allow logical decoding.',
    `Triggers log changes (change_log), which makes writes slower: ${result.modeReason}.`,
    'warning',
  );
  if (logical) checkSlots(findings, target.name, [from, to], size.stored);
  // PostgreSQL does not report free disk space, so the numbers are left for the operator to judge.
  findings.add(
    'space',
    true,
    `The target needs ${inMegabytes(size.stored)} for rows and indexes, and as much again for WAL; its database holds ${inMegabytes(to.databaseBytes)} now.`,
    '',
  );
  const estimatedSeconds = Math.ceil(size.bytes / Math.min(BYTES_PER_SECOND, bytesPerSecond)) + 2;
  return { ...result, rows: size.rows, bytes: size.bytes, estimatedSeconds, tables };
}

function checkServers(
  findings: Findings,
  { source, target }: Checked,
  { requiredRegion }: TenantRoute,
  [from, to]: readonly [ServerFacts, ServerFacts],
): void {
  findings.add(
    'region',
    refusalOfRegion(requiredRegion, target.places) === undefined,
    'The region is allowed.',
    refusalOfRegion(requiredRegion, target.places) ?? '',
  );
  findings.add(
    'version',
    from.version >= 150000 && to.version >= 150000,
    'Both servers are PostgreSQL 15 or newer.',
    'Both servers must be PostgreSQL 15 or newer.',
  );
  findings.add(
    'schema_version',
    from.schema !== '' && from.schema === to.schema,
    `Both databases are at version ${schemaVersion(from)} of the schema.`,
    schemaVersion(from) === schemaVersion(to)
      ? 'Source and target have the same version of the schema, but other functions: migrate them (marquee migrate).'
      : `Source and target are at versions ${schemaVersion(from)} and ${schemaVersion(to)} of the schema: migrate them (marquee migrate).`,
  );
  findings.add(
    'mover',
    from.mover && to.mover,
    'The logins for moves are members of tenant_mover.',
    'A login for moves is not a member of tenant_mover: COPY would silently see no rows.',
  );
  findings.add(
    'primary',
    !from.inRecovery && !to.inRecovery,
    'Both servers are primaries.',
    'A server is a standby: give the URL of its primary.',
  );
  findings.add(
    'load_visible',
    from.seesOthers && to.seesOthers,
    'The mover sees how busy the servers are.',
    'The mover is not in pg_read_all_stats: the copy slows down for slow answers only, not for the number of running statements.',
    'warning',
  );
  const missing = from.extensions.filter((name) => !to.extensions.includes(name));
  findings.add(
    'extensions',
    missing.length === 0,
    'The target has all extensions of the source.',
    `${target.name} lacks the extensions ${missing.join(', ')}.`,
  );
  findings.add(
    'encoding',
    to.encoding === 'UTF8' || to.encoding === from.encoding,
    'The target can store every character.',
    `${target.name} stores text as ${to.encoding}, ${source.name} as ${from.encoding}: it cannot store some characters.`,
  );
}

/** @returns whether all tables can be read and moved */
async function checkTables(
  findings: Findings,
  { source, target }: Checked,
  tables: Preflight['tables'],
): Promise<boolean> {
  const differences = tableDifferences(
    { name: source.name, tables: tables.source },
    { name: target.name, tables: tables.target },
  );
  findings.add(
    'tables',
    differences.length === 0,
    `The ${tables.source.length} tables are alike.`,
    `The tables differ: ${differences.join('; ')}.`,
  );
  const inBoth = async (find: (client: pg.ClientBase) => Promise<string[]>) => {
    const found = await Promise.all(
      [source, target].map(async ({ client, name }) => (await find(client)).map((one) => `${name}: ${one}`)),
    );
    return found.flat();
  };
  const invisible = await inBoth(invisibleTables);
  findings.add(
    'visible_rows',
    invisible.length === 0,
    'The mover sees and may change every row.',
    `The mover does not see every row, or may not change it: ${invisible.join('; ')}. Each table needs these grants, and where it has row-level security a policy to tenant_mover using (true) with check (true).`,
  );
  const unfit = await inBoth(unfitTables);
  findings.add(
    'own_tables',
    unfit.length === 0,
    'Every table can be moved.',
    `These tables cannot be moved: ${unfit.join('; ')}.`,
  );
  const triggers = await inBoth(ownTriggers);
  findings.add(
    'own_triggers',
    triggers.length === 0,
    'No trigger changes rows while they are copied.',
    `Triggers also fire for copied rows: ${triggers.join('; ')}. Add: when (not tenancy.copying()).`,
    'warning',
  );
  const behind = await findLeftBehind(source, target.client);
  findings.add(
    'left_behind',
    behind.rows.length === 0,
    'No row of the tenant stays behind.',
    `Rows of the tenant would stay behind: ${behind.rows.join('; ')}.`,
  );
  findings.add(
    'views',
    behind.views.length === 0 && behind.stale.length === 0,
    'The target has all views of the source.',
    [
      ...(behind.views.length > 0 ? [`${target.name} lacks the views ${behind.views.join(', ')}.`] : []),
      ...(behind.stale.length > 0
        ? [`Refresh ${behind.stale.join(', ')} at the target after the move.`]
        : []),
    ].join(' '),
    'warning',
  );
  return invisible.length === 0 && unfit.length === 0;
}

async function checkRows(
  findings: Findings,
  { source, target }: Checked,
  tables: Preflight['tables'],
): Promise<TenantSize> {
  const unidentified = tables.source.filter(
    ({ replicaIdentity }) => replicaIdentity !== 'd' && replicaIdentity !== 'f',
  );
  findings.add(
    'replica_identity',
    unidentified.length === 0,
    'Every table can be replicated.',
    `No replica identity: ${unidentified.map(({ name }) => name).join(', ')}.`,
  );
  const circular = writeOrder(tables.target)
    .filter((group) => group.length > 1)
    .flat();
  const fixed = circular.filter(({ undeferrable }) => undeferrable.length > 0);
  findings.add(
    'deferrable',
    fixed.length === 0,
    'The order of foreign keys allows filling the tables.',
    `Tables reference each other by foreign keys that cannot be deferred: ${fixed.map(({ name }) => name).join(', ')}.`,
  );
  const there = await countRows(target.client, tables.target, target.tenantId);
  findings.add(
    'target_empty',
    there.rows === 0,
    'The target holds no rows of the tenant.',
    `${target.name} holds ${there.rows} rows of the tenant already.`,
  );
  const size = await countRows(source.client, tables.source, source.tenantId);
  findings.add(
    'source_rows',
    size.rows > 0,
    `The tenant has ${size.rows} rows.`,
    'The tenant has no rows at the source.',
    'warning',
  );
  return size;
}

function checkSlots(
  findings: Findings,
  targetName: string,
  facts: readonly ServerFacts[],
  copiedBytes: number,
): void {
  findings.add(
    'slots',
    facts.every(({ slotsFree, sendersFree }) => slotsFree > 0 && sendersFree > 0),
    'Replication slots and senders are free.',
    'No replication slot or sender is free.',
  );
  const unlimited = facts.some(({ slotKeepBytes }) => slotKeepBytes < 0);
  findings.add(
    'slot_limit',
    !unlimited,
    'The WAL that a slot may keep is limited.',
    'max_slot_wal_keep_size is -1: while the move is paused its slots keep WAL until the disk is full.',
    'warning',
  );
  const smallest = Math.min(...facts.map(({ slotKeepBytes }) => slotKeepBytes));
  findings.add(
    'slot_room',
    unlimited || smallest > copiedBytes,
    'A slot may keep more WAL than the copy writes.',
    `max_slot_wal_keep_size (${inMegabytes(smallest)}) is less than the copy: its WAL at ${targetName} may cost reverse replication its slot.`,
    'warning',
  );
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
