import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';
import type { State } from './state';

/** The embedded servers: Marquee's own, and one that plays a customer's. */
export interface EmbeddedServers {
  own: EmbeddedServer;
  customer: EmbeddedServer;
  stop(): Promise<void>;
}

/** Small: a laptop runs three of them beside everything else. The log is kept for the demo's standby while it is not running. */
export const SETTINGS = { shared_buffers: '64MB', max_connections: 120, wal_keep_size: '128MB' };

/** Starts Marquee's own server alone. */
export async function startOwnServer(state: State): Promise<EmbeddedServer> {
  const port = await state.port('databases');
  return startEmbeddedServer({ dataDirectory: state.path('databases'), port, settings: SETTINGS });
}

/** Starts both servers, on the ports they had at their first start. */
export async function startServers(state: State): Promise<EmbeddedServers> {
  const [ownPort, customerPort] = [await state.port('databases'), await state.port('customer')];
  const [own, customer] = await Promise.allSettled([
    startEmbeddedServer({ dataDirectory: state.path('databases'), port: ownPort, settings: SETTINGS }),
    startEmbeddedServer({ dataDirectory: state.path('customer'), port: customerPort, settings: SETTINGS }),
  ]);
  if (own.status === 'rejected' || customer.status === 'rejected') {
    for (const one of [own, customer]) if (one.status === 'fulfilled') await one.value.stop();
    throw own.status === 'rejected' ? own.reason : (customer as PromiseRejectedResult).reason;
  }
  return {
    own: own.value,
    customer: customer.value,
    async stop() {
      await Promise.all([own.value.stop(), customer.value.stop()]);
    },
  };
}

/** Creates the databases that are missing. @returns whether any was */
export async function createDatabases(server: EmbeddedServer, names: string[]): Promise<boolean> {
  const client = new pg.Client({ connectionString: server.url() });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const missing = names.filter((name) => !rows.some(({ datname }) => datname === name));
    for (const name of missing) await client.query(`create database ${pg.escapeIdentifier(name)}`);
    return missing.length > 0;
  } finally {
    await client.end();
  }
}
