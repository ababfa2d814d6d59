// The command of an installed package.
import assert from 'node:assert/strict';
import { access, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { migrateApplicationDatabase } from '@/lib/application';
import { createTestDatabase } from '../support/postgres';
import { startSupabaseProject } from '../support/supabase-project';
import { output, project, run, serve } from './installed';

const directory = await project();
const command = path.join(directory, 'node_modules/.bin/marquee');
const START = ['start', '--json', '--empty', '--port', '0'];
const SERVING = /"url": "([^"]+)"[\s\S]*\n}/;

test('`marquee start` in an empty directory serves six demo tenants and the web application', async () => {
  const here = { cwd: directory };
  const { announced: url, child, ended } = await serve(command, START, here, SERVING);
  const page = await (await fetch(url)).text();
  const [script = ''] = /\/assets\/[^"]+\.js/.exec(page) ?? [];
  assert.equal((await fetch(`${url}${script}`)).status, 200, page);
  const listed = JSON.parse(await output(command, ['tenant', 'list', '--json'], here));
  assert.equal(listed.length, 6);
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
  assert.ok((await readdir(directory)).includes('.marquee'));
});

test('it ends when the npx that started it was killed', async () => {
  const npm = { cwd: directory, environment: { npm_lifecycle_event: 'npx' } };
  const { child } = run('sh', ['-c', `"${command}" ${START.join(' ')} & wait`], npm);
  const state = path.join(directory, '.marquee');
  while (!(await exists(path.join(state, 'lock')))) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGKILL');
  while (await exists(path.join(state, 'lock'))) await new Promise((resolve) => setTimeout(resolve, 50));
});

test('it starts from any directory, by a link, with the environment of the .env there', async () => {
  const elsewhere = path.join(directory, 'from here');
  await mkdir(elsewhere);
  const link = path.join(directory, 'linked');
  await symlink(command, link);
  // A project that does not answer must not keep Marquee from serving other data sources.
  const databaseUrl = await createTestDatabase('package');
  const application = await startSupabaseProject(databaseUrl);
  const { url: projectUrl, serviceKey } = application;
  await migrateApplicationDatabase({ project: { url: projectUrl, serviceKey } }, databaseUrl);
  const variables = {
    NEXT_PUBLIC_SUPABASE_URL: projectUrl,
    NEXT_PUBLIC_SUPABASE_ANON_KEY: application.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: serviceKey,
    DEFAULT_TENANT_DATA_URL: 'https://127.0.0.1:1',
    DEFAULT_TENANT_DATA_SERVICE_KEY: 'key',
    ENCRYPTION_KEY: 'ab'.repeat(32),
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(path.join(elsewhere, '.env'), lines.join(''));
  const here = { cwd: elsewhere };
  const { announced: url, child, ended } = await serve(link, START, here, SERVING);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  child.kill('SIGTERM');
  await ended;
  assert.ok((await readdir(path.join(elsewhere, '.marquee'))).includes('own'));
});

test('`marquee rest` needs no instance', async () => {
  const url = await createTestDatabase('package');
  const environment = { PGRST_DB_URI: url, PGRST_DB_ANON_ROLE: 'postgres', PGRST_SERVER_PORT: '0' };
  const { code, stderr } = await run(command, ['rest', '--dump-config'], { cwd: directory, environment })
    .ended;
  assert.equal(code, 0, stderr);
});

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
