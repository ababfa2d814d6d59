import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, startCompany } from './api/start-company';

test('a request that gets no connection to the operations database in time may come again later', async () => {
  const company = await startCompany();
  const ask = () => company.ask('a:owner', 'POST', '/api/webhooks/test');
  await bodyOf(await ask(), 202);
  const { pool } = company.operations;
  const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  try {
    const { code, title } = await bodyOf<{ code: string; title: string }>(await ask(), 503);
    assert.deepEqual(
      [code, title],
      ['operations_database_unreachable', 'The service cannot be used right now.'],
    );
  } finally {
    for (const connection of held) connection.release();
  }
  await bodyOf(await ask(), 202);
});
