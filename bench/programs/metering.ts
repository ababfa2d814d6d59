// What counting costs: the same requests of the same tenants with metering and without, in turns; and whether bills add up.
import { randomBytes, randomUUID } from 'node:crypto';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { addBill, monthOf, readConsumption, readMonthCosts } from '@/lib/usage';
import { type BenchResult, type Contestant, ofRounds, QUICK, ratios, throughput } from '../measure';
import { addTenants, BenchDirectory, createDatabase, managerOf, sql, startServer } from '../tenants';

export const description = 'Requests with metering and without; bills that sum to the cent';

const TENANTS = 50;
const ROWS = 20;
const CONNECTIONS = 8;
/** More often than the product adds its counts, so that rounds have some of it. */
const FLUSH_MS = 5_000;
const BILLS = QUICK ? 10 : 500;

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer();
  const database = await createDatabase(server);
  const tenants = await addTenants(database, TENANTS, ROWS);
  const directory = new BenchDirectory();
  directory.place(tenants, database);
  await sql(server.url(), 'create database operations');
  await migrateOperationsDatabase(server.url('operations'));
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const operations = openOperationsDatabase({ url: server.url('operations'), secretBox });
  const settings = { connectionsPerServer: CONNECTIONS, usageFlushMs: FLUSH_MS };
  const managers = {
    metered: managerOf(directory, settings, undefined, operations.usage),
    plain: managerOf(directory, settings),
  };
  const done = { metered: 0, plain: 0 };
  const contestants = (Object.keys(managers) as (keyof typeof managers)[]).map((name): Contestant => {
    let next = 0;
    return {
      name,
      async request() {
        next += 1;
        const tenant = tenants[next % TENANTS] as string;
        const request = {
          method: 'GET',
          path: '/accounts',
          query: 'select=id,name,email,phone,website',
          headers: {},
        };
        const { status } = await managers[name].answer(tenant, request, { useServiceRole: true });
        if (status !== 200) throw new Error(`A request was answered with ${status}.`);
        done[name] += 1;
      },
    };
  });
  try {
    const measured = await throughput(contestants, {
      callers: CONNECTIONS,
      rounds: 41,
      roundMs: 500,
      warmUp: 4,
    });
    await managers.metered.flushUsage();
    const month = monthOf(new Date());
    const period = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
    const counted = await readConsumption(operations.pool, { ...period, granularity: 'monthly' });
    const statements = counted.reduce((sum, one) => sum + one.statements, 0);
    const overhead = ratios(measured.get('metered'), measured.get('plain')).map((ratio) => 1 - ratio);
    return {
      ...ofRounds({ overhead }),
      per_second: Object.fromEntries(
        [...measured].map(([name, { perSecond }]) => [name, Math.round(perSecond)]),
      ),
      uncounted_statements: done.metered - statements,
      bill_difference_cents: await billDifference(operations.pool, database.id, month),
      bills: BILLS,
      tenants: TENANTS,
      rows: ROWS,
    };
  } finally {
    for (const manager of Object.values(managers)) await manager.close();
    await operations.close();
    await close();
  }
}

/** Bills of random amounts, of what was used and of a data source without use: what their parts are off, in all. */
async function billDifference(
  pool: Parameters<typeof addBill>[0],
  used: string,
  month: string,
): Promise<number> {
  let difference = 0n;
  for (let n = 0; n < BILLS; n += 1) {
    const amount = BigInt(Math.round((Math.random() - 0.1) * 1e7));
    const target = n % 10 === 0 ? randomUUID() : used;
    await addBill(pool, { target, month, amount, currency: 'USD', by: 'bench' });
    if (n % 25 !== 0 && n !== BILLS - 1) continue;
    for (const bill of (await readMonthCosts(pool, month)).bills) {
      const sum = bill.parts.reduce((total, part) => total + part.amount, 0n);
      difference += sum > bill.amount ? sum - bill.amount : bill.amount - sum;
    }
  }
  return Number(difference);
}
