// `npm run test:e2e [-- files…] [--screens]`: starts two Marquees with demo data, drives real browsers through them,
// cleans up. Pictures of the screens go to `.screens`, which git ignores; `--screens` also renews those that docs/screens keeps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, glob, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type RunningInstance, startInstance } from '../test/e2e/instance';
import { retryFailed } from './retries';
import { startMigratedServer } from './test-server';

const root = path.resolve(import.meta.dirname, '..');
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const pictures = path.join(root, '.screens');
const documented = path.join(root, 'docs', 'screens');
const files = given.length > 0 ? given : await Array.fromAsync(glob('test/e2e/**/*.test.ts', { cwd: root }));
// The longest first, so that it does not run alone at the end.
const waiting = files.sort(
  (a, b) => Number(b.includes('screens')) - Number(a.includes('screens')) || a.localeCompare(b),
);
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-e2e-'));
// Tests bring an identity provider and a company's own database, on this machine.
process.env.IDENTITY_PROVIDER_NETWORKS = '127.0.0.0/8';
process.env.CUSTOMER_DATABASE_NETWORKS = '127.0.0.0/8';
// Some files serve a company of their own, with fakes of vendors' services.
const server = await startMigratedServer(path.join(directory, 'data'));

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
const counted = new Map<string, number>();
let failed: string[] = [];
// A browser waits much of the time, so two files run at once. Each lane has a Marquee of its own: files share its companies' rows.
const lanes: Promise<void>[] = [];
for (let lane = 1; lane <= 2 && waiting.length > 0 && !stop.signal.aborted; lane++) {
  const state = path.join(directory, `state-${lane}`);
  // One after the other: the first builds the pages for both.
  const instance = await startInstance(state);
  lanes.push(runWaiting(instance, state).finally(() => instance.stop()));
}
await Promise.all(lanes);
if (!stop.signal.aborted) {
  failed = await retryFailed(failed, async (files) => {
    failed = [];
    waiting.push(...files);
    const state = path.join(directory, 'state-again');
    const instance = await startInstance(state);
    await runWaiting(instance, state).finally(() => instance.stop());
    return failed;
  });
}
for (const [name, count] of counted) console.log(`ℹ ${name} ${count}`);
if (process.argv.includes('--screens')) {
  for (const name of await readdir(documented)) {
    // Files that were not run have taken no pictures.
    const taken = path.join(pictures, name);
    if (existsSync(taken)) await copyFile(taken, path.join(documented, name));
  }
}
await server.kill('SIGQUIT');
await rm(directory, { recursive: true, force: true });
process.exit(failed.length > 0 || stop.signal.aborted ? 1 : 0);

/** Runs one waiting file after another; prints what each says when it has ended. */
async function runWaiting(instance: RunningInstance, state: string): Promise<void> {
  for (let file = waiting.shift(); file && !stop.signal.aborted; file = waiting.shift()) {
    const tests = spawn(
      process.execPath,
      ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-timeout=600000', file],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          MARQUEE_TEST_POSTGRES_URL: server.url(),
          MARQUEE_E2E_URL: instance.url,
          MARQUEE_E2E_PASSWORD: instance.password,
          MARQUEE_E2E_STATE: state,
          MARQUEE_E2E_SCREENS: pictures,
        },
      },
    );
    const end = () => tests.kill();
    stop.signal.addEventListener('abort', end);
    const [said, [code]] = await Promise.all([text(tests.stdout), once(tests, 'close')]);
    stop.signal.removeEventListener('abort', end);
    if (code !== 0) failed.push(file);
    console.log(said.replace(/^ℹ (\w+) ([\d.]+)\n/gm, count));
  }
}

/** Adds a line of a file's summary to that of all. @returns nothing to print */
function count(_line: string, name: string, value: string): string {
  if (name !== 'duration_ms') counted.set(name, (counted.get(name) ?? 0) + Number(value));
  return '';
}
