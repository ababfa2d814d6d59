// `npm run test:e2e [-- files…] [--screens]`: starts a Marquee of its own with demo data, drives a real browser through it,
// cleans up. Pictures of the screens go to `.screens`, which git ignores; `--screens` also renews those that docs/screens keeps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, glob, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startInstance } from '../test/e2e/instance';
import { startMigratedServer } from './test-server';

const root = path.resolve(import.meta.dirname, '..');
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const pictures = path.join(root, '.screens');
const documented = path.join(root, 'docs', 'screens');
const files = given.length > 0 ? given : await Array.fromAsync(glob('test/e2e/**/*.test.ts', { cwd: root }));
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-e2e-'));
const instance = await startInstance(path.join(directory, 'state'));
// Some files serve a company of their own, with what stands in for vendors.
const server = await startMigratedServer(path.join(directory, 'data'));

const tests = spawn(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-timeout=600000', ...files.sort()],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      MARQUEE_TEST_POSTGRES_URL: server.url(),
      MARQUEE_E2E_URL: instance.url,
      MARQUEE_E2E_PASSWORD: instance.password,
      MARQUEE_E2E_STATE: path.join(directory, 'state'),
      MARQUEE_E2E_SCREENS: pictures,
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal));
const [code] = await once(tests, 'exit');
if (process.argv.includes('--screens')) {
  for (const name of await readdir(documented))
    await copyFile(path.join(pictures, name), path.join(documented, name));
}
await instance.stop();
await server.kill('SIGQUIT');
await rm(directory, { recursive: true, force: true });
process.exit(code ?? 1);
