// A large fleet in the real tables of a running instance: data sources in the registry, and tenants that are placed on them.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Instance } from '@/cli/instance';

const REGIONS = [
  'ap-south',
  'ap-southeast',
  'eu-central',
  'eu-north',
  'eu-west',
  'us-central',
  'us-east',
  'us-west',
];
const KINDS = ['shared', 'shared', 'shared', 'dedicated', 'byod'] as const;
const STATUSES = ['active', 'active', 'active', 'active', 'active', 'active', 'active', 'suspended'] as const;

interface Fleet {
  /** A data source whose database is that of all. */
  like: string;
  tenants: number;
  sources: number;
  /** `host:port` of a source; null for one that is offline, and therefore not probed. */
  serverOf: (source: number) => string | null;
}

/**
 * Names are `fleet-0000` … and `tenant-00000` …. Unlike what operators do, this is not recorded in the audit log.
 *
 * @param application a session of the application database's owner
 */
export async function fillFleet(
  { operations, secretBox }: Pick<Instance, 'operations' | 'secretBox'>,
  application: pg.ClientBase,
  { like, tenants, sources, serverOf }: Fleet,
): Promise<void> {
  const { id: model } = await operations.dataSources.get(like);
  const { routerUrl } = await operations.dataSources.credentials(model);
  const places = await Promise.all(
    Array.from({ length: sources }, async (_, at) => {
      const id = randomUUID();
      const server = serverOf(at);
      const url = new URL(routerUrl ?? '');
      url.host = server ?? `127.0.0.1:${10_000 + at}`;
      const row = {
        ...{ id, name: `fleet-${String(at).padStart(4, '0')}`, kind: KINDS[at % KINDS.length] },
        ...{
          region: REGIONS[at % REGIONS.length],
          server_key: url.host,
          status: server ? 'active' : 'offline',
        },
        router_url: await secretBox.encrypt(url.href, { owner: id, column: 'router_url' }),
      };
      return { row, url: url.href };
    }),
  );
  await operations.pool.query(
    `insert into data_sources (id, name, kind, engine, region, server_key, database_name, tls, capacity, status, schema_version, router_url)
     select f.id, f.name, f.kind, m.engine, f.region, f.server_key, m.database_name, m.tls, 40, f.status, m.schema_version, f.router_url
     from json_populate_recordset(null::data_sources, $1) f, data_sources m where m.id = $2`,
    [JSON.stringify(places.map(({ row }) => row)), model],
  );
  const rows = await Promise.all(
    Array.from({ length: tenants }, async (_, at) => {
      const id = randomUUID();
      const number = String(at).padStart(5, '0');
      const { row: source, url } = places[at % sources] as (typeof places)[number];
      return {
        ...{
          id,
          name: `Tenant ${number}`,
          subdomain: `tenant-${number}`,
          status: STATUSES[at % STATUSES.length],
        },
        ...{ data_source_id: source.id, data_source_region: source.region },
        data_source_url: await secretBox.encrypt(url, { owner: id, column: 'data_source_url' }),
      };
    }),
  );
  await application.query('begin; alter table tenants disable trigger audit');
  await application.query(
    `insert into tenants (id, name, subdomain, status, data_source_id, data_source_engine, data_source_url, data_source_region)
     select id, name, subdomain, status, data_source_id, 'postgresql', data_source_url, data_source_region
     from json_populate_recordset(null::tenants, $1)`,
    [JSON.stringify(rows)],
  );
  await application.query('alter table tenants enable always trigger audit; commit; analyze tenants');
}
