import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@supabase/supabase-js';
import { marquee } from '../cli/marquee';
import { administer, createTestDatabase } from '../support/postgres';
import { until } from '../support/until';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-move-'));
const environment = { MARQUEE_STATE_DIRECTORY: directory };
const start = (port = 0) =>
  marquee(['start', '--json', '--empty', '--no-web', '--port', String(port)], environment);
let instance = start();
after(async () => {
  instance.child.kill('SIGTERM');
  await instance.ended;
  await rm(directory, { recursive: true, force: true });
});

interface Served {
  url: string;
  port: number;
  password: string;
}

async function served(): Promise<Served> {
  let printed = '';
  for (;;) {
    const [chunk] = (await Promise.race([
      once(instance.child.stdout ?? instance.child, 'data'),
      instance.ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])) as [Buffer];
    printed += chunk.toString();
    if (printed.trimEnd().endsWith('\n}')) return JSON.parse(printed);
  }
}

async function run<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await marquee([...args, '--json'], environment).ended;
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

/** What a command says to people. */
async function say(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await marquee(args, environment).ended;
  assert.equal(code, 0, stderr);
  return stdout;
}

/** `kill -9` of the process itself; the servers that it started stay. */
async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** The code of the error a command ends with. */
async function fails(exitCode: number, ...args: string[]): Promise<string> {
  const { code, stderr } = await marquee([...args, '--json'], environment).ended;
  assert.equal(code, exitCode, stderr);
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error?.code;
}

/** A superuser's URL of one of the instance's databases. */
async function databaseUrl(database: string): Promise<string> {
  const data = path.join(directory, 'databases');
  const lock = await readFile(path.join(data, 'postmaster.pid'), 'utf8');
  const password = (await readFile(`${data}.password`, 'utf8')).trim();
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${lock.split('\n')[3]}/${database}`;
}

/** The code of the error a start ends with. */
const refused = (tenant: string, source: string) => fails(1, 'move', 'start', tenant, '--to', source);

const { url, port, password } = await served();

test('a tenant moves to another database by the command line while the instance serves it', async () => {
  const client = createClient(`${url}/t/a`, 'none', { auth: { persistSession: false } });
  const { error } = await client.auth.signInWithPassword({ email: 'owner@a.example', password });
  assert.equal(error, null);
  const names = async () => {
    const answer = await client.from('accounts').select('name').order('name');
    assert.equal(answer.error, null);
    return answer.data?.map(({ name }) => name);
  };
  await client.from('accounts').insert({ name: 'Written before' });
  const before = await names();
  assert.deepEqual(before, ['Written before']);

  const started = await run('move', 'start', 'a', '--to', 'shared-2', '--wait');
  assert.deepEqual([started.step, started.error], ['catching_up', null]);
  // The instance takes the move over and verifies once more.
  const words = await until(async () => {
    const said = await say('move', 'status', 'a');
    return /next +marquee move cut-over a /.test(said) && said;
  }, 'the cut-over is the next step');
  assert.match(words, /tenant +a\nmove +from shared-1 to shared-2\n/);
  assert.doesNotMatch(words, /[0-9a-f]{8}-[0-9a-f]{4}/);
  const added = await client.from('accounts').insert({ name: 'Written while moving' }).select('name');
  assert.equal(added.error, null);

  assert.equal(await refused('a', 'shared-2'), 'move_already_under_way');

  const moved = await run('move', 'cut-over', 'a');
  assert.deepEqual([moved.step, moved.error], ['reverse_replication', null]);
  assert.deepEqual(await names(), ['Written before', 'Written while moving']);
  const [first] = await run<Record<string, unknown>[]>('move', 'status');
  assert.deepEqual([first?.id, first?.step], [started.id, 'reverse_replication']);

  assert.match(await say('move', 'status', 'a'), /next +marquee move certificate a /);
  assert.match(
    await say('move', 'certificate', 'a'),
    /a moved from shared-1 to shared-2 .*\n.*signature is valid/,
  );
  const completed = await run('move', 'complete', 'a');
  assert.equal(completed.step, 'completed');
  const shown = await run('move', 'status', String(started.id));
  assert.equal(shown.step, 'completed');
  const tenants = await run<Record<string, string>[]>('tenant', 'list');
  assert.equal(tenants.find(({ subdomain }) => subdomain === 'a')?.source, 'shared-2');
  assert.equal((await names())?.length, 2);
  assert.equal((await readdir(path.join(directory, 'certificates'))).length, 1);
  await client.auth.stopAutoRefresh();
});

test('a move to where the tenant is already is refused and recorded nowhere', async () => {
  assert.equal(await refused('b', 'shared-1'), 'move_not_possible');
  const moves = await run<Record<string, unknown>[]>('move', 'status');
  assert.deepEqual(
    moves.map(({ step }) => step),
    ['completed'],
  );
});

test('a command that the step does not allow is refused with what is possible', async () => {
  assert.equal(await fails(3, 'move', 'status', 'b'), 'move_unknown');
  for (const command of ['abort', 'rollback', 'pause', 'resume'])
    assert.equal(await fails(1, 'move', command, 'a'), 'move_not_possible');
  // A command that has been carried out already succeeds.
  assert.equal((await run('move', 'complete', 'a')).step, 'completed');
  const started = await run('move', 'start', 'b', '--to', 'shared-2');
  assert.equal(started.step, 'catching_up');
  assert.equal(await fails(1, 'move', 'complete', 'b'), 'move_not_possible');
  assert.equal(await fails(1, 'move', 'rollback', 'b'), 'move_not_possible');
  assert.equal((await run('move', 'pause', 'b')).wanted, 'pause');
  assert.equal((await run('move', 'resume', 'b')).step, 'catching_up');
  assert.equal((await run<{ differences: [] }>('move', 'verify', 'b')).differences.length, 0);
  // Past the product, with triggers switched off: nothing but the comparison can notice.
  await administer(
    await databaseUrl('shared_2'),
    'set session_replication_role = replica; update tenant_settings set value = \'"other"\'',
  );
  const differing = await marquee(['move', 'verify', 'b', '--json'], environment).ended;
  assert.equal(differing.code, 1);
  assert.ok(JSON.parse(differing.stdout).differences.length > 0);
  assert.equal(await fails(1, 'move', 'abort', 'b', '--forget-target'), 'confirmation_missing');
  assert.equal((await run('move', 'abort', 'b')).step, 'aborted');
  const { code } = await marquee(
    ['move', 'start', 'b', '--to', 'shared-2', '--pause-limit', 'soon'],
    environment,
  ).ended;
  assert.equal(code, 2);
});

test('commands and the instance are killed in the middle of moves: each acknowledged write is there once', {
  timeout: 420_000,
}, async (t) => {
  process.env.MARQUEE_STATE_DIRECTORY = directory;
  const { dataSourceManager } = await import('@/lib/data-sources/manager');
  after(() => dataSourceManager.close());
  const acknowledged: string[] = [];
  let writing = true;
  t.after(() => {
    writing = false;
  });
  const client = createClient(`${url}/t/b`, 'none', { auth: { persistSession: false } });
  assert.equal((await client.auth.signInWithPassword({ email: 'owner@b.example', password })).error, null);
  const { id: tenantId } = (await run<Record<string, string>[]>('tenant', 'list')).find(
    ({ subdomain }) => subdomain === 'b',
  ) as { id: string };
  const write = async (by: (row: { name: string; website: string }) => PromiseLike<{ error: unknown }>) => {
    while (writing) {
      const website = crypto.randomUUID();
      const { error } = await by({ name: 'Written', website });
      if (!error) acknowledged.push(website);
      await sleep(20);
    }
  };
  const writers = [
    write((row) => client.from('accounts').insert(row)),
    write(async (row) => {
      // While the instance is away there is no database, and the shared manager cannot open.
      const opened = await dataSourceManager.getClientForTenant(tenantId, true).catch((error) => ({ error }));
      return 'error' in opened ? opened : opened.from('accounts').insert(row);
    }),
  ];
  const untilStep = (step: string) =>
    until(async () => (await run('move', 'status', 'b')).step === step, step, {
      limitMs: 240_000,
      everyMs: 500,
    });

  // A command is killed; the running instance goes on.
  const command = marquee(
    ['move', 'start', 'b', '--to', 'shared-2', '--auto-cut-over', '--json'],
    environment,
  );
  await sleep(500 + Math.random() * 2_500);
  await kill(command.child);
  const moves = await run<Record<string, unknown>[]>('move', 'status');
  const recorded = moves.some((move) => move.tenantId === tenantId && move.step !== 'aborted');
  if (!recorded) await run('move', 'start', 'b', '--to', 'shared-2', '--auto-cut-over', '--detach');
  await untilStep('reverse_replication');

  // The instance is killed while the move is being completed; the next one goes on.
  await run('move', 'complete', 'b', '--detach');
  await kill(instance.child);
  instance = start(port);
  await served();
  await untilStep('completed');
  assert.equal(
    (await run('move', 'start', 'b', '--to', 'shared-1', '--auto-cut-over')).step,
    'reverse_replication',
  );
  assert.equal((await run('move', 'rollback', 'b')).step, 'rolled_back');

  writing = false;
  await Promise.all(writers);
  const rows: string[] = [];
  for (let from = 0; ; from += 500) {
    const { data, error } = await client
      .from('accounts')
      .select('website')
      .eq('name', 'Written')
      .order('id')
      .range(from, from + 499);
    assert.equal(error, null);
    rows.push(...(data ?? []).map(({ website }) => website as string));
    if ((data ?? []).length < 500) break;
  }
  assert.ok(acknowledged.length > 50);
  assert.equal(new Set(rows).size, rows.length, 'a write is there twice');
  const there = new Set(rows);
  assert.deepEqual(
    acknowledged.filter((id) => !there.has(id)),
    [],
  );
  await client.auth.stopAutoRefresh();
});

test('a tenant of a legacy database is imported; its URL comes by standard input', async () => {
  const legacy = await createTestDatabase('legacy');
  await administer(
    legacy,
    `create table customers (id int, company int, title text);
     insert into customers select n, n % 2, 'Customer ' || n from generate_series(1, 10) n`,
  );
  const map = path.join(directory, 'map.yaml');
  await writeFile(
    map,
    `tables:
  accounts:
    from: customers
    where: company = :tenant::int
    columns: { id: "md5('c' || id)::uuid", name: title }
`,
  );
  const args = ['import', 'legacy', 'imported', '--from', '-', '--map', map, '--tenant', '1'];
  const { code, stdout, stderr } = await marquee(
    [...args, '--name', 'Imported', '--source', 'shared-1', '--json'],
    environment,
    legacy,
  ).ended;
  assert.equal(code, 0, stderr);
  const { tenant, tables } = JSON.parse(stdout);
  assert.deepEqual([tenant.status, tables[0].table, tables[0].rows], ['active', 'accounts', 5]);
  const listed = await run<Record<string, string>[]>('tenant', 'list');
  assert.equal(listed.find(({ subdomain }) => subdomain === 'imported')?.source, 'shared-1');
});

test('a rollout by the command line is done by the instance that runs', async () => {
  const route = ['--from', 'dedicated-e', '--to', 'shared-1', '--sample', 'e', '--waves', '100'];
  const plan = await run<{ name: string; tenants: string[] }[]>('rollout', 'start', ...route, '--dry-run');
  assert.deepEqual(
    plan.map(({ name, tenants }) => [name, tenants.length]),
    [['samples', 1]],
  );
  const given = [...route, '--soak', '0', '--shadow-reads', '0', '--detach'];
  const started = await run<{ id: string; step: string }>('rollout', 'start', ...given);
  assert.equal(started.step, 'moving');
  let shown = await run('rollout', 'status', started.id);
  while (!shown.finishedAt && shown.step !== 'halted') shown = await run('rollout', 'status', started.id);
  assert.deepEqual([shown.step, shown.failed], ['completed', null]);
  const tenants = await run<Record<string, string>[]>('tenant', 'list');
  assert.equal(tenants.find(({ subdomain }) => subdomain === 'e')?.source, 'shared-1');
});
