// Moving a tenant: how fast its rows are copied against COPY to COPY, how long its writes pause, what others notice.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { directoryOf, provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { startEmbeddedServer } from '@/lib/embedded';
import { type MoveOptions, MoveStore, moveDependencies, runMove, startMove } from '@/lib/movement';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { quantile, round3 } from '../measure';

export const description =
  'Moving a tenant: --rows N (1,000,000) to copy, --moves N (50) under 500 writes a second';

const WRITES_PER_SECOND = 500;
/** Connections open and plans are made before anything is measured. */
const WARM_UP_MS = 3_000;
const BEFORE_MS = 8_000;

function given(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

export async function run(): Promise<Record<string, unknown>> {
  const [rows, moves] = [given('rows', 1_000_000), given('moves', 50)];
  const stage = await openStage();
  try {
    const copy = await measureCopy(stage, rows);
    return { rows, moves, ...copy, ...(await measurePauses(stage, moves)) };
  } finally {
    await stage.close();
  }
}

type Stage = Awaited<ReturnType<typeof openStage>>;

/** Two servers with a tenant data database each; application and operations beside the first. */
async function openStage() {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-move-'));
  const start = (name: string) =>
    startEmbeddedServer({
      dataDirectory: path.join(directory, name),
      durable: false,
      settings: { shared_buffers: '256MB', max_wal_size: '8GB' },
    });
  const servers = [await start('a'), await start('b')] as const;
  const create = async (server: (typeof servers)[number], database: string) => {
    await query(server.url(), `create database ${database}`);
    return server.url(database);
  };
  const [applicationUrl, operationsUrl] = [
    await create(servers[0], 'application'),
    await create(servers[0], 'operations'),
  ];
  await migrateApplicationDatabase(applicationUrl);
  await migrateOperationsDatabase(operationsUrl);
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = openApplicationDatabase({ url: applicationUrl, secretBox });
  const operations = openOperationsDatabase({ url: operationsUrl, secretBox });
  const homes = [];
  for (const [place, server] of servers.entries()) {
    const adminUrl = await create(server, 'tenants');
    const { dataSource } = await provisionDataSource(operations, {
      name: `home-${place}`,
      kind: 'shared',
      adminUrl,
    });
    homes.push({ id: dataSource.id, adminUrl });
  }
  const manager = new DataSourceManager(async () => ({
    directory: directoryOf(application),
    verifyAccessToken: () => Promise.reject(new Error('no users here')),
  }));
  let hook: (point: string) => void = () => {};
  const dependencies = moveDependencies({
    ...{ application, operations, encryptionKey: Buffer.from(key, 'hex') },
    hooks: (point) => hook(point),
  });
  const tenant = async (home = homes[0]) => {
    const { id } = await provisionTenant(
      { application, operations },
      { name: 'Bench', subdomain: `b${randomBytes(6).toString('hex')}`, dataSource: home?.id ?? '' },
    );
    return id;
  };
  const move = async (tenantId: string, to: { id: string }, options: MoveOptions) => {
    const { id } = await startMove(dependencies, {
      tenantId,
      toSource: to.id,
      options: { autoCutOver: true, autoComplete: true, ...options },
      requestedBy: 'bench',
    });
    await runMove(dependencies, id);
    return new MoveStore(operations.pool).get(id);
  };
  return {
    homes: homes as [(typeof homes)[number], (typeof homes)[number]],
    manager,
    tenant,
    move,
    onPoint: (listener: typeof hook) => {
      hook = listener;
    },
    async close() {
      await manager.close();
      await Promise.all([application.close(), operations.close()]);
      await Promise.all(servers.map((server) => server.kill('SIGQUIT')));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function query(url: string, text: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

/** The same rows: by COPY to COPY of a superuser into the same table, and by a move's copy. */
async function measureCopy(stage: Stage, rows: number): Promise<Record<string, unknown>> {
  const [old, next] = stage.homes;
  const tenant = await stage.tenant();
  await query(
    old.adminUrl,
    `insert into accounts (tenant_id, name, email, phone, website, industry)
     select $1, 'Account ' || n, 'contact' || n || '@example.com', '+1 555 ' || n, 'https://example.com/' || n, 'Weddings' from generate_series(1, $2::int) n`,
    [tenant, rows],
  );
  await query(old.adminUrl, 'vacuum (analyze, freeze) accounts');
  const plainMs = await plainCopy(old.adminUrl, next.adminUrl, tenant);
  await query(next.adminUrl, `truncate accounts cascade`);
  await query(next.adminUrl, 'checkpoint');
  let [first, last] = [0, 0];
  stage.onPoint((point) => {
    if (point === 'copy' && first === 0) first = performance.now();
    if (point === 'copied_range') last = performance.now();
  });
  const started = performance.now();
  console.error(`copied plainly in ${Math.round(plainMs)} ms; moving ${rows} rows`);
  const done = await stage.move(tenant, next, {});
  stage.onPoint(() => {});
  return {
    copy_vs_copy: round3(plainMs / (last - first)),
    copy_rows_per_second: Math.round((rows * 1000) / (last - first)),
    plain_rows_per_second: Math.round((rows * 1000) / plainMs),
    whole_move_seconds: round3((performance.now() - started) / 1000),
    large_pause_ms: round3(done.progress.pauseMs ?? 0),
  };
}

async function plainCopy(fromUrl: string, toUrl: string, tenant: string): Promise<number> {
  const [source, target] = [fromUrl, toUrl].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client];
  await Promise.all([source.connect(), target.connect()]);
  const { rows } = await source.query<{ list: string }>(
    `select string_agg(quote_ident(attname), ', ') as list from pg_attribute
     where attrelid = 'accounts'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
  );
  const list = rows[0]?.list ?? '';
  const started = performance.now();
  await target.query('begin');
  await pipeline(
    source.query(
      copyTo(`copy (select ${list} from accounts where tenant_id = '${tenant}') to stdout (format binary)`),
    ),
    target.query(copyFrom(`copy accounts (${list}) from stdin (format binary)`)),
  );
  await target.query('commit');
  const took = performance.now() - started;
  await Promise.all([source.end(), target.end()]);
  return took;
}

/** Moves a tenant there and back while it writes and another tenant reads. */
async function measurePauses(stage: Stage, moves: number): Promise<Record<string, unknown>> {
  const [tenant, other] = [await stage.tenant(), await stage.tenant()];
  const acknowledged: string[] = [];
  const writes: { at: number; took: number }[] = [];
  const others: { at: number; took: number }[] = [];
  let running = true;
  const errors: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  const timed = async (into: typeof writes, work: () => Promise<unknown>) => {
    const at = performance.now();
    await work().then(
      () => into.push({ at, took: performance.now() - at }),
      (error: unknown) => errors.push(error),
    );
  };
  // An open loop: a write is due when it is due, whether or not those before it have been answered.
  const started = performance.now();
  const clock = (async () => {
    for (let due = 0; running; due += 1) {
      const wait = started + (due * 1000) / WRITES_PER_SECOND - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      const id = randomUUID();
      const write = timed(writes, async () => {
        await stage.manager.execute(tenant, {
          text: 'insert into accounts (name, website) values ($1, $2)',
          values: ['w', id],
          name: 'w',
        });
        acknowledged.push(id);
      });
      underWay.add(write);
      void write.finally(() => underWay.delete(write));
      if (due % 5 === 0) {
        const read = timed(others, () =>
          stage.manager.execute(
            other,
            { text: 'select count(*) from locations', values: [], name: 'r' },
            { readOnly: true },
          ),
        );
        underWay.add(read);
        void read.finally(() => underWay.delete(read));
      }
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS + BEFORE_MS));
  const [begun, pauses] = [performance.now(), [] as number[]];
  for (let round = 0; round < moves; round += 1) {
    const from = performance.now();
    await stage.move(tenant, stage.homes[(round + 1) % 2] as { id: string }, {});
    console.error(
      `move ${round + 1} of ${moves}: ${Math.round(performance.now() - from)} ms, ${acknowledged.length} writes`,
    );
    pauses.push(Math.max(0, ...writes.filter(({ at }) => at >= from).map(({ took }) => took)));
  }
  const ended = performance.now();
  running = false;
  await clock;
  await Promise.all(underWay);
  const home = stage.homes[moves % 2] as { adminUrl: string };
  const { rows } = await query(
    home.adminUrl,
    'select website as id, count(*)::int as n from accounts where tenant_id = $1 and website is not null group by 1',
    [tenant],
  );
  const found = new Map(rows.map(({ id, n }) => [id as string, n as number]));
  const took = (from: number, to: number) =>
    others.filter(({ at }) => at >= from && at < to).map((one) => one.took);
  return {
    pause_p50_ms: round3(quantile(pauses, 0.5)),
    pause_p99_ms: round3(quantile(pauses, 0.99)),
    writes: acknowledged.length,
    write_errors: errors.length,
    lost: acknowledged.filter((id) => !found.has(id)).length,
    doubled: [...found.values()].filter((n) => n > 1).length,
    others_p99_ratio: round3(
      quantile(took(begun, ended), 0.99) / quantile(took(started + WARM_UP_MS, begun), 0.99),
    ),
    seconds_a_move: round3((ended - begun) / 1000 / Math.max(1, moves)),
  };
}
