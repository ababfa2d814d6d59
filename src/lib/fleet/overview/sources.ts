import type { ApplicationDatabase } from '@/lib/application';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { type HealthSummary, readHealthSummaries } from '../health';
import { counts, type Findings, type Item, type ItemLevel } from './part';
import { evidenceOf, inState, saying, stepFor, that, titleOf } from './words';

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'dataSources' | 'pool'>;
}

const LEVELS: Record<HealthSummary['state'], ItemLevel> = {
  healthy: 'ok',
  degraded: 'warning',
  unhealthy: 'bad',
  unknown: 'warning',
};
/** Share of the capacity from which on a source can take few more tenants. */
const NEARLY_FULL = 0.9;

/** Without numbers of tenants if the application database cannot be reached. */
export async function readSources({ application, operations }: Databases): Promise<Findings> {
  const [sources, health, tenants] = await Promise.all([
    operations.dataSources.list(),
    readHealthSummaries(operations.pool),
    application.tenants.counts().catch(() => undefined),
  ]);
  // Sources are migrated to the version of the newest program: one that is behind the others was left out.
  const newest = Math.max(0, ...sources.map(({ schemaVersion }) => schemaVersion ?? 0));
  const healthOf = new Map(health.map((one) => [one.id, one]));
  const placed = tenants && Map.groupBy(tenants, ({ dataSourceId }) => dataSourceId);
  const items = sources.map((source) => {
    const held = placed && (placed.get(source.id) ?? []).reduce((sum, { count }) => sum + count, 0);
    return itemOf(source, healthOf.get(source.id), held, newest);
  });
  const states = Object.keys(LEVELS).map((state) => [
    state,
    health.filter((one) => one.state === state).length,
  ]);
  return { summary: counts(Object.fromEntries(states)), items };
}

function itemOf(
  source: DataSource,
  health: HealthSummary | undefined,
  tenants: number | undefined,
  newest: number,
): Item {
  const { name, status, region, capacity, schemaVersion } = source;
  const isProbed = status === 'active' || status === 'draining';
  const { state = 'unknown', first, connectionsUsed: used, connectionsLeft: left, lagBytes } = health ?? {};
  const isBehind = schemaVersion !== null && schemaVersion < newest;
  const isFull = capacity !== null && tenants !== undefined && tenants >= capacity * NEARLY_FULL;
  const level = isProbed ? LEVELS[state] : 'ok';
  return {
    level: level === 'ok' && (isBehind || isFull) ? 'warning' : level,
    subject: name,
    ...saying(
      inState(isProbed ? state : status),
      first ? titleOf(first.cause) : undefined,
      first ? evidenceOf(first) : undefined,
      first ? stepFor(first.cause) : undefined,
      isBehind && that('behind', { version: schemaVersion, newest }),
      isFull && that('full', { tenants, capacity }),
    ),
    next: nextOf(name, isProbed ? state : 'healthy', { isBehind, isFull }),
    values: {
      ...{ name, status, region, state, cause: first?.cause ?? null, tenants: tenants ?? null, capacity },
      connections: used == null || left == null ? null : `${used}/${used + left}`,
      ...{ lagBytes: lagBytes ?? null, schemaVersion, isBehind },
    },
  };
}

function nextOf(
  name: string,
  state: string,
  { isBehind, isFull }: { isBehind: boolean; isFull: boolean },
): string {
  if (state === 'unknown') return 'marquee start';
  if (state !== 'healthy') return `marquee health ${name}`;
  if (isBehind) return 'marquee migrate';
  return isFull ? 'marquee source add' : `marquee health ${name}`;
}
