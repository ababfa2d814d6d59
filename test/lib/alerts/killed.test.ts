import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { Alerts, startWatching, watchOnce, webhookEvent } from '@/lib/alerts';
import { deliverWebhook } from '@/lib/crm/delivery/webhooks';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { openTestApplicationDatabase } from '../application/application-database';
import { openTestOperationsDatabase } from '../operations/operations-database';
import { keepingChannel } from './alerting';

const { application, url } = await openTestApplicationDatabase();
const { operations, url: operationsUrl } = await openTestOperationsDatabase();
const alerts = new Alerts({ application, operations, channels: [] });
const drillFailed = (entityId: string) =>
  application.audit.append({ action: 'backups.drill_failed', entity: 'backups', entityId });
await watchOnce({ application, operations, channels: [] });

test('a process is killed while it sends: another one sends the same alert, at once and once', async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const ids: string[] = [];
  const receiver = createServer((request, response) => {
    ids.push(String(request.headers['webhook-id']));
    // The first request is never answered.
    if (ids.length > 1) response.end();
  }).listen(0, '127.0.0.1');
  after(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  await once(receiver, 'listening');
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const program = path.join(import.meta.dirname, 'watcher.program.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', program, url, operationsUrl, webhookUrl, secret],
    { stdio: 'inherit' },
  );
  const ended = once(child, 'close');
  after(() => child.kill('SIGKILL'));
  await drillFailed('one');
  await until(() => ids.length === 1);

  let passes = 0;
  const webhook = {
    name: 'webhook',
    send: (alert: Parameters<typeof webhookEvent>[0]) =>
      deliverWebhook({ url: webhookUrl, secret }, webhookEvent(alert), { allowPrivate: true }),
  };
  const counting = {
    ...application,
    audit: Object.assign(Object.create(application.audit), {
      head: () => {
        passes += 1;
        return application.audit.head();
      },
    }),
  };
  const stop = startWatching({ application: counting, operations, channels: [webhook] }, assert.fail, 5);
  after(stop);
  await until(() => passes > 10);
  assert.equal(ids.length, 1, 'the alert is being sent by the other process');
  child.kill('SIGKILL');
  await ended;
  await until(async () => (await alerts.list())[0]?.deliveries[0]?.deliveredAt);
  await stop();
  const [alert, ...others] = await alerts.list();
  assert.deepEqual(others, []);
  assert.equal(alert?.occurrences, 1);
  assert.deepEqual(ids, [alert.id, alert.id]);
});

test('a process ends before its alerts are committed: the next one raises them once', async () => {
  const channel = keepingChannel();
  const ending = Object.assign(Object.create(application.audit), {
    readOn: async (...position: Parameters<typeof application.audit.readOn>) => {
      const growth = await application.audit.readOn(...position);
      await administer(
        operationsUrl,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
      );
      return growth;
    },
  });
  const parts = { application, operations, channels: [channel] };
  await drillFailed('two');
  await assert.rejects(watchOnce({ ...parts, application: { audit: ending } }));
  assert.equal((await alerts.list()).length, 1);
  await watchOnce(parts);
  assert.equal((await alerts.list()).length, 2);
  assert.equal(await watchOnce(parts), 0);
});
