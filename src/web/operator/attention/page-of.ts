import type { Attention } from '@/server/operator/attention';

/** Where each part has its pages: of one, and of all. */
const PAGES: Record<string, [one: string, all: string]> = {
  sources: ['/data-sources/$id', '/data-sources'],
  tenants: ['/tenants/$id', '/tenants'],
  moves: ['/moves/$id', '/moves'],
  rollouts: ['/moves', '/moves'],
  drift: ['/schema-rollouts', '/schema-rollouts'],
  backups: ['/tenants/$id', '/backups'],
  jobs: ['/jobs', '/jobs'],
  requests: ['/requests', '/requests'],
  cost: ['/cost', '/cost'],
  alerts: ['/alerts', '/alerts'],
};

/**
 * The page of what an item is about.
 *
 * @param has whether the console has a screen of this path
 * @returns undefined if the console has no page for it
 */
export function pageOf(
  { part, place, says }: Pick<Attention['items'][number], 'part' | 'place' | 'says'>,
  has: (path: string) => boolean,
): string | undefined {
  // Tenants whose data source is down: the page is that of the data source.
  const [one = '', all = ''] = PAGES[says.state.code === 'states.affected' ? 'sources' : part] ?? [];
  if (place !== null && has(one)) return one.replace('$id', encodeURIComponent(place));
  return has(all) ? all : undefined;
}
