// `npm test [-- files…]`: starts one PostgreSQL for all test files, runs them in parallel, cleans up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { startMigratedServer } from './test-server';

const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const files =
  given.length > 0
    ? given
    : await Array.fromAsync(glob('test/**/*.test.{ts,tsx}', { exclude: ['test/e2e/**'] }));
if (files.length === 0) throw new Error('There are no test files.');

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-tests-'));
const server = await startMigratedServer(path.join(directory, 'data'));

const running = spawn(
  process.execPath,
  [
    '--import',
    'tsx',
    '--test',
    `--test-concurrency=${Math.max(2, availableParallelism())}`,
    '--test-timeout=180000',
    ...flags,
    ...files.sort(),
  ],
  { stdio: 'inherit', env: { ...process.env, MARQUEE_TEST_POSTGRES_URL: server.url(), NODE_ENV: 'test' } },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running.kill(signal));
const [code] = await once(running, 'exit');
await server.kill('SIGQUIT');
await rm(directory, { recursive: true, force: true });
process.exit(code ?? 1);
