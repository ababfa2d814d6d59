import { rm } from 'node:fs/promises';
import { addReplica } from '@/lib/data-sources';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';
import type { Instance } from '../instance';
import { SETTINGS } from './embedded';
import type { Running } from './running';
import type { State } from './state';

/** The source that plays a customer's database has a standby: reports of its tenant are read there. */
const SOURCE = 'customer-f';
const REGION = 'local';

/**
 * Starts a standby of the customer's server and registers it, while the demo is served already.
 *
 * @param say called with the reason if there is no replica: the primary answers then
 * @returns resolves, never rejects, once the replica is registered or has failed
 */
export async function startDemoReplica(
  instance: Instance,
  primary: EmbeddedServer,
  state: State,
  running: Running,
  say: (problem: string) => void,
): Promise<{ ready: Promise<void> }> {
  const port = await state.port('replica');
  const starting = startStandby(primary, state.path('replica'), port);
  const ready = starting
    .then(() => register(instance, port))
    .catch((error: Error) => {
      if (!running.signal.aborted) say(`The demo has no replica: ${error.message}`);
    });
  // Also one that is still being started is stopped.
  const stop = () =>
    starting.then(
      (server) => server.stop(),
      () => {},
    );
  await running.add('replica', stop);
  return { ready };
}

/** One that cannot go on from its files is copied anew. */
async function startStandby(
  primary: EmbeddedServer,
  dataDirectory: string,
  port: number,
): Promise<EmbeddedServer> {
  const start = () => startEmbeddedServer({ dataDirectory, port, settings: SETTINGS, replicaOf: primary });
  return start().catch(async () => {
    await rm(`${dataDirectory}.password`, { force: true });
    return start();
  });
}

async function register(instance: Instance, port: number): Promise<void> {
  const { operations } = instance;
  const source = await operations.dataSources.get(SOURCE);
  if ((await operations.replicas.list(source.id)).length > 0) return;
  await addReplica(instance, source.id, { host: { host: '127.0.0.1', port }, region: REGION });
}
