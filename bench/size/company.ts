// An instance as `npm start` makes it, with one company of any size and 50 small ones beside it in one database.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openInstance } from '@/cli/instance';
import { type RunningInstance, startInstance } from '../../test/e2e/instance';

/** Events of the smallest company; the others have multiples. */
export const UNIT = 63;
const NEIGHBOURS = 50;
/** Demo companies that share a database. */
export const BIG = 'a';
export const SMALL = 'b';

export class SizedInstance {
  private constructor(
    readonly url: string,
    readonly password: string,
    /** A superuser's session in the database of both. */
    readonly admin: pg.Client,
    private readonly directory: string,
    private readonly instance: RunningInstance,
  ) {}

  /** Both companies have `UNIT` events, and the small one 50 copies of itself. */
  static async start(): Promise<SizedInstance> {
    const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-size-'));
    const first = await startInstance(directory, { empty: true });
    for (const company of [BIG, SMALL]) await fill(directory, company, 1, 1);
    const prepare = await connectAdmin(directory);
    await addNeighbours(prepare);
    // Counts the buffers of each statement. It is loaded at a start.
    await prepare.query("alter system set shared_preload_libraries = 'pg_stat_statements'");
    await prepare.end();
    await first.stop();
    const instance = await startInstance(directory, { empty: true });
    const admin = await connectAdmin(directory);
    await admin.query('create schema bench; create extension pg_stat_statements schema bench');
    await admin.query('vacuum analyze');
    return new SizedInstance(instance.url, instance.password, admin, directory, instance);
  }

  /** Grows the big company. @param times of `UNIT` events @returns seconds */
  async grow(times: number): Promise<number> {
    const started = performance.now();
    await fill(this.directory, BIG, times, 10);
    await addUpReports(this.admin);
    await this.admin.query('vacuum analyze');
    return (performance.now() - started) / 1000;
  }

  /** Resident memory of the server's processes, without PostgreSQL's, MiB. */
  async memoryMb(): Promise<number> {
    let kb = 0;
    for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const [stat, status] = await Promise.all(
        ['stat', 'status'].map((file) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '')),
      );
      const [, name = '', , , group] = /\((.*)\) (\S) (\d+) (\d+)/.exec(stat ?? '') ?? [];
      if (Number(group) !== this.instance.pid || name === 'postgres') continue;
      kb += Number(/VmRSS:\s+(\d+)/.exec(status ?? '')?.[1] ?? 0);
    }
    return kb / 1024;
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.instance.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What the upkeep of tenants does each quarter of an hour. */
async function addUpReports(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ tenant: string }>(
    'select tenant_id as tenant from events group by 1 order by count(*) desc limit 1',
  );
  for (let left = 1, times = 0; left > 0 && times < 100; times += 1) {
    await admin.query('begin; set local role tenant_service');
    await admin.query(
      "select set_config('request.jwt.claims', json_build_object('tenant_id', $1::text)::text, true)",
      [rows[0]?.tenant],
    );
    const { rows: months } = await admin.query<{ left: number }>('select add_up_reports() as left');
    left = months[0]?.left ?? 0;
    await admin.query('commit');
  }
}

async function fill(directory: string, company: string, times: number, years: number): Promise<void> {
  const events = String(UNIT * times);
  const child = spawn(
    process.execPath,
    [
      'scripts/run.mjs',
      'src/cli/main.ts',
      'tenant',
      'fill',
      company,
      '--years',
      String(years),
      '--events',
      events,
      '--json',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, MARQUEE_STATE_DIRECTORY: directory } },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`marquee tenant fill ended with ${code}.`);
}

async function connectAdmin(directory: string): Promise<pg.Client> {
  process.env.MARQUEE_STATE_DIRECTORY = directory;
  const opened = await openInstance();
  const source = await opened.operations.dataSources.get('shared-1');
  const { adminUrl } = await opened.operations.dataSources.credentials(source.id);
  await opened.close();
  const client = new pg.Client({ connectionString: adminUrl as string });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Copies of the small company under other tenants' ids; a row's id may be the same in each. */
async function addNeighbours(admin: pg.Client): Promise<void> {
  const ids = Array.from({ length: NEIGHBOURS }, () => randomUUID());
  const { rows } = await admin.query<{ tenant: string }>(
    'select tenant_id as tenant from events group by 1 order by count(*) limit 1',
  );
  const model = rows[0]?.tenant;
  const { rows: tables } = await admin.query<{ name: string; columns: string }>(`
    select t::text as name, string_agg(quote_ident(a.attname), ', ') filter (where a.attname <> 'tenant_id') as columns
    from tenancy.movable_tables() t join pg_attribute a on a.attrelid = t and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by 1`);
  await admin.query('begin; set local tenancy.copying = on; set constraints all deferred');
  await admin.query(
    "insert into tenancy.fence (tenant_id, epoch, state) select unnest($1::uuid[]), 1, 'open'",
    [ids],
  );
  for (const { name, columns } of tables) {
    const listed = columns.split(', ');
    await admin.query(
      `insert into ${name} (tenant_id, ${columns}) select n.id, ${listed.map((column) => `t.${column}`).join(', ')}
       from ${name} t cross join unnest($2::uuid[]) as n (id) where t.tenant_id = $1`,
      [model, ids],
    );
  }
  await admin.query('commit');
}
