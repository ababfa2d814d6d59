// Reads how far each replica of a data source is behind its primary, from both servers.
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { readServerState } from '@/lib/postgres';
import { connect } from '../pool/connect';
import { urlOfReplica } from '../sources/postgres/replicas/replica-set';

export interface ReplicaLag {
  host: string;
  region: string | null;
  /** `promoted`: the server is no longer in recovery. */
  state: 'follows' | 'promoted' | 'unreachable';
  /** Bytes of WAL that the replica has not replayed; null if one of the two servers does not answer. */
  lagBytes: number | null;
}

/** A server that takes longer than this counts as unreachable, ms. */
const TIMEOUT_MS = 4_000;

/** The lags in the order of hosts. A server that fails is in the result; the promise does not reject for it. */
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
