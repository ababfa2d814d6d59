import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { openTestOperationsDatabase } from './operations-database';

const { operations, url } = await openTestOperationsDatabase();
const { jobs } = operations;

test('a job is done once, a failing one is tried again', { timeout: 20_000 }, async () => {
  await Promise.all([jobs.start(), jobs.start()]);
  await jobs.defineQueue('greet', { retryLimit: 2, retryDelay: 1 });
  await jobs.defineQueue('greet', { retryLimit: 3, retryDelay: 1 });
  const done: [string, number][] = [];
  const all = Promise.withResolvers<void>();
  await jobs.work<{ name: string }>('greet', { pollingIntervalSeconds: 0.5, concurrency: 2 }, async (job) => {
    if (job.data.name === 'flaky' && job.retryCount === 0) throw new Error('once');
    done.push([job.data.name, job.retryCount]);
    if (done.length === 2) all.resolve();
    return { greeted: job.data.name };
  });
  const id = await jobs.send('greet', { name: 'first' });
  await jobs.send('greet', { name: 'flaky' });
  await all.promise;
  assert.deepEqual(done.sort(), [
    ['first', 0],
    ['flaky', 1],
  ]);
  assert.ok(id);
  await until(async () => (await jobs.find('greet', id))?.state === 'completed', 'the job to be completed');
  assert.deepEqual(await jobs.find('greet', id), { state: 'completed', output: { greeted: 'first' } });
});

test('the queue has a schema of its own', async () => {
  const { rows } = await administer(
    url,
    `select distinct nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'p') and nspname not like 'pg\\_%' and nspname <> 'information_schema' order by 1`,
  );
  assert.deepEqual(
    rows.map((row) => row.nspname),
    ['marquee', 'pgboss', 'public'],
  );
});

test('a stopped queue waits for the job under way', async () => {
  await jobs.defineQueue('slow');
  const begun = Promise.withResolvers<void>();
  let finished = false;
  await jobs.work('slow', { pollingIntervalSeconds: 0.5 }, async () => {
    begun.resolve();
    await sleep(300);
    finished = true;
    return undefined;
  });
  await jobs.send('slow', {});
  await begun.promise;
  await jobs.stop();
  assert.ok(finished);
});
