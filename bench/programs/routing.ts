// Finding a tenant's route, and the tenant statement against peers, also with a network in between.
import { randomUUID } from 'node:crypto';
import { startDelayingProxy } from '../../test/support/delaying-proxy';
import { CONNECTIONS, createPeers, expectRows, marquee, ROWS, requestsOf } from '../contest';
import { type BenchResult, median, ofRounds, quantiles, ratios, round3, throughput } from '../measure';
import { beginSet } from '../peers/begin-set';
import { addTenants, BenchDirectory, createDatabase, managerOf, startServer } from '../tenants';

export const description =
  'Route lookups, and the tenant statement against peers with and without network delay';

const TENANTS = 10_000;
const DATA_SOURCES = 1_000;
const LOOKUPS = 200_000;
const DELAY_MS = 1;
const PEERS = ['begin_set', 'prisma', 'drizzle', 'knex'];

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer();
  const database = await createDatabase(server);
  const tenants = await addTenants(database, 50, ROWS);
  const proxy = await startDelayingProxy({ port: server.port, delayMs: DELAY_MS });
  try {
    const lookups = await measureLookups();
    const directory = new BenchDirectory();
    directory.place(tenants, database);
    const contestants = [
      marquee(managerOf(directory, { connectionsPerServer: CONNECTIONS })),
      ...(await createPeers(database.adminUrl, database.routerUrl)),
    ];
    for (const peer of contestants) await expectRows(peer, tenants);
    const near = await throughput(
      contestants.map((peer) => requestsOf(peer, tenants)),
      { callers: CONNECTIONS },
    );
    for (const peer of contestants) await peer.close();

    const far = new URL(database.routerUrl);
    far.port = String(proxy.port);
    const farDirectory = new BenchDirectory();
    farDirectory.place(tenants, { ...database, id: randomUUID(), routerUrl: far.toString() });
    const distant = [
      marquee(managerOf(farDirectory, { connectionsPerServer: CONNECTIONS })),
      await beginSet(far.toString(), CONNECTIONS),
    ];
    const delayed = await throughput(
      distant.map((peer) => requestsOf(peer, tenants)),
      { callers: CONNECTIONS, rounds: 5 },
    );
    for (const peer of distant) await peer.close();

    const against = (name: string) => ratios(near.get('marquee'), near.get(name));
    const byPeer = Object.fromEntries(PEERS.map((name) => [`vs_${name}`, against(name)]));
    return {
      ...ofRounds({
        ...lookups,
        vs_raw: against('raw'),
        vs_raw_text: against('raw_text'),
        ...byPeer,
        delayed_vs_begin_set: ratios(delayed.get('marquee'), delayed.get('begin_set')),
      }),
      vs_best_peer: round3(Math.min(...Object.values(byPeer).map(median))),
      delay_ms: DELAY_MS,
    };
  } finally {
    await proxy.close();
    await close();
  }
}

async function measureLookups(): Promise<Record<string, number[]>> {
  const directory = new BenchDirectory();
  const ids: string[] = [];
  for (let source = 0; source < DATA_SOURCES; source += 1) {
    const there = Array.from({ length: TENANTS / DATA_SOURCES }, () => randomUUID());
    directory.place(there, { id: randomUUID(), adminUrl: '', routerUrl: '' });
    ids.push(...there);
  }
  const manager = managerOf(directory, {});
  for (const id of ids) await manager.route(id);
  const took = new Float64Array(LOOKUPS);
  for (let n = 0; n < LOOKUPS; n += 1) {
    const id = ids[Math.floor(Math.random() * ids.length)] ?? '';
    const started = process.hrtime.bigint();
    await manager.route(id);
    took[n] = Number(process.hrtime.bigint() - started) / 1000;
  }
  await manager.close();
  return {
    lookup_p99_us: quantiles([...took], 0.99),
    lookup_p50_us: quantiles([...took], 0.5),
  };
}
