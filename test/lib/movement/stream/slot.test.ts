// Where the snapshot of a slot ends, its stream begins: no transaction is in neither.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { loginUrl } from '@/lib/data-sources/provisioning/logins';
import { connectMover } from '@/lib/movement/control/mover-connection';
import { ChangeStream } from '@/lib/movement/stream/change-stream';
import { createSlot, dropSlot } from '@/lib/movement/stream/slots';
import { endQuietly, readTables } from '@/lib/tenant-data/rows';
import { createTestDatabase, startTestServer } from '../../../support/postgres';
import { until } from '../../../support/until';
import { createWorld } from '../world';

// A server of its own, so that no one else writes between the slot's consistent point and the commit.
const server = await startTestServer({ settings: { autovacuum: 'off' } });
const world = await createWorld({
  databases: [await createTestDatabase('database', undefined, server.url())],
});
const [database] = world.databases;
const url = loginUrl(database.adminUrl, database.logins.mover);

test('a transaction whose commit is the first record after the consistent point is streamed', async (t) => {
  const tenant = await world.tenant(database, 1);
  const moveId = randomUUID();
  const mover = await connectMover({ url, moveId });
  const clients: pg.Client[] = [mover];
  t.after(async () => {
    await dropSlot(mover, slot);
    await Promise.all(clients.map(endQuietly));
  });
  const open = async (name: string) => {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    clients.push(client);
    await client.query('begin; set local tenancy.copying = on');
    await client.query('insert into locations (tenant_id, name) values ($1, $2)', [tenant, name]);
    return client;
  };
  const slot = `marquee_move_${moveId.replaceAll('-', '')}_forward`;
  const waits = async (times: number) => {
    await until(async () => {
      const { rows } = await database.sql(
        `select transactionid::text as xid from pg_locks where not granted and locktype = 'transactionid'`,
      );
      for (const { xid } of rows) waited.add(xid);
      return waited.size >= times;
    }, 'transactions that the slot waits for');
    assert.equal(waited.size, times);
  };
  const waited = new Set<string>();
  await mover.query(`select tenancy.publish_table($1, $2, 'locations'::regclass)`, [slot, tenant]);

  // The slot waits for the transactions that run at its beginning, then for those that run at that moment, and for no later ones.
  const first = await open('first');
  const making = createSlot({ url, moveId, slot }, 20_000);
  await waits(1);
  const second = await open('second');
  await first.query('commit');
  await waits(2);
  const last = await open('last');
  await second.query('commit');
  const made = await making;
  const reader = await connectMover({ url, moveId });
  clients.push(reader);
  await reader.query(`begin isolation level repeatable read; set transaction snapshot '${made.snapshot}'`);
  const { rows } = await reader.query('select name from locations where tenant_id = $1', [tenant]);
  await last.query('commit');
  await made.release();

  const stream = new ChangeStream({ url, moveId, slot, publication: slot, tables: await readTables(mover) });
  t.after(() => stream.stop());
  await stream.start(made.position);
  const names = rows.map(({ name }) => name as string);
  await until(async () => {
    for (const { changes } of await stream.next(250)) {
      for (const change of changes) if (change.kind === 'upsert') names.push(...change.values.map(String));
    }
    return names.includes('last');
  }, 'the last transaction');
  for (const name of ['first', 'second', 'last']) assert.ok(names.includes(name), name);
});
