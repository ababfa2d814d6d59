// Read replicas of a data source. They are stored in the registry for the operator, and with each tenant of the source for the routers.
import type { ApplicationDatabase, Author, TenantReplica } from '@/lib/application';
import {
  type DataSource,
  expectRegion,
  type OperationsDatabase,
  type RegionalPlace,
  type SourceReplica,
} from '@/lib/operations';
import { nameOfHost, type PostgresHost, readServerState } from '@/lib/postgres';
import { pause } from '@/lib/time';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';
import { urlOfReplica } from '../sources/postgres/replicas/replica-set';

type Databases = { application: ApplicationDatabase; operations: OperationsDatabase };

/** How long a new replica may take to replay what the primary has written, ms. */
const FOLLOWS_MS = 10_000;
const LOOK_AGAIN_MS = 100;

/**
 * Registers a standby of a data source, so that reports and exports are read there. It must accept the source's logins, be in recovery,
 * belong to the same cluster, and replay what the primary has written.
 *
 * @throws DataSourceError `data_source_*`, `replica_refused`; OperationsError `data_source_unknown`, `data_source_registered`,
 *   `region_refused` if a tenant of the source must not be in its region
 */
export async function addReplica(
  databases: Databases,
  idOrName: string,
  replica: { host: PostgresHost; region?: string | undefined },
  by?: Author,
): Promise<SourceReplica> {
  const { operations } = databases;
  const source = await operations.dataSources.get(idOrName);
  const host = nameOfHost(replica.host);
  const region = replica.region ?? source.region;
  const tenants = databases.application.tenants.all({ dataSourceId: source.id });
  for await (const { subdomain, requiredRegion } of tenants)
    expectRegion(requiredRegion, [
      { name: `the replica ${host} of ${source.name}, where ${subdomain} is,`, region },
    ]);
  await expectReplica(operations, source, host);
  const added = await operations.replicas.add(source.id, host, region);
  await announceReplicas(databases, source, by);
  return added;
}

/** Removes a replica from the registry; the server is not changed. @throws OperationsError `data_source_unknown`, `replica_unknown` */
export async function removeReplica(
  databases: Databases,
  idOrName: string,
  host: PostgresHost,
  by?: Author,
): Promise<void> {
  const source = await databases.operations.dataSources.get(idOrName);
  await databases.operations.replicas.remove(source.id, nameOfHost(host));
  await announceReplicas(databases, source, by);
}

/** A source's replicas in the form that is stored with its tenants. The login is that of the tenant's own URL. */
export async function replicasOf(
  operations: OperationsDatabase,
  { id }: Pick<DataSource, 'id'>,
): Promise<TenantReplica[]> {
  const replicas = await operations.replicas.list(id);
  return replicas.map(({ id: replicaId, host, region }) => ({
    id: replicaId,
    region,
    url: `postgresql://${host}/`,
  }));
}

/** The places of a data source's data: its server, and each replica, which has all of them. */
export async function placesOf(
  operations: OperationsDatabase,
  { id, name, region }: DataSource,
): Promise<RegionalPlace[]> {
  const replicas = await operations.replicas.list(id);
  return [
    { name, region },
    ...replicas.map(({ host, ...at }) => ({ name: `its replica ${host}`, region: at.region })),
  ];
}

async function announceReplicas(
  { application, operations }: Databases,
  source: DataSource,
  by?: Author,
): Promise<void> {
  const replicas = await replicasOf(operations, source);
  for await (const { id } of application.tenants.all({ dataSourceId: source.id }))
    await application.tenants.setReplicas(id, replicas, by);
}

/** @throws DataSourceError `replica_refused`, `data_source_*` */
async function expectReplica(
  operations: OperationsDatabase,
  { id, name, engine }: DataSource,
  host: string,
): Promise<void> {
  const { routerUrl } = await operations.dataSources.credentials(id);
  if (!routerUrl || engine === 'supabase') {
    throw new DataSourceError(
      'replica_refused',
      `${name} is reached by a REST API: it has no replicas here.`,
    );
  }
  const url = urlOfReplica(`postgresql://${host}/`, routerUrl);
  const [primary, replica] = await Promise.all([
    connect({ url: routerUrl, name, timeoutMs: 10_000 }),
    connect({ url, name: `${name} at ${host}`, timeoutMs: 10_000 }),
  ]);
  const refuse = (why: string) => {
    throw new DataSourceError('replica_refused', `${host} cannot be a replica of ${name}: ${why}.`);
  };
  try {
    const until = performance.now() + FOLLOWS_MS;
    const goal = await readServerState(primary);
    for (;;) {
      const state = await readServerState(replica);
      if (!state.standby) refuse('it is no standby');
      if (state.system !== goal.system) refuse('it belongs to another cluster');
      if (state.position >= goal.position) break;
      if (performance.now() > until)
        refuse(`it does not replay what the primary has written within ${FOLLOWS_MS / 1000} s`);
      await pause(LOOK_AGAIN_MS);
    }
    const { position } = await readServerState(replica);
    if (position > (await readServerState(primary)).position) refuse('it is ahead of the primary');
  } finally {
    await Promise.all([primary.end(), replica.end()]);
  }
}
