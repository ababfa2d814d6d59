// Where `marquee tenant create` puts a tenant.
import { type Candidate, explainPlacement, type PlacementWish } from '@/lib/fleet/placement';
import { CommandError } from './errors';
import { type Instance, sourceNamed } from './instance';
import { printRows } from './output';

/**
 * The data source that was named; else, for a tenant of a region, the best that takes it; else the default one.
 *
 * @throws CommandError `placement_refused`
 */
export async function placeFor(
  instance: Instance,
  wish: PlacementWish & { source?: string },
): Promise<string> {
  if (wish.source !== undefined || (wish.requiredRegion ?? wish.near) === undefined)
    return sourceNamed(instance, wish.source);
  const candidates = await explainPlacement(instance, wish);
  const [best] = candidates;
  if (best && best.refusal === undefined) return best.source.id;
  const why = candidates.map(({ source, refusal }) => `${source.name}: ${refusal}`).join(' ');
  throw new CommandError('placement_refused', `No data source takes the tenant. ${why}`);
}

export function showPlacement(candidates: readonly Candidate[], json: boolean | undefined): void {
  const rows = candidates.map(({ source, tenants, usage, diskUsed, used, refusal, isNear }, index) => ({
    source: source.name,
    region: source.region,
    near: isNear,
    tenants: source.capacity === null ? tenants : `${tenants} of ${source.capacity}`,
    connections: usage ? `${usage.connections} of ${usage.maxConnections}` : null,
    database_mb: usage ? Math.round(usage.databaseBytes / 1e6) : null,
    disk: diskUsed === undefined ? null : `${Math.round(diskUsed * 100)} %`,
    used: Math.round(used * 100) / 100,
    verdict: refusal ?? (index === 0 ? 'It goes here.' : 'It could go here.'),
  }));
  printRows(rows, json, 'There are no shared data sources. Add one: marquee source add');
}
