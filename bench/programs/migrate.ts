// A schema rollout over 10, 100 and 1,000 databases on one server, and over as many that are at their version already.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import {
  advanceSchemaRollout,
  inParallel,
  SchemaRolloutStore,
  startSchemaRollout,
} from '@/lib/fleet/schema-rollout';
import { migrate, type SchemaFiles } from '@/lib/migrations';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { QUICK, round3 } from '../measure';
import { sql, startServer } from '../tenants';

export const description = 'A schema rollout over 10, 100 and 1,000 databases, and one with nothing to do';

const SIZES = QUICK ? [2, 4, 8] : [10, 100, 1_000];
const DATABASES = SIZES.at(-1) as number;
/** Small, so that 1,000 databases fit on a disk: an empty database of PostgreSQL takes 7 MB by itself. */
const TABLES = Array.from(
  { length: 10 },
  (_, n) => `create table public.t${n} (id int primary key, name text);`,
);
const FIRST: SchemaFiles = {
  schema: [{ path: '01_tables.sql', text: TABLES.join('\n') }],
  functions: [],
  migrations: [],
};
const release = (version: number): SchemaFiles => ({
  ...FIRST,
  migrations: Array.from({ length: version - 1 }, (_, place) => ({
    path: `${String(place + 2).padStart(4, '0')}_change.sql`,
    text: `alter table public.t1 add c${place} int; create index on public.t1 (c${place});`,
  })),
});

export async function run(): Promise<Record<string, unknown>> {
  const { server, close } = await startServer({ max_connections: 100 });
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  for (const name of ['application', 'operations', 'template_fleet'])
    await sql(server.url(), `create database ${name}`);
  await migrateApplicationDatabase(server.url('application'));
  await migrateOperationsDatabase(server.url('operations'));
  const application = openApplicationDatabase({ url: server.url('application'), secretBox });
  const operations = openOperationsDatabase({ url: server.url('operations'), secretBox });
  const watch = await watchConnections(server.url('postgres'));
  try {
    const template = new pg.Client({ connectionString: server.url('template_fleet') });
    await template.connect();
    await migrate(template, FIRST, 'tenancy');
    await template.end();
    const names = Array.from({ length: DATABASES }, (_, n) => `fleet-${String(n + 1).padStart(4, '0')}`);
    await inParallel(names, 2, async (name) => {
      const database = name.replace('-', '_');
      await sql(server.url(), `create database ${database} template template_fleet`);
      const url = server.url(database);
      await operations.dataSources.create({
        ...{ name, kind: 'byod', adminUrl: url, routerUrl: url, moverUrl: url, schemaVersion: 1 },
      });
    });
    const seconds: number[] = [];
    let slowest = '';
    const store = new SchemaRolloutStore(operations.pool);
    for (const [place, size] of SIZES.entries()) {
      const parts = { operations, application, files: release(place + 2) };
      const begun = performance.now();
      const { rollout } = await startSchemaRollout(parts, {
        sources: names.slice(0, size),
        requestedBy: 'bench',
      });
      const ended = await advanceSchemaRollout(parts, new AbortController().signal);
      seconds.push((performance.now() - begun) / 1000);
      if (ended?.step !== 'completed')
        throw new Error(`The rollout is ${ended?.step}: ${ended?.failed?.message}`);
      const sources = await store.sources(rollout?.id ?? '');
      const [last] = sources.sort((one, other) => (other.tookMs ?? 0) - (one.tookMs ?? 0));
      slowest = `${last?.name} (${last?.tookMs} ms)`;
    }
    const begun = performance.now();
    const { rollout } = await startSchemaRollout(
      { operations, application, files: release(SIZES.length + 1) },
      { requestedBy: 'bench' },
    );
    if (rollout) throw new Error('There was something to do.');
    const noop = (performance.now() - begun) / 1000;
    const each = seconds.map((s, place) => s / (SIZES[place] as number));
    return {
      databases: DATABASES,
      connections: watch.peak().sources,
      own_connections: watch.peak().own,
      seconds: Object.fromEntries(SIZES.map((size, place) => [size, round3(seconds[place] ?? 0)])),
      // Time of a database in the largest fleet, relative to the smaller ones: 1 is linear.
      linearity: round3(Math.max((each[2] ?? 0) / (each[1] ?? 1), (each[2] ?? 0) / (each[0] ?? 1))),
      slowest,
      noop_1000_s: round3(noop),
    };
  } finally {
    await watch.stop();
    await operations.close();
    await application.close();
    await close();
  }
}

/** The most connections that were open at once: to the fleet, and to Marquee's own databases. */
async function watchConnections(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const peak = { sources: 0, own: 0 };
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(async () => {
      const { rows } = await client.query<{ sources: number; own: number }>(
        `select count(*) filter (where datname like 'fleet%')::int as sources,
           count(*) filter (where datname in ('application', 'operations'))::int as own
         from pg_stat_activity where backend_type = 'client backend' and application_name like 'marquee%'`,
      );
      peak.sources = Math.max(peak.sources, rows[0]?.sources ?? 0);
      peak.own = Math.max(peak.own, rows[0]?.own ?? 0);
    });
  }, 50);
  return {
    peak: () => peak,
    async stop() {
      clearInterval(timer);
      await running.catch(() => {});
      await client.end();
    },
  };
}
