// The tenant statement (fence, role, claims, row-level security; one flush) against raw `pg` and against peers.
import { CONNECTIONS, createPeers, expectRows, marquee, ROWS, requestsOf } from '../contest';
import { type BenchResult, ofRounds, processorRatios, ratios, throughput } from '../measure';
import { addTenants, BenchDirectory, createDatabase, managerOf, startServer } from '../tenants';

export const description = 'A tenant’s statement against raw pg, BEGIN/SET and ORMs with row-level security';

const TENANTS = 50;

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer();
  const database = await createDatabase(server);
  const tenants = await addTenants(database, TENANTS, ROWS);
  const directory = new BenchDirectory();
  directory.place(tenants, database);
  const manager = managerOf(directory, { connectionsPerServer: CONNECTIONS });
  const contestants = [marquee(manager), ...(await createPeers(database.adminUrl, database.routerUrl))];
  try {
    for (const peer of contestants) await expectRows(peer, tenants);
    const measured = await throughput(
      contestants.map((peer) => requestsOf(peer, tenants)),
      { callers: CONNECTIONS },
    );
    const against = (name: string) => ratios(measured.get('marquee'), measured.get(name));
    const byProcessor = (one: string, other: string) =>
      processorRatios(measured.get(one), measured.get(other));
    return {
      ...ofRounds({
        vs_raw: against('raw'),
        vs_raw_text: against('raw_text'),
        // The same statements without a router, and what they leave of raw: the bound of vs_raw.
        vs_context: against('context'),
        context_vs_raw: ratios(measured.get('context'), measured.get('raw')),
        cpu_vs_raw: byProcessor('marquee', 'raw'),
        cpu_vs_raw_text: byProcessor('marquee', 'raw_text'),
        cpu_vs_context: byProcessor('marquee', 'context'),
        cpu_context_vs_raw: byProcessor('context', 'raw'),
        cpu_vs_begin_set: byProcessor('marquee', 'begin_set'),
        // Prepared, and its rows parsed; with rows as text, which is what Marquee answers with; and without prepared statements.
        vs_begin_set: against('begin_set'),
        vs_begin_set_text: against('begin_set_text'),
        vs_begin_set_unprepared: against('begin_set_unprepared'),
        vs_prisma: against('prisma'),
        vs_drizzle: against('drizzle'),
        vs_knex: against('knex'),
      }),
      per_second: Object.fromEntries(
        [...measured].map(([name, { perSecond }]) => [name, Math.round(perSecond)]),
      ),
      connections: CONNECTIONS,
      rows: ROWS,
    };
  } finally {
    for (const peer of contestants) await peer.close();
    await close();
  }
}
