import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { Registry } from '@prometheus-io/client';
import { copyIn, copyOut, readInPages } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import type { SlowStatement } from '@/lib/data-sources/sources/postgres/observations';
import { createTenantDatabase, TestDirectory } from '../../tenant-database';

after(() => manager.close());
const directory = new TestDirectory();
const database = await createTenantDatabase();
const [a, b] = [await directory.place(database), await directory.place(database)];
const slow: SlowStatement[] = [];
const manager = new DataSourceManager(async () => ({
  directory,
  verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
  settings: { connectionsPerServer: 2, slowMs: 100, onSlow: (statement) => slow.push(statement) },
}));
const ACCOUNTS = { table: 'accounts', columns: ['name', 'email'] };

async function* csv(rows: number, prefix: string): AsyncGenerator<string> {
  yield 'name,email\n';
  for (let n = 0; n < rows; n += 1) yield `"${prefix} ${n}",${n}@example.com\n`;
}

test('COPY in and out keeps to the tenant', async () => {
  for (const [tenant, rows] of [
    [a, 2500],
    [b, 10],
  ] as const) {
    const inserted = await manager.withTenantTransaction(tenant, (transaction) =>
      copyIn(transaction, ACCOUNTS, Readable.from(csv(rows, `of ${tenant}`))),
    );
    assert.equal(inserted, rows);
  }
  const out = new PassThrough();
  const [written, bytes] = await Promise.all([
    text(out),
    manager.withTenantTransaction(b, (transaction) => copyOut(transaction, ACCOUNTS, out), {
      readOnly: true,
    }),
  ]);
  const lines = written.trim().split('\n');
  assert.equal(lines.length, 11);
  assert.equal(bytes, Buffer.byteLength(written));
  assert.ok(lines.slice(1).every((line) => line.includes(`of ${b}`)));
});

test('rows of another tenant cannot be copied in', async () => {
  const row = Readable.from([`tenant_id,name\n${a},planted\n`]);
  const target = { table: 'accounts', columns: ['tenant_id', 'name'] };
  await assert.rejects(
    manager.withTenantTransaction(b, (transaction) => copyIn(transaction, target, row)),
    { code: '42501' },
  );
});

test('pages are read one at a time, with values as parameters', async () => {
  const sizes: number[] = [];
  const statement = {
    text: 'select name from accounts where name like $1 order by id',
    values: [`of ${a}%`],
  };
  const count = await manager.withTenantTransaction(
    a,
    (transaction) =>
      readInPages(transaction, statement, (rows) => void sizes.push(rows.length), { rowsAtOnce: 1000 }),
    { readOnly: true },
  );
  assert.equal(count, 2500);
  assert.deepEqual(sizes, [1000, 1000, 500]);
});

test('slow statements are told with the tenant and without values; metrics show pools, times and errors', async () => {
  const secret = randomUUID();
  await manager.execute(a, { text: 'select pg_sleep(0.15), $1::text', values: [secret] });
  assert.equal(slow.at(-1)?.tenantId, a);
  assert.ok(!JSON.stringify(slow).includes(secret));
  await manager.execute(a, { text: 'select 1/0', values: [] }).catch(() => {});
  const registry = new Registry();
  manager.registerMetrics(registry);
  const shown = await registry.metrics();
  assert.match(shown, /marquee_data_source_connections\{data_source="[^"]+",state="idle"\} [12]\n/);
  assert.match(shown, /marquee_data_source_statement_seconds_bucket\{data_source="[^"]+",le="\+Inf"\} \d+/);
  assert.match(shown, /marquee_data_source_errors_total\{data_source="[^"]+",class="22"\} 1\n/);
  assert.match(shown, /marquee_data_source_breaker\{data_source="[^"]+"\} 0\n/);
  assert.match(shown, /marquee_route_lookups_total\{outcome="hit"\} \d+/);
  assert.match(shown, /marquee_tenant_statements_total\{data_source="[^"]+",tenant="[^"]+"\} \d+/);
});
