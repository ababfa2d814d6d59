// What an operator clicks twice is done once: every changing route takes an idempotency key, and every form sends one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { startServing } from '../serving';
import { type Answer, everyOperator, operatorServicesOf, type Sent } from './operating';

const sent: Sent[] = [];
const serving = await startServing({}, 30_000, async (installation) => ({
  operator: await operatorServicesOf(installation, sent),
}));
const { application, operations, url } = serving;
const { owner, engineer, support } = await everyOperator(serving);

/** They read: nothing is done twice. */
const READS = /^POST \/operator\/(.*\/plan|.*\/test|data-sources\/script|audit\/\{record\}\/proof)$/;
const TESTS_SEND = 'POST /operator/alerts/test';

test('every route of the operator that changes something takes an idempotency key', async () => {
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
  };
  const changing = Object.entries(paths)
    .filter(([route]) => route.startsWith('/operator/'))
    .flatMap(([route, item]) =>
      Object.entries(item)
        .filter(([method]) => ['post', 'put', 'patch', 'delete'].includes(method))
        .map(([method, { parameters = [] }]) => ({
          name: `${method.toUpperCase()} ${route}`,
          takesKey: parameters.some(({ name }) => name === 'idempotency-key'),
        })),
    );
  assert.ok(changing.length > 45, String(changing.length));
  const lacking = changing.filter(
    ({ name, takesKey }) => !takesKey && (!READS.test(name) || name === TESTS_SEND),
  );
  assert.deepEqual(lacking, []);
});

test('every form of the console sends one: nothing there changes anything past useOperatorChange', async () => {
  const root = path.resolve(import.meta.dirname, '../../../src/web/operator');
  const past: string[] = [];
  for await (const file of glob('**/*.{ts,tsx}', { cwd: root })) {
    const source = await readFile(path.join(root, file), 'utf8');
    const asks = source.match(/\bask(<[^(]*>)?\(\s*[`'][^;]*?method: /g) ?? [];
    const changes = asks.filter((one) => !/data-sources\/([^,]*\/)?test|moves\/plan/.test(one));
    if (changes.length > 0 || /\bfetch\(/.test(source)) past.push(file);
  }
  assert.deepEqual(past, []);
});

/** Sends one request several times at once, with one key. */
async function clickedTwice(send: (key: Record<string, string>) => Promise<Answer>): Promise<Answer[]> {
  const key = { 'idempotency-key': randomUUID() };
  const answers = await Promise.all(Array.from({ length: 4 }, () => send(key)));
  const after = await send(key);
  const others = [...answers, after].filter(({ status }) => status >= 300);
  assert.ok(
    others.every(({ body }) => (body as { code: string }).code === 'request_in_progress'),
    JSON.stringify(others),
  );
  assert.ok(after.status < 300, 'the first answer is given again');
  return answers;
}

const timesOf = async (action: string) => (await application.audit.list({ action })).length;

test('a double click has one effect', async () => {
  await clickedTwice((key) => engineer('POST', '/alerts/test', undefined, key));
  assert.equal(sent.length, 1);

  const rule = {
    title: 'A rule',
    severity: 'notice',
    match: { actions: ['jobs.*'] },
    when: { kind: 'each' },
  };
  await clickedTwice((key) => engineer('PUT', '/alerts/rules/of-jobs', rule, key));
  assert.equal(await timesOf('alert_rules.insert'), 1);
  assert.equal(await timesOf('alert_rules.update'), 0);
  await clickedTwice((key) => engineer('DELETE', '/alerts/rules/of-jobs', undefined, key));
  assert.equal(await timesOf('alert_rules.delete'), 1);

  const { rows } = await operations.pool.query<{ id: string }>(
    `insert into alerts (rule, severity, cause, title) values ('rule', 'notice', 'cause', 'title') returning id`,
  );
  const acknowledge = `/alerts/${rows[0]?.id}/acknowledge`;
  await clickedTwice((key) => support('POST', acknowledge, { note: 'Seen' }, key));
  assert.equal(await timesOf('alerts.acknowledge'), 1);

  await clickedTwice((key) => owner('PUT', '/backups/holds/a', { reason: 'Case 7' }, key));
  assert.equal(await timesOf('backups.hold_placed'), 1);
  await clickedTwice((key) => owner('DELETE', '/backups/holds/a?confirm=a', undefined, key));
  assert.equal(await timesOf('backups.hold_released'), 1);

  await clickedTwice((key) => engineer('PUT', '/health-thresholds/round_trip_slow_ms', { value: 400 }, key));
  assert.equal(await timesOf('health_thresholds.update'), 1);

  const { id } = await serving.addOperator('new@marquee.example', 'support');
  const before = await timesOf('users.update');
  await clickedTwice((key) => owner('PATCH', `/operators/${id}`, { role: 'auditor' }, key));
  assert.equal(await timesOf('users.update'), before + 1);
});
