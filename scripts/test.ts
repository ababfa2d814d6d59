// `npm test [-- files…]`: starts one PostgreSQL for all test files, runs them in parallel, cleans up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrateApplicationDatabase } from '@/lib/application';
import { startEmbeddedServer } from '@/lib/embedded';
import { migrateOperationsDatabase } from '@/lib/operations';
import { migrateTenantData } from '@/lib/tenant-data';

const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const files =
  given.length > 0
    ? given
    : await Array.fromAsync(glob('test/**/*.test.{ts,tsx}', { exclude: ['test/e2e/**'] }));
if (files.length === 0) throw new Error('There are no test files.');

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-tests-'));
const server = await startEmbeddedServer({
  dataDirectory: path.join(directory, 'data'),
  durable: false,
  settings: { max_connections: 400, shared_buffers: '256MB' },
});
// What most tests begin with is migrated once: see `createTestDatabase`.
await migrated('application', migrateApplicationDatabase);
await migrated('operations', migrateOperationsDatabase);
await migrated('tenant_data', (url) => onConnection(url, migrateTenantData));

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

async function migrated(name: string, migrate: (url: string) => Promise<unknown>): Promise<void> {
  await onConnection(server.url(), (client) => client.query(`create database migrated_${name}`));
  await migrate(server.url(`migrated_${name}`));
}

async function onConnection(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
