// One tenant floods, with many statements, slow ones, or large answers: how long the others wait then, here, with a plain shared pool, and
// with a pool for each tenant.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Statement } from '@/lib/postgres';
import { type BenchResult, ofRounds, QUICK, quantile } from '../measure';
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
  'One tenant offers 50 times the load of 20 others, statements of a second, or answers of megabytes: the others’ waiting times';

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
/** A viewer's request that names one large column under many aliases: 10 rows of 100 kB, 15 times each: below the limit of an answer. */
const LARGE_ROWS = 10;
const LARGE_LENGTH = 100_000;
const ALIASES = `select=${Array.from({ length: 15 }, (_, n) => `n${n}:notes`).join(',')}`;
const ALIAS_LOOPS = 4;

/** One statement or request of a tenant. */
type Ask = (tenantId: string, signal: AbortSignal) => Promise<unknown>;

/** So many requests a second on the average, whether answers come or not; or loops that each ask again once they are answered. */
type Flood = { ask: Ask } & ({ perSecond: number } | { loops: number });

const many = (ask: Ask): Flood => ({ ask, perSecond: FLOOD * OTHERS_PER_SECOND });

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer();
  const database = await createDatabase(server);
  const [large = '', ...tenants] = await addTenants(database, OTHERS + 2, 1);
  const directory = new BenchDirectory();
  directory.place([large, ...tenants], database);
  const manager = managerOf(directory, { connectionsPerServer: CONNECTIONS }, async (tenantId) => ({
    tenantId,
    userId: randomUUID(),
    userRole: 'viewer',
  }));
  await addLargeRows(database, large);
  const shared = new pg.Pool({ connectionString: database.adminUrl, max: CONNECTIONS });
  const pools = new Map(
    tenants.map((id) => [id, new pg.Pool({ connectionString: database.adminUrl, max: CONNECTIONS })]),
  );
  try {
    const execute =
      (query: (id: string) => Statement): Ask =>
      (id, signal) =>
        manager.execute(id, query(id), { readOnly: true, signal });
    const ask = execute(queryOf);
    const ours = await compare(ask, tenants, many(ask));
    const slowQuery = () => ({ text: SLOW_STATEMENT, values: [] });
    const slow = await compare(ask, tenants, { ask: execute(slowQuery), perSecond: SLOW_PER_SECOND });
    const aliases = await compare(ask, [large, ...tenants.slice(1)], {
      ask: askAliases(manager),
      loops: ALIAS_LOOPS,
    });
    const askShared: Ask = (id) => shared.query(queryOf(id));
    const plain = await compare(askShared, tenants, many(askShared));
    const askOwn: Ask = async (id) => pools.get(id)?.query(queryOf(id));
    const perTenant = await compare(askOwn, tenants, many(askOwn));
    const { rows } = await sql(
      database.adminUrl,
      "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
    );
    return {
      ...ofRounds({
        p99_ratio: ours.ratio,
        p99_alone_ms: ours.aloneMs,
        p99_flooded_ms: ours.floodedMs,
        slow_p99_ratio: slow.ratio,
        slow_p99_alone_ms: slow.aloneMs,
        slow_p99_flooded_ms: slow.floodedMs,
        alias_p99_ratio: aliases.ratio,
        alias_p99_alone_ms: aliases.aloneMs,
        alias_p99_flooded_ms: aliases.floodedMs,
        shared_pool_p99_ratio: plain.ratio,
        shared_pool_p99_flooded_ms: plain.floodedMs,
        pool_per_tenant_p99_ratio: perTenant.ratio,
        pool_per_tenant_p99_flooded_ms: perTenant.floodedMs,
      }),
      alias_answers: aliases.floodAnswers,
      errors_of_others: ours.errors + slow.errors + aliases.errors,
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

function askAliases(manager: DataSourceManager): Ask {
  const request = { method: 'GET', path: '/accounts', query: ALIASES, headers: {} };
  return async (id, signal) => {
    const { status } = await manager.answer(id, request, { useServiceRole: false, accessToken: id, signal });
    if (status !== 200) throw new Error(`The request of the flood was answered ${status}.`);
  };
}

async function addLargeRows(database: BenchDatabase, tenantId: string): Promise<void> {
  await sql(
    database.adminUrl,
    `insert into accounts (tenant_id, name, notes)
     select $1, 'Large ' || n, repeat('a large note ', $3 / 13) from generate_series(1, $2) as n`,
    [tenantId, LARGE_ROWS, LARGE_LENGTH],
  );
}

function queryOf(id: string) {
  return { text: STATEMENT, values: [id], name: 's' };
}

/** In turns, so that what disturbs the machine disturbs both. @returns what each round took, and errors of all */
async function compare(ask: Ask, tenants: readonly string[], load: Flood) {
  const [flood = '', ...others] = tenants;
  const { signal } = new AbortController();
  await Promise.all(tenants.map((id) => ask(id, signal)));
  const rounds: { alone: number; flooded: number }[] = [];
  let errors = 0;
  let floodAnswers = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await offer(ask, others);
    const flooded = await offer(ask, others, { ...load, by: flood });
    rounds.push({ alone: alone.p99, flooded: flooded.p99 });
    errors += alone.errors + flooded.errors;
    floodAnswers += flooded.floodAnswers;
  }
  return {
    aloneMs: rounds.map(({ alone }) => alone),
    floodedMs: rounds.map(({ flooded }) => flooded),
    ratio: rounds.map(({ alone, flooded }) => flooded / alone),
    errors,
    floodAnswers,
  };
}

/** Offers load at random moments, whether answers come or not, and notes how long the others wait. */
async function offer(ask: Ask, others: readonly string[], flood?: Flood & { by: string }) {
  const took: number[] = [];
  const asked: Promise<unknown>[] = [];
  const counted: Promise<unknown>[] = [];
  let errors = 0;
  let floodAnswers = 0;
  const over = new AbortController();
  const one = (id: string) => {
    const started = performance.now();
    const answered = ask(id, over.signal).then(
      () => took.push(performance.now() - started),
      () => {
        errors += 1;
      },
    );
    asked.push(answered);
    counted.push(answered);
  };
  const until = performance.now() + SECONDS * 1000;
  const floodOnce = async () => {
    await flood?.ask(flood.by, over.signal).then(
      () => {
        floodAnswers += 1;
      },
      () => {},
    );
  };
  const loop = async () => {
    while (performance.now() < until) await floodOnce();
  };
  const flooding = async () => {
    if (!flood) return;
    if ('loops' in flood) asked.push(...Array.from({ length: flood.loops }, loop));
    else await arrivals(flood.perSecond, until, () => void asked.push(floodOnce()));
  };
  await Promise.all([...others.map((id) => arrivals(OTHERS_PER_SECOND, until, () => one(id))), flooding()]);
  // What the flood still waits for need not be answered; what the others wait for is.
  await Promise.all(counted);
  over.abort();
  await Promise.all(asked);
  return { p99: quantile(took, 0.99), errors, floodAnswers };
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
