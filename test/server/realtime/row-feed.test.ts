import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerDependencies } from '@/server/dependencies';
import type { LiveChanges } from '@/server/live/live-changes';
import { type Listener, RowFeed } from '@/server/realtime/row-feed';

test('listeners are told of a time without a lease, in which no changes were logged', async ({ mock }) => {
  mock.timers.enable({ apis: ['Date'] });
  const calls: string[] = [];
  const rpc = (name: string) => {
    calls.push(name);
    const data = { origin: 'server', upto: '1:1:', now: new Date().toISOString(), more: false, changes: [] };
    return {
      setHeader() {
        return this;
      },
      throwOnError: async () => ({ data: name === 'changed_rows' ? data : {} }),
    };
  };
  const parts = { manager: { getClientForTenant: async () => ({ rpc }) } } as unknown as ServerDependencies;
  let announce = () => {};
  const watch = async (_: string, heard: () => void) => {
    announce = heard;
    return () => {};
  };
  const feed = new RowFeed(parts, { watch } as unknown as LiveChanges, 'tenant');
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  await feed.add({ subscriber: { identity: 'service' }, warn } as unknown as Listener);
  const read = async () => {
    calls.length = 0;
    announce();
    await feed.tables();
    return calls[0];
  };
  mock.timers.tick(100_000);
  assert.equal(await read(), 'changed_rows');
  assert.deepEqual(warnings, []);
  // As when the database could not be reached: the lease ended.
  mock.timers.tick(30_000);
  assert.equal(await read(), 'extend_realtime_lease');
  assert.deepEqual(warnings, ['Changes were missed: read the rows again.']);
  assert.equal(await read(), 'changed_rows');
  assert.equal(warnings.length, 1);
  feed.close();
});
