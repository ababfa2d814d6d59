// Where a new tenant goes: the nearest data source that it may be at and that has room for it, and why not another one.
import type { ApplicationDatabase } from '@/lib/application';
import { placesOf } from '@/lib/data-sources';
import { type DataSource, type OperationsDatabase, refusalOfRegion } from '@/lib/operations';
import { readHealth } from '../health';
import { inParallel } from '../in-parallel';
import { readServerUsage, type ServerUsage } from './server-usage';

export interface PlacementWish {
  /** The region that the tenant's data must not leave. */
  requiredRegion?: string | undefined;
  /** Where the tenant's users are: a source there comes first. Default `requiredRegion`. */
  near?: string | undefined;
}

/** One data source, as a place for the tenant. */
export interface Candidate {
  source: DataSource;
  tenants: number;
  /** Undefined where the database did not answer. */
  usage: ServerUsage | undefined;
  /** Share of the disk that is in use, as last probed; undefined where it is not visible and the operator has not said how large it is. */
  diskUsed: number | undefined;
  isNear: boolean;
  /** Share in use of the scarcest resource there, 0 to 1. */
  used: number;
  /** Why the tenant cannot go there; undefined where it can. */
  refusal: string | undefined;
}

/** Share of its connections or its disk from which on a source takes no new tenants. */
const FULL = 0.9;

/** Databases that are asked at once. */
const AT_ONCE = 16;

/** Every data source for shared use, best first; those that refuse come last. */
export async function explainPlacement(
  { application, operations }: { application: ApplicationDatabase; operations: OperationsDatabase },
  wish: PlacementWish,
): Promise<Candidate[]> {
  const sources = (await operations.dataSources.list()).filter(({ kind }) => kind === 'shared');
  const near = wish.near ?? wish.requiredRegion;
  const [counts, health] = await Promise.all([application.tenants.counts(), readHealth(operations.pool)]);
  const candidates = await inParallel(sources, AT_ONCE, async (source): Promise<Candidate> => {
    const [places, usage] = await Promise.all([
      placesOf(operations, source),
      readServerUsage(operations, source).catch(() => undefined),
    ]);
    const there = counts.filter(({ dataSourceId }) => dataSourceId === source.id);
    const tenants = there.reduce((sum, { count }) => sum + count, 0);
    const diskUsed = health.find(({ id }) => id === source.id)?.measures.disk_used_share;
    const used = Math.max(
      diskUsed ?? 0,
      source.capacity === null ? 0 : tenants / source.capacity,
      usage ? usage.connections / usage.maxConnections : 0,
    );
    const refusal =
      refusalOfRegion(wish.requiredRegion, places) ?? refusalOf(source, { tenants, usage, diskUsed });
    return {
      source,
      tenants,
      usage,
      diskUsed,
      used,
      refusal,
      isNear: near !== undefined && source.region === near,
    };
  });
  return candidates.sort(byPreference);
}

function refusalOf(
  source: DataSource,
  { tenants, usage, diskUsed = 0 }: Pick<Candidate, 'tenants' | 'usage' | 'diskUsed'>,
): string | undefined {
  if (source.status !== 'active') return `It takes no tenants: it is ${source.status}.`;
  if (source.capacity !== null && tenants >= source.capacity)
    return `It is full: it has ${tenants} of ${source.capacity} tenants.`;
  if (!usage) return 'Its database does not answer.';
  if (usage.connections / usage.maxConnections >= FULL)
    return `Its server has ${usage.connections} of ${usage.maxConnections} connections in use.`;
  return diskUsed >= FULL ? `Its disk is ${Math.floor(diskUsed * 100)} % full.` : undefined;
}

/** Nearby sources first, full ones last; then by the share in use of the scarcest resource, then by the size of the database. */
function byPreference(one: Candidate, other: Candidate): number {
  return (
    Number(one.refusal !== undefined) - Number(other.refusal !== undefined) ||
    Number(other.isNear) - Number(one.isNear) ||
    one.used - other.used ||
    (one.usage?.databaseBytes ?? 0) - (other.usage?.databaseBytes ?? 0) ||
    one.source.name.localeCompare(other.source.name)
  );
}
