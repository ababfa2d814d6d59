// Ten thousand tenants on a thousand data sources over twenty connections.
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BenchResult, ofRounds, QUICK, quantiles } from '../measure';
import { context } from '../peers/context';
import {
  addTenants,
  type BenchDatabase,
  BenchDirectory,
  createDatabase,
  managerOf,
  sql,
  startServer,
} from '../tenants';

export const description =
  '10 to 10,000 tenants on up to 1,000 data sources, Zipf traffic, 20 connections in all';

const CONNECTIONS = 20;
const CALLERS = 32;
const SECONDS = QUICK ? 0.2 : 3;
const ROUNDS = 3;
/** Data sources are pools and routes; of databases on the disk there are fewer, and data sources take turns on them. */
const DATABASES = 20;
const STATEMENT = 'select id, name from accounts where tenant_id = $1 order by name limit 20';

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer({ max_connections: 100 });
  try {
    const template = await createDatabase(server, 'bench_template');
    const databases: (BenchDatabase & { tenants: string[] })[] = [];
    for (let n = 0; n < DATABASES; n += 1) {
      const name = `bench_${n}`;
      await sql(server.url(), `create database ${name} template bench_template`);
      const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
      const database = { id: name, adminUrl: at(template.adminUrl), routerUrl: at(template.routerUrl) };
      await sql(database.adminUrl, `grant connect on database ${name} to ${template.logins.router.name}`);
      databases.push({ ...database, tenants: await addTenants(database, 500, 2) });
    }
    const curve = [];
    for (const [tenants, sources] of [
      [10, 1],
      [100, 10],
      [1_000, 20],
      [1_000, 100],
      [10_000, 1_000],
    ] as const) {
      curve.push(await measure(server.url(), databases, tenants, sources));
    }
    const largest = curve.at(-1);
    const manyTenants = curve.find(
      ({ tenants, data_sources }) => tenants === 1_000 && data_sources === DATABASES,
    );
    const cold = ofRounds(await coldOverConnect(databases));
    return {
      cold_ms: cold.cold_ms,
      cold_floor_ms: cold.cold_floor_ms,
      /** Of a statement of 1,000 tenants on 20 databases. */
      p50_ms: manyTenants?.p50_ms,
      spread: { ...cold.spread, ...(manyTenants && { p50_ms: manyTenants.spread.p50_ms }) },
      errors: curve.reduce((sum, { errors }) => sum + errors, 0),
      bytes_per_tenant: largest?.bytes_per_tenant,
      connections: CONNECTIONS,
      most_connections: Math.max(...curve.map(({ connections }) => connections)),
      databases: DATABASES,
      curve,
    };
  } finally {
    await close();
  }
}

async function measure(
  serverUrl: string,
  databases: (BenchDatabase & { tenants: string[] })[],
  count: number,
  sources: number,
) {
  const directory = new BenchDirectory();
  const tenants: string[] = [];
  for (let n = 0; n < sources; n += 1) {
    const database = databases[n % databases.length];
    if (!database) continue;
    const each = count / sources;
    const first = Math.floor(n / databases.length) * each;
    const there = database.tenants.slice(first, first + each);
    directory.place(there, { ...database, id: randomUUID() });
    tenants.push(...there);
  }
  shuffle(tenants);
  const before = usedBytes();
  const manager = managerOf(directory, { connectionsPerServer: CONNECTIONS });
  for (const tenant of tenants) await manager.route(tenant);
  const bytes = (usedBytes() - before) / tenants.length;
  const draw = zipf(tenants.length);
  const openedBefore = await sessionsOpened(serverUrl);
  const cpuBefore = process.cpuUsage();
  const took: number[] = [];
  const perSecond = new Array<number>(ROUNDS).fill(0);
  let errors = 0;
  let connections = 0;
  const began = performance.now();
  const until = began + SECONDS * 1000;
  const watch = setInterval(async () => {
    const { rows } = await sql(
      serverUrl,
      "select count(*)::int as n from pg_stat_activity where usename like 'marquee_router%'",
    );
    connections = Math.max(connections, rows[0]?.n);
  }, 200);
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (performance.now() < until) {
        const tenant = tenants[draw()] ?? '';
        const started = performance.now();
        await manager
          .execute(tenant, { text: STATEMENT, values: [tenant], name: 's' }, { readOnly: true })
          .then(
            () => {
              const answered = performance.now();
              took.push(answered - started);
              const round = Math.floor(((answered - began) * ROUNDS) / (until - began));
              if (round < ROUNDS) perSecond[round] = (perSecond[round] ?? 0) + ROUNDS / SECONDS;
            },
            () => {
              errors += 1;
            },
          );
      }
    }),
  );
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpuBefore);
  await manager.close();
  return {
    tenants: tenants.length,
    data_sources: sources,
    ...ofRounds({
      per_second: perSecond,
      p50_ms: quantiles(took, 0.5, ROUNDS),
      p99_ms: quantiles(took, 0.99, ROUNDS),
    }),
    errors,
    connections,
    /** Connections opened meanwhile: what their sessions have planned is lost with them. */
    opened: (await sessionsOpened(serverUrl)) - openedBefore,
    cpu_us_per_statement: Math.round((user + system) / took.length),
    bytes_per_tenant: Math.round(bytes),
  };
}

/** Sessions that the databases have seen so far. */
async function sessionsOpened(serverUrl: string): Promise<number> {
  const { rows } = await sql(
    serverUrl,
    "select coalesce(sum(sessions), 0)::int as n from pg_stat_database where datname like 'bench_%'",
  );
  return rows[0]?.n;
}

/**
 * What the first request of a tenant takes beyond connecting, on a data source without connections; and what the same two statements take
 * as the first of a session that was opened by hand: the session loads catalogs, and plans and compiles what it runs.
 */
async function coldOverConnect(databases: (BenchDatabase & { tenants: string[] })[]) {
  const over: number[] = [];
  const floor: number[] = [];
  for (let n = 0; n < 15; n += 1) {
    const database = databases[n % databases.length];
    const tenant = database?.tenants[n];
    if (!database || !tenant) continue;
    const directory = new BenchDirectory();
    directory.place([tenant], { ...database, id: randomUUID() });
    const manager = managerOf(directory, { connectionsPerServer: CONNECTIONS });
    // The manager itself is opened, the route and the pool are not.
    await manager.route(randomUUID()).catch(() => {});
    const started = performance.now();
    await manager.execute(tenant, { text: STATEMENT, values: [tenant] }, { readOnly: true });
    const cold = performance.now() - started;
    const again = performance.now();
    await sql(database.routerUrl, '');
    const connecting = performance.now() - again;
    over.push(cold - connecting);
    floor.push(await firstByHand(database.routerUrl, tenant));
    await manager.close();
  }
  return { cold_ms: over, cold_floor_ms: floor };
}

async function firstByHand(routerUrl: string, tenant: string): Promise<number> {
  const peer = await context(routerUrl, 1, STATEMENT);
  const started = performance.now();
  await peer.rows(tenant);
  const took = performance.now() - started;
  await peer.close();
  return took;
}

/** Draws places by Zipf's law with exponent 1: the first twice as often as the second. */
function zipf(count: number): () => number {
  const sums = new Float64Array(count);
  let total = 0;
  for (let n = 0; n < count; n += 1) {
    total += 1 / (n + 1);
    sums[n] = total;
  }
  return () => {
    const point = Math.random() * total;
    let low = 0;
    for (let high = count - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < point) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function shuffle(values: string[]): void {
  for (let n = values.length - 1; n > 0; n -= 1) {
    const other = Math.floor(Math.random() * (n + 1));
    [values[n], values[other]] = [values[other] as string, values[n] as string];
  }
}

/** Live bytes of the heap, after collecting what is dead. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
