import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, test } from 'node:test';
import {
  Alerts,
  parseNote,
  raiseCondition,
  reportFindings,
  startWatching,
  titled,
  watchOnce,
  webhookEvent,
} from '@/lib/alerts';
import type { AuditAction } from '@/lib/application';
import { deliverWebhook, verifyWebhook } from '@/lib/crm/delivery/webhooks';
import { openOperationsDatabase } from '@/lib/operations';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { openTestApplicationDatabase } from '../application/application-database';
import { openTestOperationsDatabase } from '../operations/operations-database';
import { keepingChannel } from './alerting';

const { application, url, secretBox } = await openTestApplicationDatabase();
const { url: operationsUrl } = await openTestOperationsDatabase();
const operations = openOperationsDatabase({
  ...{ url: operationsUrl, secretBox, maxConnections: 8 },
  recordChange: (change) => application.audit.append(change, ANN),
});
after(() => operations.close());
const ANN = { actor: 'cli:ann@ops' };
const BOB = { actor: 'cli:bob@ops' };
const channel = keepingChannel();
const parts = { application, operations, channels: [channel] };
const alerts = new Alerts(parts);
const rulesOf = async () => (await alerts.list({ all: true })).map(({ rule }) => rule).sort();
const append = (action: string, by = ANN, details = {}, entityId = 'x') =>
  application.audit.append({ action: action as AuditAction, entity: 'test', entityId, details }, by);
const signInRefused = (address: string, email = 'a@example.com') =>
  append('session.sign_in_refused', { actor: 'anonymous', address } as typeof ANN, { email });

/** Working hours always: tests run at any time. */
await alerts.setRule('outside-hours', { enabled: false }, ANN);
await application.audit.append({ action: 'data_sources.update', entity: 'data_sources' }, ANN);
await watchOnce(parts);

beforeEach(async () => {
  channel.sent.length = 0;
  await watchOnce(parts);
  await operations.pool.query('truncate alerts, alert_deliveries, alert_counted');
});

test('history raises nothing; it teaches who works here', async () => {
  // The rule and the change above were recorded before anything watched.
  assert.deepEqual(await rulesOf(), []);
  await append('data_sources.update', ANN);
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), []);
  await append('data_sources.update', BOB);
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), ['new-operator']);
  await append('data_sources.update', BOB);
  await watchOnce(parts);
  assert.equal((await alerts.list())[0]?.occurrences, 1);
});

test('a changed host is told by a signed webhook within ten seconds', async () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const heard: { valid: boolean; body: { id: string; data: Record<string, never> } }[] = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const valid = verifyWebhook(secret, request.headers as Record<string, string>, body);
    heard.push({ valid, body: JSON.parse(body) });
    response.end();
  }).listen(0, '127.0.0.1');
  after(() => receiver.close());
  await once(receiver, 'listening');
  const endpoint = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, secret };
  const webhook = {
    name: 'webhook',
    send: (alert: Parameters<typeof webhookEvent>[0]) =>
      deliverWebhook(endpoint, webhookEvent(alert), { allowPrivate: true }),
  };
  const { id } = await operations.dataSources.create({
    ...{ name: 'one', kind: 'shared', region: 'eu' },
    routerUrl: 'postgresql://router:secret-1@db.example.com/one',
  });
  const stop = startWatching({ ...parts, channels: [webhook] }, assert.fail);
  after(stop);
  // Another password is no other place.
  await operations.dataSources.setCredentials(id, {
    routerUrl: 'postgresql://router:secret-2@db.example.com/one',
  });
  await operations.dataSources.setCredentials(id, {
    routerUrl: 'postgresql://router:secret-2@evil.example.com/one',
  });
  await until(() => heard.length > 0);
  await stop();
  const [alert] = heard;
  assert.ok(alert);
  assert.equal(alert.valid, true);
  const { rule, detail } = alert.body.data as {
    rule?: string;
    detail?: Record<string, Record<string, string>>;
  };
  assert.equal(rule, 'source-place-changed');
  assert.equal(detail?.actor, ANN.actor);
  assert.equal(detail?.before?.routerUrlAt, 'router@db.example.com:5432/one');
  assert.equal(detail?.after?.routerUrlAt, 'router@evil.example.com:5432/one');
  assert.doesNotMatch(JSON.stringify(heard), /secret-/);
  assert.equal(heard.length, 1);
});

test('a tenant whose URL leads elsewhere without a move raises an alert; its password does not', async () => {
  const place = {
    dataSourceId: crypto.randomUUID(),
    engine: 'postgresql',
    region: 'eu',
    anonKey: null,
  } as const;
  const at = (host: string, password: string) => ({
    url: `postgresql://router:${password}@${host}/one`,
    ...{ anonKey: null, serviceKey: null },
  });
  const { id, routeEpoch } = await application.tenants.create({
    ...{ name: 'A', subdomain: 'a' },
    place: { ...place, ...at('db.example.com', 'one') },
  });
  await application.tenants.setCredentials(id, at('db.example.com', 'two'), ANN);
  await application.tenants.setDataSource(
    id,
    { ...place, ...at('db2.example.com', 'two'), expectedEpoch: routeEpoch },
    ANN,
  );
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), []);
  await application.tenants.setCredentials(id, at('evil.example.com', 'two'), ANN);
  await watchOnce(parts);
  const [alert] = await alerts.list();
  assert.equal(alert?.rule, 'tenant-place-changed');
  assert.equal(alert?.tenantId, id);
  assert.equal(alert?.detail.after?.data_source_url_at, 'router@evil.example.com:5432/one');
});

test('several processes watch: each alert is raised once and sent once', async () => {
  const others = [keepingChannel('kept'), keepingChannel('kept'), keepingChannel('kept')];
  const stops = others.map((one) => startWatching({ ...parts, channels: [one] }, assert.fail, 5));
  after(() => Promise.all(stops.map((stop) => stop())));
  for (let index = 0; index < 30; index += 1) await append('backups.drill_failed', ANN, {}, `drill-${index}`);
  const sent = () => others.flatMap((one) => one.sent.map(({ recordId }) => recordId));
  const waiting = async () =>
    (await operations.pool.query('select count(*)::int n from alert_deliveries where delivered_at is null'))
      .rows[0].n;
  await until(async () => (await alerts.list()).length === 30 && (await waiting()) === 0);
  await Promise.all(stops.map((stop) => stop()));
  // Of a flood of one rule, the first 20 are sent and all are listed.
  assert.equal(sent().length, 20);
  assert.equal(new Set(sent()).size, 20);
  assert.equal(
    (await alerts.list()).every(({ occurrences }) => occurrences === 1),
    true,
  );
});

test('repeated refusals are counted by address and by account; acknowledged alerts stay quiet for a while', async () => {
  for (let index = 0; index < 20; index += 1) await signInRefused('192.0.2.1', `${index}@example.com`);
  for (let index = 0; index < 9; index += 1)
    await signInRefused(`192.0.2.${100 + index}`, 'owner@example.com');
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), ['sign-ins-refused-from-address']);
  for (let index = 0; index < 20; index += 1) await signInRefused('192.0.2.1', `${index}@example.com`);
  await watchOnce(parts);
  const [open] = await alerts.list();
  assert.deepEqual([open?.cause, open?.occurrences], ['192.0.2.1', 2]);

  const done = await alerts.acknowledge(String(open?.id).slice(0, 8), BOB, 'a test of ours');
  assert.deepEqual([done.acknowledgedBy, done.note], [BOB.actor, 'a test of ours']);
  const [record] = await application.audit.list({ action: 'alerts.acknowledge' });
  assert.deepEqual([record?.actor, record?.entityId], [BOB.actor, open?.id]);
  await assert.rejects(alerts.acknowledge(String(open?.id), BOB), { code: 'alert_unknown' });
  for (let index = 0; index < 20; index += 1) await signInRefused('192.0.2.1', `${index}@example.com`);
  await watchOnce(parts);
  const found = (await alerts.list({ all: true })).filter(({ cause }) => cause === '192.0.2.1');
  assert.equal(found.length, 1);
  // An hour later it is news again.
  await operations.pool.query(
    `update alerts set acknowledged_at = acknowledged_at - interval '61 min' where cause = '192.0.2.1'`,
  );
  for (let index = 0; index < 20; index += 1) await signInRefused('192.0.2.1', `${index}@example.com`);
  await watchOnce(parts);
  assert.equal((await alerts.list()).filter(({ cause }) => cause === '192.0.2.1').length, 1);
});

test('a value of any length is counted', async () => {
  const email = `${randomBytes(9_000).toString('base64url')}@example.com`;
  for (let index = 0; index < 10; index += 1) await signInRefused(`192.0.2.${index}`, email);
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), ['sign-ins-refused-at-account']);
  const [alert] = await alerts.list();
  assert.ok(alert?.cause.startsWith(email.slice(0, 100)) && alert.cause.length < 300);
});

test('backups of one tenant that fail repeatedly are an alert', async () => {
  const failed = (tenantId: string) =>
    application.audit.append({ tenantId, action: 'backups.failed', entity: 'backups', entityId: 'x' }, ANN);
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const tenantId of [one, other, one, other]) await failed(tenantId);
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), []);
  await failed(one);
  await watchOnce(parts);
  assert.deepEqual(
    (await alerts.list()).map(({ rule, tenantId }) => [rule, tenantId]),
    [['backups-failed', one]],
  );
});

test('a record may stand for many: decryptions, refused keys', async () => {
  await append('credentials.decrypted', BOB, { count: 499 });
  await append('credentials.decrypted', ANN, { count: 400 });
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), []);
  await append('credentials.decrypted', BOB, { count: 1 });
  await watchOnce(parts);
  assert.deepEqual(
    (await alerts.list()).filter(({ rule }) => rule === 'many-decryptions').map(({ cause }) => cause),
    [BOB.actor],
  );
});

test('a service key from a new network: the first one is what is usual', async () => {
  const used = (key: string, network: string) =>
    append('api_keys.new_network', { actor: `key:${key}` }, { kind: 'service', network }, key);
  await used('k1', '192.0.2.0/24');
  await used('k2', '198.51.100.0/24');
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), []);
  await used('k1', '198.51.100.0/24');
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), ['service-key-new-network']);
});

test('what cannot be sent is sent later; the others do not wait for it', async () => {
  let works = false;
  const failing = {
    name: 'failing',
    async send() {
      if (!works) throw new Error('no answer');
    },
  };
  const both = { ...parts, channels: [failing, channel] };
  const said: string[] = [];
  const stop = startWatching(both, (problem) => said.push(problem), 5);
  after(stop);
  await append('backups.drill_failed');
  const delivery = async () =>
    (await alerts.list())[0]?.deliveries.find(({ channel }) => channel === 'failing');
  await until(async () => channel.sent.length === 1 && (await delivery())?.lastError === 'no answer');
  works = true;
  await operations.pool.query('update alert_deliveries set due_at = now()');
  await until(async () => (await delivery())?.deliveredAt);
  await stop();
  assert.deepEqual([(await delivery())?.attempts, (await delivery())?.lastError], [2, null]);
  assert.deepEqual(said, ['Alerts are not sent by failing: no answer']);
  assert.equal(channel.sent.length, 1);
});

test('a log that was changed is found as it grows: one alert, and watching goes on', async () => {
  const tamper = (sql: string) =>
    administer(
      url,
      `alter table audit_log disable trigger all; ${sql}; alter table audit_log enable always trigger append_only;
       alter table audit_log enable always trigger chain`,
    );
  const found = async () => {
    await watchOnce(parts);
    const [alert] = (await alerts.list()).filter(({ rule }) => rule === 'audit-chain-broken');
    return `${alert?.occurrences}: ${alert?.detail.findings}`;
  };
  await append('a');
  await append('b');
  const { id } = await application.audit.head();
  await tamper(`update audit_log set actor = 'another', occurred_at = 'infinity' where id = ${id}`);
  assert.match(await found(), new RegExp(`^1: Record ${id} differs from its hash`));
  await tamper(`delete from audit_log where id >= ${id}`);
  assert.match(await found(), /^2: Records .* were read before: the end of the log was cut off/);
  await tamper(
    'update audit_log set chain_hash = sha256(chain_hash) where id = (select max(id) from audit_log)',
  );
  assert.match(await found(), /^3: Record .* is not the one that was read before/);
  await append('backups.drill_failed');
  assert.match(await found(), /^3:/);
  assert.deepEqual(await rulesOf(), ['audit-chain-broken', 'backup-drill-failed']);
  // `audit verify` finds it too: the same alert.
  await reportFindings(parts, [{ message: 'Record 1 differs.' }]);
  assert.equal(await found(), '4: Record 1 differs.');
});

test('rules are data: changed, added, reset; those that guard the alerts stay on, and each change is recorded', async () => {
  await alerts.setRule('sign-ins-refused-from-address', { when: { atLeast: 3 } }, BOB);
  const [record] = await application.audit.list({ entity: 'alert_rules' });
  assert.deepEqual([record?.action, record?.actor], ['alert_rules.update', BOB.actor]);
  for (let index = 0; index < 3; index += 1) await signInRefused('192.0.2.7', `${index}@example.com`);
  await watchOnce(parts);
  assert.deepEqual(await rulesOf(), ['alert-rules-changed', 'sign-ins-refused-from-address']);
  const { when } = (await alerts.rules()).find(({ name }) => name === 'sign-ins-refused-from-address') ?? {};
  assert.deepEqual(when, { kind: 'many', atLeast: 3, seconds: 900, by: 'address' });
  await alerts.resetRule('sign-ins-refused-from-address', BOB);

  const own = {
    title: '{actor} exported',
    severity: 'notice',
    match: { actions: ['exports.*'] },
    when: { kind: 'each' },
  };
  await alerts.setRule('exports', own, BOB);
  await append('exports.create');
  await watchOnce(parts);
  assert.ok((await alerts.list()).some(({ title }) => title === `${ANN.actor} exported`));
  await alerts.resetRule('exports', BOB);
  await assert.rejects(alerts.resetRule('exports', BOB), { code: 'alert_rule_unknown' });

  await assert.rejects(alerts.setRule('audit-chain-broken', { enabled: false }, BOB), {
    code: 'alert_rule_fixed',
  });
  await assert.rejects(alerts.setRule('alert-rules-changed', { match: { actions: ['x'] } }, BOB), {
    code: 'alert_rule_fixed',
  });
  await assert.rejects(alerts.setRule('own', { title: 'x' }, BOB), { code: 'alert_rule_invalid' });
  await assert.rejects(alerts.setRule('outside-hours', { when: { timeZone: 'Nowhere' } }, BOB), /time zone/);
});

test('an alert keeps its title as code and values too, but where the operator has worded it', async () => {
  await append('backups.drill_failed');
  await append('api_keys.refused', { actor: 'anonymous', address: '192.0.2.9' } as typeof ANN, { count: 10 });
  await watchOnce(parts);
  const saysOf = async (rule: string) => (await alerts.list()).find((one) => one.rule === rule)?.detail.says;
  assert.deepEqual(await saysOf('backup-drill-failed'), { code: 'alerts.backup-drill-failed', values: {} });
  const said = { code: 'alerts.keys-refused', values: { address: '192.0.2.9' } };
  assert.deepEqual(await saysOf('keys-refused'), said);
  assert.ok(!('says' in webhookEvent((await alerts.list())[0] as never).data.detail));

  await alerts.setRule('keys-refused', { title: 'Look at {address}' }, BOB);
  await append('api_keys.refused', { actor: 'anonymous', address: '192.0.2.10' } as typeof ANN, {
    count: 10,
  });
  await watchOnce(parts);
  const own = (await alerts.list()).find(({ title }) => title === 'Look at 192.0.2.10');
  assert.ok(own);
  assert.equal(own.detail.says, undefined);
  await alerts.resetRule('keys-refused', BOB);
});

test('alerts on what lasts end with their tenant; what has happened stays to be looked at', async () => {
  const [tenantId, other] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const of of [tenantId, other]) {
    const title = titled('budget_used', { tenant: of, percent: 120, month: '2026-11' });
    const budget = { rule: 'tenant-over-budget', cause: of, title, tenantId: of, findings: [] };
    await raiseCondition(operations.pool, budget, ['keeping']);
    await application.audit.append(
      { action: 'backups.drill_failed', entity: 'drills', entityId: of, tenantId: of },
      ANN,
    );
  }
  await append('tenants.delete', ANN, {}, tenantId);
  await watchOnce(parts);
  const open = (await alerts.list()).map(({ rule, tenantId: of }) => `${rule} ${of}`);
  assert.ok(!open.includes(`tenant-over-budget ${tenantId}`));
  for (const stays of [`tenant-over-budget ${other}`, `backup-drill-failed ${tenantId}`])
    assert.ok(open.includes(stays), stays);
  const ended = (await alerts.list({ all: true })).find(
    ({ rule, tenantId: of }) => rule === 'tenant-over-budget' && of === tenantId,
  );
  assert.deepEqual(parseNote(ended?.note ?? null), { code: 'endings.tenant_removed', values: {} });
});
