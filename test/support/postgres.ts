import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';

const DEBIAN_15 = '/usr/lib/postgresql/15/bin';

/**
 * For `startTestServer`: PostgreSQL 15, the oldest version that is supported, where the distribution has it (CI installs it);
 * elsewhere the embedded version.
 */
export const OLDEST_POSTGRES: { binaries?: string } = existsSync(DEBIAN_15) ? { binaries: DEBIAN_15 } : {};

/** A server of its own for a test that stops, kills or reconfigures it. Ended and removed after the test file. */
export async function startTestServer(
  options: { binaries?: string; settings?: Record<string, string | number>; replicaOf?: EmbeddedServer } = {},
): Promise<EmbeddedServer> {
  const dataDirectory = path.join(tmpdir(), `marquee-test-${process.pid}-${randomBytes(4).toString('hex')}`);
  const server = await startEmbeddedServer({ ...options, dataDirectory, durable: false });
  after(async () => {
    await server.kill('SIGQUIT');
    await rm(dataDirectory, { recursive: true, force: true });
    await rm(`${dataDirectory}.password`, { force: true });
  });
  return server;
}

let shared: Promise<string> | undefined;

/** Superuser URL of the server that all test files of a run share (`npm test` starts it), or one for this file. */
export function testServerUrl(): Promise<string> {
  const given = process.env.MARQUEE_TEST_POSTGRES_URL;
  shared ??= given ? Promise.resolve(given) : startTestServer().then((server) => server.url());
  return shared;
}

/** What a new database begins as: a copy of one that `npm test` has migrated, since migrating takes a second. */
export type Migrated = 'application' | 'operations' | 'tenant_data';

/**
 * A new database on the shared server, or on the one of a superuser's URL; dropped after the test file. Returns its
 * superuser URL.
 *
 * @param migrated begins with these migrations where `npm test` made the server; empty elsewhere, so migrate it all the same
 */
export async function createTestDatabase(
  prefix = 'test',
  migrated?: Migrated,
  server?: string,
): Promise<string> {
  const serverUrl = server ?? (await testServerUrl());
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  const copied =
    migrated && !server && process.env.MARQUEE_TEST_POSTGRES_URL ? `template migrated_${migrated}` : '';
  await administer(serverUrl, `create database ${name} ${copied}`);
  if (!server) after(() => administer(serverUrl, `drop database if exists ${name} with (force)`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** Runs one statement on a connection of its own. */
export async function administer(url: string, sql: string, values?: unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(sql, values);
  } finally {
    await client.end();
  }
}
