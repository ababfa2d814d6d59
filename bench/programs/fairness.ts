// One tenant floods: what the others feel of it, here, with a plain shared pool, and with a pool for each tenant.
import pg from 'pg';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { median, QUICK, quantile, round3 } from '../measure';
import { addTenants, BenchDirectory, createDatabase, managerOf, sql, startServer } from '../tenants';

export const description = 'One tenant offers 50 times the load of 20 others: the others’ waiting times';

const CONNECTIONS = 8;
const OTHERS = 20;
const OTHERS_PER_SECOND = 30;
const FLOOD = 50;
const SECONDS = 1.5;
const ROUNDS = QUICK ? 1 : 7;
/** Long enough that connections are what is short, not processors. */
const STATEMENT =
  'select id, name, pg_sleep(0.005)::text from accounts where tenant_id = $1 order by name limit 20';
const STATEMENT_MS = 5;

type Ask = (tenantId: string) => Promise<unknown>;

export async function run(): Promise<Record<string, unknown>> {
  const { server, close } = await startServer();
  const database = await createDatabase(server);
  const tenants = await addTenants(database, OTHERS + 1, 1);
  const directory = new BenchDirectory();
  directory.place(tenants, database);
  const manager = managerOf(directory, { connectionsPerServer: CONNECTIONS });
  const shared = new pg.Pool({ connectionString: database.adminUrl, max: CONNECTIONS });
  const pools = new Map(
    tenants.map((id) => [id, new pg.Pool({ connectionString: database.adminUrl, max: CONNECTIONS })]),
  );
  try {
    const ours = await compare(marqueeAsk(manager), tenants);
    const plain = await compare((id) => shared.query({ name: 's', text: STATEMENT, values: [id] }), tenants);
    const many = await compare(
      async (id) => pools.get(id)?.query({ name: 's', text: STATEMENT, values: [id] }),
      tenants,
    );
    const { rows } = await sql(
      database.adminUrl,
      "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
    );
    return {
      p99_ratio: ours.ratio,
      p99_alone_ms: ours.aloneMs,
      p99_flooded_ms: ours.floodedMs,
      errors_of_others: ours.errors,
      shared_pool_p99_ratio: plain.ratio,
      shared_pool_p99_flooded_ms: plain.floodedMs,
      pool_per_tenant_p99_ratio: many.ratio,
      pool_per_tenant_p99_flooded_ms: many.floodedMs,
      connections: CONNECTIONS,
      pool_per_tenant_connections: rows[0]?.n - CONNECTIONS * 2 - 1,
      statement_ms: STATEMENT_MS,
      offered_by_others_per_second: OTHERS * OTHERS_PER_SECOND,
      offered_by_flood_per_second: FLOOD * OTHERS_PER_SECOND,
    };
  } finally {
    await manager.close();
    await shared.end();
    for (const pool of pools.values()) await pool.end();
    await close();
  }
}

function marqueeAsk(manager: DataSourceManager): Ask {
  return (id) => manager.execute(id, { text: STATEMENT, values: [id], name: 's' }, { readOnly: true });
}

/** In turns, so that what disturbs the machine disturbs both. */
async function compare(ask: Ask, tenants: readonly string[]) {
  const [flood = '', ...others] = tenants;
  await Promise.all(tenants.map((id) => ask(id)));
  const rounds: { alone: number; flooded: number }[] = [];
  let errors = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await offer(ask, others, undefined);
    const flooded = await offer(ask, others, flood);
    rounds.push({ alone: alone.p99, flooded: flooded.p99 });
    errors += alone.errors + flooded.errors;
  }
  return {
    aloneMs: round3(median(rounds.map(({ alone }) => alone))),
    floodedMs: round3(median(rounds.map(({ flooded }) => flooded))),
    ratio: round3(median(rounds.map(({ alone, flooded }) => flooded / alone))),
    errors,
  };
}

/** Offers load at random moments, whether answers come or not, and notes how long the others wait. */
async function offer(ask: Ask, others: readonly string[], flood: string | undefined) {
  const took: number[] = [];
  const asked: Promise<unknown>[] = [];
  let errors = 0;
  const one = (id: string, counted: boolean) => {
    const started = performance.now();
    asked.push(
      ask(id).then(
        () => counted && took.push(performance.now() - started),
        () => {
          if (counted) errors += 1;
        },
      ),
    );
  };
  const until = performance.now() + SECONDS * 1000;
  await Promise.all([
    ...others.map((id) => arrivals(OTHERS_PER_SECOND, until, () => one(id, true))),
    ...(flood ? [arrivals(OTHERS_PER_SECOND * FLOOD, until, () => one(flood, false))] : []),
  ]);
  await Promise.all(asked);
  return { p99: quantile(took, 0.99), errors };
}

/** Calls at random moments, on the average so often. */
async function arrivals(perSecond: number, until: number, call: () => void): Promise<void> {
  let due = performance.now() + gap(perSecond);
  while (due < until) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    for (; due <= performance.now() && due < until; due += gap(perSecond)) call();
  }
}

function gap(perSecond: number): number {
  return (-Math.log(1 - Math.random()) * 1000) / perSecond;
}
