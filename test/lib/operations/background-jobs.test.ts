// Background jobs: one of a key at a time among all processes, retries, history, and what an operator may do with them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openOperationsDatabase } from '@/lib/operations';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { openTestOperationsDatabase } from './operations-database';

const { operations, url } = await openTestOperationsDatabase();
const { jobs } = operations;
const other = openOperationsDatabase({ url, secretBox: {} as never, maxConnections: 3 });
after(() => other.close());
const fast = { limitSeconds: 60, retryDelaySeconds: 1, pollingIntervalSeconds: 0.5 };

const inState = (id: string | undefined, state: string) =>
  until(async () => {
    const job = await jobs.history.find(id ?? '');
    return job?.state === state && job;
  });

test('one job of a key waits or runs at a time, those of other keys run beside it', {
  timeout: 60_000,
}, async () => {
  const running = new Set<string>();
  const finish = Promise.withResolvers<void>();
  const work = async (_: object, { key }: { key: string }) => {
    running.add(key);
    await finish.promise;
    return { did: key };
  };
  for (const process of [jobs, other.jobs]) {
    await process.runInBackground({ name: 'sweep', ...fast, concurrency: 2, work });
  }
  const [first, again, beside] = [
    await jobs.request('sweep', { of: 1 }, { key: 'one' }),
    await jobs.request('sweep', { of: 1 }, { key: 'one' }),
    await jobs.request('sweep', { of: 2 }, { key: 'two' }),
  ];
  assert.ok(first && beside);
  assert.equal(again, undefined);
  await until(async () => running.size === 2);
  assert.equal(await other.jobs.request('sweep', { of: 1 }, { key: 'one' }), undefined);
  finish.resolve();
  assert.deepEqual((await inState(first, 'completed')).output, { did: 'one' });
  assert.ok(await jobs.request('sweep', {}, { key: 'one' }), 'it may be requested again once it has ended');
});

test('a run that another process still does is not done beside it', { timeout: 60_000 }, async () => {
  const done: number[] = [];
  let free = () => {};
  const suspended = other.tryWithLock('job slow ', () => new Promise<void>((resolve) => (free = resolve)));
  await jobs.runInBackground({
    ...{ name: 'slow', ...fast, retries: 50 },
    async work(_, { retryCount }) {
      done.push(retryCount);
      return undefined;
    },
  });
  const id = await jobs.request('slow', {});
  await inState(id, 'retry');
  assert.deepEqual(done, []);
  await assert.rejects(
    operations.tryWithLock('job slow ', async () => {}),
    { code: 'job_running' },
  );
  free();
  await suspended;
  await inState(id, 'completed');
  assert.equal(done.length, 1);
});

test('work is told when its lock is lost', { timeout: 30_000 }, async () => {
  await operations.tryWithLock('lost', async (signal) => {
    const lost = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await administer(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'marquee lock' and datname = current_database()`,
    );
    await lost;
  });
});

test('the history shows what failed and why; a job is retried and cancelled by an operator', {
  timeout: 60_000,
}, async () => {
  let fails = true;
  await jobs.runInBackground({
    ...{ name: 'fragile', ...fast, retries: 0 },
    async work() {
      if (fails) throw new Error('the disk is full');
      return { rows: 3 };
    },
  });
  const id = await jobs.request('fragile', { tenantId: 't' });
  const failed = await inState(id, 'failed');
  assert.deepEqual(
    [failed.queue, failed.attempts, failed.output?.message],
    ['fragile', 1, 'the disk is full'],
  );
  await assert.rejects(jobs.abort(failed.id), { code: 'job_ended' });
  fails = false;
  // By the beginning of its id, too.
  await jobs.retry(failed.id.slice(0, 20));
  assert.deepEqual((await inState(id, 'completed')).output, { rows: 3 });
  await assert.rejects(jobs.retry(failed.id), { code: 'job_ended' });
  await assert.rejects(jobs.get('nothing'), { code: 'job_unknown' });

  await jobs.defineQueue('later');
  const waiting = await jobs.send('later', {}, { startAfter: 3600 });
  assert.equal((await jobs.abort(waiting ?? '')).state, 'cancelled');
  assert.equal((await jobs.retry(waiting ?? '')).state, 'created');
  const queue = (await jobs.history.queues()).find((one) => one.queue === 'fragile');
  assert.deepEqual([queue?.completed, queue?.waiting, queue?.cron], [1, 0, null]);
  const listed = await jobs.history.list({ queue: 'later', state: 'created' });
  assert.deepEqual(
    listed.map((job) => job.id),
    [waiting],
  );
});
