// Finds out everything that can be known before a move begins. It only reads.

import type pg from 'pg';
import type { Message } from '@/lib/failures';
import { refusalOfRegion } from '@/lib/operations';
import { readTables, type TenantTable, writeOrder } from '@/lib/tenant-data/rows';
import { isOneDatabase } from '../control/endpoints';
import type { MoveMode } from '../control/move';
import type { TenantEndpoint, TenantRoute } from '../control/ports';
import { type Finding, Findings, finding } from './findings';
import { findLeftBehind } from './left-behind';
import { refusedRows } from './refused-rows';
import { logicalObstacles, type ServerFacts, schemaVersion, serverFacts } from './server-facts';
import { countRows, type TenantSize } from './tenant-size';
import { invisibleTables, ownTriggers, tableDifferences, unfitTables } from './unfit-tables';
import { sayFinding } from './words';

/** The result of a preflight. */
export interface Preflight {
  findings: Finding[];
  /** The best mode that both databases allow. */
  mode: MoveMode;
  /** Why `mode` is not `logical`; otherwise empty. */
  modeReason: string;
  /** Number of the tenant's rows. */
  rows: number;
  /** Size of the rows at the source, bytes, estimated from the sizes of the tables. */
  bytes: number;
  /** Estimated duration of the copy, s, at 20 MB a second or at the copy's speed limit, whichever is slower. */
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
 * Checks a move. A finding of level `problem` prevents the move from beginning.
 *
 * @param bytesPerSecond speed limit of the copy
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
    sayFinding('two_databases'),
    isOne && source.dataSourceId !== target.dataSourceId
      ? sayFinding('one_database', { source: source.name, target: target.name })
      : sayFinding('here_already'),
  );
  checkServers(findings, endpoints, route, [from, to]);
  const reasons = [...logicalObstacles(source.name, from), ...logicalObstacles(target.name, to)];
  const logical = reasons.length === 0;
  const result: Preflight = {
    findings: findings.list,
    mode: logical ? 'logical' : 'change_log',
    modeReason: reasons.map(({ text }) => text).join('; '),
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
    sayFinding('logical'),
    sayFinding('change_log', { reasons }),
    'warning',
  );
  if (logical) checkSlots(findings, target.name, [from, to], size.stored);
  // PostgreSQL does not report free disk space, so the numbers are left for the operator to judge.
  const space = { size: inMegabytes(size.stored), held: inMegabytes(to.databaseBytes) };
  findings.list.push(finding('space', 'ok', sayFinding('space', space)));
  const estimatedSeconds = Math.ceil(size.bytes / Math.min(BYTES_PER_SECOND, bytesPerSecond)) + 2;
  return { ...result, rows: size.rows, bytes: size.bytes, estimatedSeconds, tables };
}

function checkServers(
  findings: Findings,
  { source, target }: Checked,
  { requiredRegion }: TenantRoute,
  [from, to]: readonly [ServerFacts, ServerFacts],
): void {
  const refused = refusalOfRegion(requiredRegion, target.places);
  findings.add('region', refused === undefined, sayFinding('region'), {
    text: refused ?? '',
    said: { code: 'failures.region_refused', values: { message: refused ?? '' } },
  });
  findings.add(
    'version',
    from.version >= 150000 && to.version >= 150000,
    sayFinding('version'),
    sayFinding('version_old'),
  );
  findings.add(
    'schema_version',
    from.schema !== '' && from.schema === to.schema,
    sayFinding('schema', { version: schemaVersion(from) }),
    schemaVersion(from) === schemaVersion(to)
      ? sayFinding('schema_functions')
      : sayFinding('schema_versions', { source: schemaVersion(from), target: schemaVersion(to) }),
  );
  findings.add('mover', from.mover && to.mover, sayFinding('mover'), sayFinding('no_mover'));
  findings.add('primary', !from.inRecovery && !to.inRecovery, sayFinding('primaries'), sayFinding('standby'));
  findings.add(
    'load_visible',
    from.seesOthers && to.seesOthers,
    sayFinding('load_seen'),
    sayFinding('load_unseen'),
    'warning',
  );
  const missing = from.extensions.filter((name) => !to.extensions.includes(name));
  findings.add(
    'extensions',
    missing.length === 0,
    sayFinding('extensions'),
    sayFinding('no_extensions', { target: target.name, extensions: missing.join(', ') }),
  );
  findings.add(
    'encoding',
    to.encoding === 'UTF8' || to.encoding === from.encoding,
    sayFinding('encoding'),
    sayFinding('encodings', {
      ...{ target: target.name, ofTarget: to.encoding, source: source.name, ofSource: from.encoding },
    }),
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
    sayFinding('tables_alike', { count: tables.source.length }),
    sayFinding('tables_differ', { differences }),
  );
  const inBoth = async (find: (client: pg.ClientBase, database: string) => Promise<Message[]>) =>
    (await Promise.all([source, target].map(({ client, name }) => find(client, name)))).flat();
  const invisible = await inBoth(invisibleTables);
  findings.add(
    'visible_rows',
    invisible.length === 0,
    sayFinding('visible'),
    sayFinding('invisible', { tables: invisible }),
  );
  const unfit = await inBoth(unfitTables);
  findings.add(
    'own_tables',
    unfit.length === 0,
    sayFinding('movable'),
    sayFinding('unmovable', { tables: unfit }),
  );
  const triggers = await inBoth(ownTriggers);
  findings.add(
    'own_triggers',
    triggers.length === 0,
    sayFinding('no_triggers'),
    sayFinding('triggers', { triggers }),
    'warning',
  );
  const { rows, views, stale } = await findLeftBehind(source, target.client);
  findings.add('left_behind', rows.length === 0, sayFinding('none_behind'), sayFinding('behind', { rows }));
  const word =
    stale.length === 0 ? 'views_lacking' : views.length === 0 ? 'views_stale' : 'views_lacking_and_stale';
  findings.add(
    'views',
    views.length === 0 && stale.length === 0,
    sayFinding('views'),
    sayFinding(word, { target: target.name, views: views.join(', '), stale: stale.join(', ') }),
    'warning',
  );
  if (invisible.length > 0 || unfit.length > 0) return false;
  if (differences.length > 0) return true;
  const refused = await refusedRows(source, target);
  findings.add(
    'constraints',
    refused.length === 0,
    sayFinding('constraints'),
    sayFinding('constraints_refuse', { target: target.name, rows: refused }),
  );
  return true;
}

async function checkRows(
  findings: Findings,
  { source, target }: Checked,
  tables: Preflight['tables'],
): Promise<TenantSize> {
  const namesOf = (some: readonly TenantTable[]) => some.map(({ name }) => name).join(', ');
  const unidentified = tables.source.filter(
    ({ replicaIdentity }) => replicaIdentity !== 'd' && replicaIdentity !== 'f',
  );
  findings.add(
    'replica_identity',
    unidentified.length === 0,
    sayFinding('identities'),
    sayFinding('no_identity', { tables: namesOf(unidentified) }),
  );
  const circular = writeOrder(tables.target)
    .filter((group) => group.length > 1)
    .flat();
  const fixed = circular.filter(({ undeferrable }) => undeferrable.length > 0);
  findings.add(
    'deferrable',
    fixed.length === 0,
    sayFinding('order'),
    sayFinding('circular', { tables: namesOf(fixed) }),
  );
  const there = await countRows(target.client, tables.target, target.tenantId);
  findings.add(
    'target_empty',
    there.rows === 0,
    sayFinding('target_empty'),
    sayFinding('target_holds', { target: target.name, rows: there.rows }),
  );
  const size = await countRows(source.client, tables.source, source.tenantId);
  findings.add(
    'source_rows',
    size.rows > 0,
    sayFinding('rows', { rows: size.rows }),
    sayFinding('no_rows'),
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
    sayFinding('slots'),
    sayFinding('no_slots'),
  );
  const unlimited = facts.some(({ slotKeepBytes }) => slotKeepBytes < 0);
  findings.add('slot_limit', !unlimited, sayFinding('slot_limit'), sayFinding('no_slot_limit'), 'warning');
  const smallest = Math.min(...facts.map(({ slotKeepBytes }) => slotKeepBytes));
  findings.add(
    'slot_room',
    unlimited || smallest > copiedBytes,
    sayFinding('slot_room'),
    sayFinding('slot_short', { size: inMegabytes(smallest), target: targetName }),
    'warning',
  );
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
