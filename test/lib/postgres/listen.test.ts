import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '@/lib/postgres';
import { Backoff } from '@/lib/time';
import { administer, createTestDatabase } from '../../support/postgres';
import { until } from '../../support/until';

const url = await createTestDatabase();
const nowhere = { connectionString: 'postgresql://unknown@127.0.0.1:1/nowhere' };

test('a first connection that fails is an error, unless it is to be retried', async () => {
  const options = { connection: nowhere, channel: 'c', heard: () => {} };
  await assert.rejects(listen(options), { code: 'ECONNREFUSED' });
  const retries: [code: unknown, delayMs: number][] = [];
  const listening = await listen({
    ...options,
    ...{ retryFirst: true, backoff: new Backoff(2, 4_000) },
    onRetry: (error, delayMs) => retries.push([(error as { code?: string }).code, delayMs]),
  });
  await until(() => retries.length >= 6);
  // Closing does not wait for the next attempt.
  await listening.close();
  const after = retries.length;
  assert.ok(retries.every(([code]) => code === 'ECONNREFUSED'));
  assert.ok((retries[5]?.[1] ?? 0) > (retries[0]?.[1] ?? 0) * 4, `${retries}`);
  await sleep(50);
  assert.equal(retries.length, after);
});

test('a lost connection is opened again, which is heard as a notification without a payload', async () => {
  const heard: (string | undefined)[] = [];
  const errors: unknown[] = [];
  const listening = await listen({
    connection: { connectionString: url, application_name: 'heard here' },
    channel: 'Über "all"',
    heard: (payload) => heard.push(payload),
    onRetry: (error) => errors.push(error),
  });
  const notify = (payload: string) => administer(url, `notify "Über ""all""", '${payload}'`);
  await notify('one');
  await notify('');
  await until(() => heard.length === 2);
  await administer(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'heard here'`,
  );
  await until(() => heard.length === 3);
  await notify('two');
  await until(() => heard.length === 4);
  assert.deepEqual(heard, ['one', '', undefined, 'two']);
  assert.equal(errors.length, 1);
  await listening.close();
});
