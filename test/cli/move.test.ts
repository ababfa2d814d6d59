import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { administer, createTestDatabase } from '../support/postgres';
import { marquee } from './marquee';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-move-'));
const environment = { MARQUEE_STATE_DIRECTORY: directory };
const instance = marquee(['start', '--json', '--empty', '--no-web', '--port', '0'], environment);
after(async () => {
  instance.child.kill('SIGTERM');
  await instance.ended;
  await rm(directory, { recursive: true, force: true });
});

async function served(): Promise<{ url: string; password: string }> {
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

/** The code of the error a start ends with. */
async function refused(tenant: string, source: string): Promise<string> {
  const { code, stderr } = await marquee(['move', 'start', tenant, '--to', source, '--json'], environment)
    .ended;
  assert.equal(code, 1);
  return JSON.parse(stderr).error.code;
}

const { url, password } = await served();

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
  const added = await client.from('accounts').insert({ name: 'Written while moving' }).select('name');
  assert.equal(added.error, null);

  assert.equal(await refused('a', 'shared-2'), 'move_already_under_way');

  const moved = await run('move', 'cut-over', 'a');
  assert.deepEqual([moved.step, moved.error], ['way_back', null]);
  assert.deepEqual(await names(), ['Written before', 'Written while moving']);
  const [first] = await run<Record<string, unknown>[]>('move', 'status');
  assert.deepEqual([first?.id, first?.step], [started.id, 'way_back']);

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
