// One tenant floods, with statements or with slow ones: what the others feel of it, here, with a plain shared pool, and with
// a pool for each tenant.
import pg from 'pg';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { median, QUICK, quantile, round3 } from '../measure';
import { addTenants, BenchDirectory, createDatabase, managerOf, sql, startServer } from '../tenants';

export const description =
  'One tenant offers 50 times the load of 20 others, or statements of a second: the others’ waiting times';

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
/** A flood of the database's time: few statements, each as long as a round nearly. */
const SLOW_STATEMENT = 'select pg_sleep(1)::text';
const SLOW_PER_SECOND = 100;

type Ask = (tenantId: string, text: string, signal: AbortSignal) => Promise<unknown>;

interface Flood {
  text: string;
  perSecond: number;
}

const MANY: Flood = { text: STATEMENT, perSecond: FLOOD * OTHERS_PER_SECOND };
const SLOW: Flood = { text: SLOW_STATEMENT, perSecond: SLOW_PER_SECOND };

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
    const ours = await compare(marqueeAsk(manager), tenants, MANY);
    const slow = await compare(marqueeAsk(manager), tenants, SLOW);
    const plain = await compare((id, text) => shared.query(queryOf(id, text)), tenants, MANY);
    const many = await compare(async (id, text) => pools.get(id)?.query(queryOf(id, text)), tenants, MANY);
    const { rows } = await sql(
      database.adminUrl,
      "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
    );
    return {
      p99_ratio: ours.ratio,
      p99_alone_ms: ours.aloneMs,
      p99_flooded_ms: ours.floodedMs,
      slow_p99_ratio: slow.ratio,
      slow_p99_alone_ms: slow.aloneMs,
      slow_p99_flooded_ms: slow.floodedMs,
      errors_of_others: ours.errors + slow.errors,
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
  return (id, text, signal) => manager.execute(id, queryOf(id, text), { readOnly: true, signal });
}

function queryOf(id: string, text: string) {
  return text === STATEMENT ? { text, values: [id], name: 's' } : { text, values: [] };
}

/** In turns, so that what disturbs the machine disturbs both. */
async function compare(ask: Ask, tenants: readonly string[], load: Flood) {
  const [flood = '', ...others] = tenants;
  const { signal } = new AbortController();
  await Promise.all(tenants.map((id) => ask(id, STATEMENT, signal)));
  const rounds: { alone: number; flooded: number }[] = [];
  let errors = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await offer(ask, others);
    const flooded = await offer(ask, others, { ...load, by: flood });
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
async function offer(ask: Ask, others: readonly string[], flood?: Flood & { by: string }) {
  const took: number[] = [];
  const asked: Promise<unknown>[] = [];
  const counted: Promise<unknown>[] = [];
  let errors = 0;
  const over = new AbortController();
  const one = (id: string, text: string) => {
    const isFlood = id === flood?.by;
    const started = performance.now();
    const answered = ask(id, text, over.signal).then(
      () => !isFlood && took.push(performance.now() - started),
      () => {
        if (!isFlood) errors += 1;
      },
    );
    asked.push(answered);
    if (!isFlood) counted.push(answered);
  };
  const until = performance.now() + SECONDS * 1000;
  await Promise.all([
    ...others.map((id) => arrivals(OTHERS_PER_SECOND, until, () => one(id, STATEMENT))),
    ...(flood ? [arrivals(flood.perSecond, until, () => one(flood.by, flood.text))] : []),
  ]);
  // What the flood still waits for need not be answered; what the others wait for is.
  await Promise.all(counted);
  over.abort();
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
