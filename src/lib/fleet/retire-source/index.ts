// Removes a data source from the registry, once nothing needs it. The database itself stays as it is.
import type pg from 'pg';
import type { ApplicationDatabase, Author } from '@/lib/application';
import { tenantsWithCopies } from '@/lib/backups';
import { isDefaultSource } from '@/lib/data-sources';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { RetireError } from './errors';

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: OperationsDatabase;
}

/** What the configuration says of data sources. */
export interface ConfiguredSources {
  /** DEFAULT_TENANT_DATA_URL. */
  defaultUrl?: string | undefined;
  /** BACKUP_DRILL_SOURCE. */
  drillSource?: string | undefined;
}

export interface RetireOptions {
  /**
   * The database is lost, or its operator removes what is in it: rows of tenants that were given up there, by moves and restores elsewhere, keep it no
   * longer. Erasures cannot reach them and say so.
   */
  leaveCopies?: boolean;
}

/** Names that a message has, of those that there are. */
const NAMED = 5;

/**
 * Removes a data source with its credentials, and what is known of its health. Its name stays for moves, backups and bills before that.
 *
 * @param idOrName of the data source
 * @throws RetireError `data_source_in_use`, with every reason; OperationsError `data_source_unknown`
 */
export async function retireSource(
  databases: Databases,
  idOrName: string,
  configured: ConfiguredSources,
  { leaveCopies = false }: RetireOptions = {},
  by?: Author,
): Promise<DataSource> {
  const { dataSources } = databases.operations;
  const source = await dataSources.get(idOrName);
  const needs = { leaveCopies, drillSource: configured.drillSource };
  const isConfigured = await configurationNeeds(databases, source, configured);
  const registry = by ? dataSources.by(by) : dataSources;
  await registry.remove(source.id, async (client) => {
    const reasons = [...isConfigured, ...(await whatNeeds(databases, client, source, needs))];
    if (reasons.length === 0) return;
    throw new RetireError('data_source_in_use', `${source.name} is not removed: ${reasons.join('; ')}.`, {
      hint: 'End each of these, then remove it again.',
    });
  });
  return source;
}

async function configurationNeeds(
  { operations }: Databases,
  source: DataSource,
  { defaultUrl, drillSource }: ConfiguredSources,
): Promise<string[]> {
  const isDefault = defaultUrl !== undefined && (await isDefaultSource(operations, source, defaultUrl));
  const isForDrills = drillSource === source.name || drillSource === source.id;
  return [
    ...(isDefault ? ['new tenants are placed there (DEFAULT_TENANT_DATA_URL)'] : []),
    ...(isForDrills ? ['drills restore into it (BACKUP_DRILL_SOURCE)'] : []),
  ];
}

/** Each query gives the ids of tenants, or what else is counted, as `id`; $1 is the data source. */
const WORK: readonly [found: string, query: string][] = [
  [
    'moves are open (marquee move status)',
    'select tenant_id as id from moves where finished_at is null and $1 in (from_source, to_source)',
  ],
  [
    'rollouts are open (marquee rollout status)',
    'select id::text from rollouts where finished_at is null and ($1 = to_source or $1 = any (from_sources))',
  ],
  [
    'schema rollouts are to migrate it (marquee migrate status)',
    `select r.id::text from schema_rollouts r join schema_rollout_sources s on s.rollout_id = r.id
     where r.finished_at is null and s.state in ('waiting', 'pinned', 'running', 'expanded') and s.data_source_id::text = $1`,
  ],
  [
    'backups are being made from it',
    `select tenant_id as id from backups where state = 'running' and data_source = $1`,
  ],
  [
    'restores are under way there, or have left something',
    `select into_tenant as id from restores where (state = 'running' or fence_held) and $1 in (into_source, from_source)`,
  ],
  [
    'drills are under way there, or have left something',
    `select tenant_id as id from drills where (state = 'running' or not scratch_removed) and data_source = $1`,
  ],
  [
    'read replicas are registered (marquee source replica remove)',
    'select host as id from data_source_replicas where data_source_id::text = $1',
  ],
];

/** Tenants whose newest backup was made there: their next drill restores into it. */
const NEWEST_BACKUPS = `select id from (
    select distinct on (tenant_id) tenant_id as id, data_source from backups where state = 'complete' order by tenant_id, as_of desc) b
  where data_source = $1`;

/** Why a data source is still needed, in words. @param client in a transaction in which no move or schema rollout begins */
async function whatNeeds(
  { application }: Databases,
  client: pg.ClientBase,
  { id }: DataSource,
  { leaveCopies, drillSource }: { leaveCopies: boolean; drillSource: string | undefined },
): Promise<string[]> {
  const idsOf = async (query: string) =>
    (await client.query<{ id: string }>(query, [id])).rows.map((row) => row.id);
  const reasons: string[] = [];
  for (const [found, query] of WORK) {
    const ids = await idsOf(query);
    if (ids.length > 0) reasons.push(`${ids.length} ${found}`);
  }
  // Where drills have a data source of their own, they need no other.
  const backups = drillSource ? [] : await idsOf(NEWEST_BACKUPS);
  const copies = leaveCopies ? [] : await tenantsWithCopies(client, id);
  const names = await application.tenants.names([...backups, ...copies]);
  const proven = backups.flatMap((tenant) => names.get(tenant)?.subdomain ?? []);
  if (proven.length > 0)
    reasons.push(
      `the newest backup was made there of ${some(proven)}, and is drilled there (marquee backup create)`,
    );
  if (copies.length > 0) {
    const left = copies.map((tenant) => names.get(tenant)?.subdomain ?? tenant);
    reasons.push(
      `rows may be left there of ${some(left)}, which moved away or were removed while it was lost (marquee backup erase, or --leave-copies)`,
    );
  }
  // Last, so that a tenant that was placed meanwhile is seen.
  const there = await application.tenants.list({ dataSourceId: id, limit: 1000 });
  if (there.length > 0)
    reasons.unshift(`tenants have their data there: ${some(there.map(({ subdomain }) => subdomain))}`);
  return reasons;
}

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
