// How far each replica of a data source is behind its primary, read from both now.
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { readServerState } from '@/lib/postgres';
import { connect } from '../pool/connect';
import { urlOfReplica } from '../sources/postgres/replicas/replica-set';

export interface ReplicaLag {
  host: string;
  region: string | null;
  /** `promoted`: it is in recovery no more. */
  state: 'follows' | 'promoted' | 'unreachable';
  /** Bytes of WAL that it has not replayed; null where one of the two does not answer. */
  lagBytes: number | null;
}

/** A server that takes longer is told apart from one that answers, ms. */
const TIMEOUT_MS = 4_000;

/** In the order of hosts. Never rejects because of a server. */
export async function readReplicaLags(
  operations: OperationsDatabase,
  source: Pick<DataSource, 'id' | 'name'>,
): Promise<ReplicaLag[]> {
  const replicas = await operations.replicas.list(source.id);
  if (replicas.length === 0) return [];
  const routerUrl = (await operations.dataSources.credentials(source.id)).routerUrl ?? '';
  const stateAt = async (url: string) => {
    try {
      const client = await connect({ url, name: source.name, timeoutMs: TIMEOUT_MS });
      return await readServerState(client).finally(() => client.end());
    } catch {
      return undefined;
    }
  };
  const [primary, ...states] = await Promise.all([
    stateAt(routerUrl),
    ...replicas.map(({ host }) => stateAt(urlOfReplica(`postgresql://${host}/`, routerUrl))),
  ]);
  return replicas.map(({ host, region }, index) => {
    const state = states[index];
    const behind = primary && state ? Number(primary.position - state.position) : null;
    return {
      ...{ host, region, lagBytes: behind === null ? null : Math.max(0, behind) },
      state: !state ? 'unreachable' : state.standby ? 'follows' : 'promoted',
    };
  });
}
