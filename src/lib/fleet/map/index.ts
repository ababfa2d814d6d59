// The fleet as a map: groups of data sources with their health and load, the sources of the groups that are open, and the moves between
// them. What is not drawn is not sent: a fleet has a thousand sources. Tenants are listed only for a source that is looked at.
import type { ApplicationDatabase } from '@/lib/application';
import { type Move, type MoveNames, MoveStore, namesOf } from '@/lib/movement';
import { type DataSource, type OperationsDatabase, SourceReplicas } from '@/lib/operations';
import { type HealthSummary, readHealthSummaries, type State } from '../health';

export const GROUPINGS = ['region', 'kind'] as const;
type Grouping = (typeof GROUPINGS)[number];

export interface MapSource
  extends Pick<DataSource, 'id' | 'name' | 'kind' | 'engine' | 'region' | 'status' | 'capacity'> {
  state: State;
  /** The most telling finding, in words. */
  cause: string | null;
  /** The cause as a code. */
  causeName: string | null;
  /** Null while the application database does not answer. */
  tenants: number | null;
  /** Transactions of all clients in its database; null if not known. */
  transactionsPerSecond: number | null;
  replicas: { host: string; region: string | null }[];
  /** How far its standbys lag at most, bytes of WAL. */
  lagBytes: number | null;
  /** A search has found it: by its own name, or by that of one of its tenants. */
  isFound: boolean;
}

export interface MapGroup {
  /** The region or kind; empty where its sources have none. */
  name: string;
  isOpen: boolean;
  /** Null while the application database does not answer. */
  tenants: number | null;
  /** How many sources it has in each state. */
  states: Record<State, number>;
  transactionsPerSecond: number;
  /** Those that are shown, what was found and what is worst first; of a closed group none. */
  sources: MapSource[];
}

export interface MapMove extends MoveNames, Pick<Move, 'id' | 'step'> {
  /** The groups of its two sources. */
  fromGroup: string;
  toGroup: string;
}

export interface FleetMap {
  application: boolean;
  /** By name. */
  groups: MapGroup[];
  /** How many sources a search has found, of which at most `MOST_FOUND` are shown. */
  found: number;
  moves: MapMove[];
}

export interface MapView {
  by?: Grouping | undefined;
  /** Names of groups that are to be other than by themselves: those of a small fleet are open, those of a large one closed. */
  toggled?: readonly string[] | undefined;
  /** Also opens groups, for what it has found there. */
  search?: string | undefined;
  /** Sources shown of each open group. */
  limit?: number | undefined;
}

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'dataSources' | 'pool'>;
}

/** With more sources than these, groups are closed by themselves. */
const FEW = 40;
const SHOWN = 40;
const MOST_FOUND = 50;
/** Tenants whose sources a search shows. */
const MOST_TENANTS = 20;
const WORST_FIRST: State[] = ['unhealthy', 'degraded', 'unknown', 'healthy'];

/** Without numbers and names of tenants if the application database cannot be reached. */
export async function readMap(
  { application, operations }: Databases,
  { by = 'region', toggled = [], search = '', limit = SHOWN }: MapView = {},
): Promise<FleetMap> {
  const { dataSources, pool } = operations;
  const words = search.trim().toLowerCase();
  const [sources, health, replicas, counts, underWay, holding] = await Promise.all([
    dataSources.list(),
    readHealthSummaries(pool),
    new SourceReplicas(pool).list(),
    application.tenants.counts().catch(() => undefined),
    new MoveStore(pool).list({ open: true }),
    sourcesHolding(application, words),
  ]);
  const healthOf = new Map(health.map((one) => [one.id, one]));
  const replicasOf = Map.groupBy(replicas, ({ dataSourceId }) => dataSourceId);
  const tenantsAt = counts && sumsOf(counts);
  const matching = sources.filter(
    ({ id, name }) => words !== '' && (name.includes(words) || holding.has(id)),
  );
  const found = new Set(matching.slice(0, MOST_FOUND).map(({ id }) => id));
  const groupOf = (source: DataSource) => source[by] ?? '';
  const isChosen = (name: string) => sources.length <= FEW !== toggled.includes(name);
  const groups = [...Map.groupBy(sources, groupOf)]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, members]): MapGroup => {
      const described = members.map(
        (source): MapSource => ({
          ...describe(source, healthOf.get(source.id)),
          tenants: tenantsAt ? (tenantsAt.get(source.id) ?? 0) : null,
          replicas: (replicasOf.get(source.id) ?? []).map(({ host, region }) => ({ host, region })),
          isFound: found.has(source.id),
        }),
      );
      // What a search has opened shows what was found.
      const shown = isChosen(name)
        ? described.toSorted(inOrder).slice(0, limit)
        : described.filter(({ isFound }) => isFound);
      const states = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 };
      for (const { state } of described) states[state] += 1;
      return {
        ...{ name, states, isOpen: isChosen(name) || shown.length > 0, sources: shown },
        tenants: tenantsAt ? described.reduce((sum, { tenants }) => sum + (tenants ?? 0), 0) : null,
        transactionsPerSecond: described.reduce((sum, one) => sum + (one.transactionsPerSecond ?? 0), 0),
      };
    });
  const groupNames = new Map(sources.map((source) => [source.id, groupOf(source)]));
  const named = counts && (await namesOf({ application, operations }, underWay));
  const sourceNames = new Map(sources.map(({ id, name }) => [id, name]));
  const moves = underWay.map(
    (move): MapMove => ({
      ...(named?.(move) ?? {
        tenant: move.tenantId,
        from: sourceNames.get(move.fromSource) ?? move.fromSource,
        to: sourceNames.get(move.toSource) ?? move.toSource,
      }),
      ...{ id: move.id, step: move.step },
      ...{ fromGroup: groupNames.get(move.fromSource) ?? '', toGroup: groupNames.get(move.toSource) ?? '' },
    }),
  );
  return { application: counts !== undefined, groups, found: matching.length, moves };
}

/** Tenants of each source. */
function sumsOf(counts: Awaited<ReturnType<Databases['application']['tenants']['counts']>>) {
  const sums = new Map<string | null, number>();
  for (const { dataSourceId, count } of counts) sums.set(dataSourceId, (sums.get(dataSourceId) ?? 0) + count);
  return sums;
}

/** Ids of sources that hold tenants of this name. */
async function sourcesHolding(
  { tenants }: Databases['application'],
  search: string,
): Promise<ReadonlySet<string | null>> {
  if (search === '') return new Set();
  const page = await tenants.page({ search, offset: 0, limit: MOST_TENANTS }).catch(() => undefined);
  return new Set(page?.rows.map(({ dataSourceId }) => dataSourceId));
}

function inOrder(one: MapSource, other: MapSource): number {
  return (
    Number(other.isFound) - Number(one.isFound) ||
    WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state) ||
    one.name.localeCompare(other.name)
  );
}

function describe(source: DataSource, health: HealthSummary | undefined) {
  const { id, name, kind, engine, region, status, capacity } = source;
  const { state = 'unknown', first = null, transactionsPerSecond = null, lagBytes = null } = health ?? {};
  return {
    ...{ id, name, kind, engine, region, status, capacity },
    ...{
      state,
      cause: first?.title ?? null,
      causeName: first?.cause ?? null,
      transactionsPerSecond,
      lagBytes,
    },
  };
}
