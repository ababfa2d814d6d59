// The tenant statement (fence, role, claims, row-level security; one flush) against raw `pg` and against peers.
import { type Contestant, ratio, throughput } from '../measure';
import { beginSet } from '../peers/begin-set';
import { drizzle } from '../peers/drizzle';
import { knex } from '../peers/knex';
import { type Peer, STATEMENT } from '../peers/peer';
import { prisma } from '../peers/prisma';
import { raw, rawText } from '../peers/raw';
import { addTenants, BenchDirectory, createDatabase, managerOf, startServer } from '../tenants';

export const description = 'A tenant’s statement against raw pg, BEGIN/SET and ORMs with row-level security';

const CONNECTIONS = 8;
const TENANTS = 50;
const ROWS = 20;

export async function run(): Promise<Record<string, unknown>> {
  const { server, close } = await startServer();
  const database = await createDatabase(server);
  const tenants = await addTenants(database, TENANTS, ROWS);
  const directory = new BenchDirectory();
  directory.place(tenants, database);
  const manager = managerOf(directory, { connectionsPerServer: CONNECTIONS });
  // Peers sign in as a role that row-level security applies to and that may become tenant_service.
  const peers: Peer[] = [
    await raw(database.adminUrl, CONNECTIONS),
    await rawText(database.adminUrl, CONNECTIONS),
    await beginSet(database.routerUrl, CONNECTIONS),
    await knex(database.routerUrl, CONNECTIONS),
    await drizzle(database.routerUrl, CONNECTIONS),
    await prisma(database.routerUrl, CONNECTIONS),
  ];
  const ours: Peer = {
    name: 'marquee',
    rows: (tenantId) =>
      manager.execute(
        tenantId,
        { text: STATEMENT, values: [tenantId], name: 'accounts' },
        { readOnly: true },
      ),
    close: () => manager.close(),
  };
  const everybody = [ours, ...peers];
  try {
    for (const peer of everybody) await expectRows(peer, tenants);
    const measured = await throughput(
      everybody.map((peer) => requestsOf(peer, tenants)),
      { callers: CONNECTIONS },
    );
    const against = (name: string) => ratio(measured.get('marquee'), measured.get(name));
    return {
      vs_raw: against('raw'),
      vs_raw_text: against('raw_text'),
      vs_begin_set: against('begin_set'),
      vs_prisma: against('prisma'),
      vs_drizzle: against('drizzle'),
      vs_knex: against('knex'),
      per_second: Object.fromEntries(
        [...measured].map(([name, { perSecond }]) => [name, Math.round(perSecond)]),
      ),
      connections: CONNECTIONS,
      rows: ROWS,
    };
  } finally {
    for (const peer of everybody) await peer.close();
    await close();
  }
}

function requestsOf(peer: Peer, tenants: readonly string[]): Contestant {
  let next = 0;
  return {
    name: peer.name,
    request: () => {
      next = (next + 1) % tenants.length;
      return peer.rows(tenants[next] ?? '');
    },
  };
}

/** Everybody answers with the same number of rows, or the comparison means nothing. */
async function expectRows(peer: Peer, tenants: readonly string[]): Promise<void> {
  for (const tenant of tenants.slice(0, 3)) {
    const rows = await peer.rows(tenant);
    if (rows.length !== ROWS) throw new Error(`${peer.name} answers with ${rows.length} rows.`);
  }
}
