import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { administer, createTestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';

function marquee(command: string[], environment: Record<string, string> = {}) {
  const { MARQUEE_TEST_COMMAND: bundle } = process.env;
  const program = bundle ? [bundle] : ['--import', 'tsx', 'src/cli/main.ts'];
  const child = spawn(process.execPath, [...program, ...command], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(
    ([stdout, stderr, [code]]) => ({ stdout, stderr, code: code as number }),
  );
  return { child, ended };
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += chunk;
  return all;
}

test('marquee rest serves a database until it is told to stop', async () => {
  const url = await createTestDatabase('rest_command');
  await administer(url, 'create table things (id int); insert into things values (7)');
  const { child, ended } = marquee(['rest', '--json'], {
    PGRST_DB_URI: url,
    PGRST_DB_ANON_ROLE: 'postgres',
    PGRST_SERVER_HOST: '127.0.0.1',
    PGRST_SERVER_PORT: '0',
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { event, port } = JSON.parse(line);
  assert.equal(event, 'listening');
  assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/things`)).json(), [{ id: 7 }]);
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
});

test('marquee rest takes a configuration file, reads it again when told to, and logs requests', async () => {
  const url = await createTestDatabase('rest_file');
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-rest-'));
  const file = path.join(directory, 'rest.conf');
  const write = (colour: string) =>
    writeFile(
      file,
      `db-uri = "${url}"
       db-anon-role = "postgres"
       server-host = "127.0.0.1"
       server-port = 0
       admin-server-port = 0
       log-level = "info"
       app.settings.colour = "${colour}"`,
    );
  await write('red');
  await administer(
    url,
    "create function colour() returns text language sql stable as $$ select current_setting('app.settings.colour') $$",
  );
  const dumped = await marquee(['rest', file, '--dump-config']).ended;
  assert.match(dumped.stdout, /^log-level = "info"$/m);
  const { child, ended } = marquee(['rest', file]);
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const origin = `http://${/^Listening on (127\.0\.0\.1:\d+)$/.exec(line)?.[1]}`;
    const colour = async () => (await fetch(`${origin}/rpc/colour`)).json();
    assert.equal(await colour(), 'red');
    await write('green');
    // The schema alone, and no debugger.
    child.kill('SIGUSR1');
    child.kill('SIGUSR2');
    await until(async () => (await colour()) === 'green', 'the schema to be read again');
  } finally {
    child.kill('SIGTERM');
  }
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0);
  assert.match(stdout, /^127\.0\.0\.1 - postgres \[.+\] "GET \/rpc\/colour HTTP\/1\.1" 200 \d+ "" "node"$/m);
  assert.doesNotMatch(stderr, /Debugger/);
  await rm(directory, { recursive: true });
});

test('marquee rest says what is wrong and gives nothing away', async () => {
  const { ended } = marquee(['rest', '--json'], {
    PGRST_DB_URI: 'postgresql://user:hidden-password@127.0.0.1/db',
    PGRST_DB_TX_END: 'sometimes',
  });
  const { code, stderr } = await ended;
  assert.equal(code, 1);
  assert.match(stderr, /PGRST_DB_TX_END/);
  assert.doesNotMatch(stderr, /hidden-password/);
});

test('marquee types writes a file and notices when it is stale', async () => {
  const url = await createTestDatabase('types_command');
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-types-'));
  const file = path.join(directory, 'database.ts');
  const run = (...more: string[]) => marquee(['types', '--db-url', url, '-o', file, ...more]).ended;
  try {
    await administer(url, 'create table things (id int not null)');
    assert.equal((await run()).code, 0);
    assert.match(await readFile(file, 'utf8'), /things: \{\s+Row: \{\s+id: number\s/);
    assert.equal((await run('--check')).code, 0);
    await administer(url, 'alter table things add title text');
    const stale = await run('--check');
    assert.equal(stale.code, 1);
    assert.match(stale.stderr, /types_stale/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
