import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { administer } from '../support/postgres';
import { until } from '../support/until';
import { marquee } from './marquee';

// As it is in a checkout: supervised, from its sources.
delete process.env.MARQUEE_TEST_COMMAND;

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-start-'));
const environment = { MARQUEE_STATE_DIRECTORY: directory };
const START = ['start', '--json', '--empty', '--no-web', '--port', '0'];
const children: ChildProcess[] = [];
after(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
  await rm(directory, { recursive: true, force: true });
});

interface Announced {
  url: string;
  port: number;
  ms: number;
  password: string;
  tenants: { url: string; email: string }[];
}

/** Starts and waits until it serves. */
async function start(): Promise<{ child: ChildProcess; announced: Announced }> {
  const { child, ended } = marquee(START, environment);
  children.push(child);
  let printed = '';
  const announced = new Promise<Announced>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.trimEnd().endsWith('\n}')) resolve(JSON.parse(printed));
    });
  });
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  failed.catch(() => {});
  return { child, announced: await Promise.race([announced, failed]) };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Pids of the embedded servers, by what their directories say. */
async function serverPids(): Promise<number[]> {
  const files = ['databases', 'customer', 'replica'].map((name) =>
    path.join(directory, name, 'postmaster.pid'),
  );
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.map((content) => Number(content.split('\n')[0])).filter(Boolean);
}

async function replicas(): Promise<{ source: string; host: string }[]> {
  const { stdout } = await marquee(['source', 'replica', 'list', '--json'], environment).ended;
  return JSON.parse(stdout);
}

const first = await start();

test('six tenants are served, each to its own people', async () => {
  const { url, tenants, password, port } = first.announced;
  assert.equal(tenants.length, 6);
  const { ended } = marquee(['tenant', 'list', '--json'], environment);
  const listed = JSON.parse((await ended).stdout) as Record<string, string>[];
  assert.deepEqual(listed.map(({ subdomain, kind, source }) => [subdomain, kind, source]).sort(), [
    ['a', 'shared', 'shared-1'],
    ['b', 'shared', 'shared-1'],
    ['c', 'shared', 'shared-2'],
    ['d', 'shared', 'shared-2'],
    ['e', 'dedicated', 'dedicated-e'],
    ['f', 'byod', 'customer-f'],
  ]);
  for (const subdomain of ['a', 'f']) {
    // Node does not resolve names below localhost on every machine; the path names the tenant as well.
    const client = createClient(`${url}/t/${subdomain}`, 'none', { auth: { persistSession: false } });
    const email = `owner@${subdomain}.example`;
    const { error } = await client.auth.signInWithPassword({ email, password });
    assert.equal(error, null, `${email} on ${port}`);
    const { data } = await client.from('event_types').select('name').limit(1);
    assert.equal(data?.length, 1);
    await client.auth.stopAutoRefresh();
  }
});

test('the key and the environment are readable by their owner only', async () => {
  for (const name of ['encryption-key', 'environment', 'databases.password']) {
    assert.equal((await stat(path.join(directory, name))).mode & 0o077, 0, name);
  }
});

test('no credential stands in the clear in the application and operations databases', async () => {
  const kept = await readFile(path.join(directory, 'environment'), 'utf8');
  const password = (await readFile(path.join(directory, 'databases.password'), 'utf8')).trim();
  for (const name of ['APPLICATION_DATABASE_URL', 'OPERATIONS_DATABASE_URL']) {
    const url = new RegExp(`^${name}=(.*)$`, 'm').exec(kept)?.[1] ?? '';
    const tables = await administer(
      url,
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    for (const { name: table } of tables.rows) {
      const found = await administer(
        url,
        `select count(*)::int as n from ${table} as t where t::text ~ 'postgres(ql)?://' or strpos(t::text, $1) > 0`,
        [password],
      );
      assert.equal(found.rows[0]?.n, 0, `${table} of ${name}`);
    }
  }
});

test('every queue of jobs is described in docs/running.md', async () => {
  const kept = await readFile(path.join(directory, 'environment'), 'utf8');
  const url = /^OPERATIONS_DATABASE_URL=(.*)$/m.exec(kept)?.[1] ?? '';
  const page = await readFile(path.join(import.meta.dirname, '../../docs/running.md'), 'utf8');
  const { rows } = await administer(url, `select name from pgboss.queue where name not like '\\_\\_%'`);
  assert.ok(rows.length > 10);
  assert.deepEqual(
    rows.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test('a source has a standby, which answers reads of its tenant', async () => {
  await until(async () => (await replicas()).length === 1, 'the replica', { retry: true });
  const [{ source, host } = {}] = await replicas();
  assert.equal(source, 'customer-f');
  const kept = await readFile(path.join(directory, 'replica.password'), 'utf8');
  const { rows } = await administer(
    `postgresql://postgres:${kept.trim()}@${host}/byod_f`,
    'select pg_is_in_recovery() as standby, (select count(*)::int from pg_stat_wal_receiver) as receivers',
  );
  assert.deepEqual(rows, [{ standby: true, receivers: 1 }]);
});

test('a second start on the same directory is refused', async () => {
  const { code, stderr } = await marquee(START, environment).ended;
  assert.equal(code, 1);
  assert.equal(JSON.parse(stderr).error.code, 'already_running');
  assert.equal((await fetch(`${first.announced.url}/healthz`)).status, 200);
});

test('SIGINT stops everything it started; another start finds everything again', async () => {
  await until(async () => (await replicas()).length === 1, 'the replica', { retry: true });
  const pids = await serverPids();
  assert.equal(pids.length, 3);
  await stop(first.child, 'SIGINT');
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.equal((await readdir(directory)).includes('environment'), false);
  const second = await start();
  await until(async () => (await serverPids()).length === 3, 'the replica', { retry: true });
  await stop(second.child, 'SIGTERM');
  assert.deepEqual(await serverPids(), []);
  assert.equal(second.announced.tenants.length, 6);
  assert.deepEqual(
    second.announced.tenants.map(({ email }) => email),
    first.announced.tenants.map(({ email }) => email),
  );
});

test('a start on a port in use says so and leaves nothing running', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { code, stderr } = await marquee([...START.slice(0, -1), port], environment).ended;
  blocker.close();
  assert.equal(code, 1);
  assert.equal(JSON.parse(stderr).error.code, 'port_in_use');
  assert.deepEqual(await serverPids(), []);
});

test('a start that is interrupted half-way leaves nothing running', async () => {
  const { child, ended } = marquee(START, environment);
  const lock = path.join(directory, 'lock');
  await until(() => access(lock).then(() => true), 'the lock', { retry: true });
  child.kill('SIGTERM');
  await ended;
  assert.deepEqual(await serverPids(), []);
  assert.equal((await readdir(directory)).includes('lock'), false);
});

test('databases that were made before the first release are refused, with how to begin again', async () => {
  const { child } = await start();
  const kept = await readFile(path.join(directory, 'environment'), 'utf8');
  const url = /^APPLICATION_DATABASE_URL=(.*)$/m.exec(kept)?.[1] ?? '';
  await administer(url, "update marquee.migrations set name = 'tenants_users_audit' where version = 1");
  await stop(child, 'SIGTERM');
  const { code, stderr } = await marquee(START, environment).ended;
  assert.equal(code, 1);
  const { error } = JSON.parse(stderr);
  assert.equal(error.code, 'migration_unsupported');
  assert.ok(error.message.includes(directory), error.message);
  assert.match(error.hint, /--fresh/);
  assert.deepEqual(await serverPids(), []);
});
