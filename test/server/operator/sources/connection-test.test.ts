// The connection test over HTTP: it finds what the command finds, for operators only, and what was typed is seen by no one else.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { OperatorRole } from '@/lib/application';
import { testNewDataSource } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { PASSWORD, startServing } from '../../serving';

let written = '';
const serving = await startServing({
  logLevel: 'trace',
  log: {
    write(line: string) {
      written += line;
    },
  },
});
const { applicationUrl, url, dataSourceUrl } = serving;
const NETWORKS = ['127.0.0.0/8', '::1/128'];
const SECRET = `canary${randomBytes(16).toString('hex')}`;
const answers: string[] = [];
const cookies = new Map<OperatorRole, string>();
for (const role of ['engineer', 'support'] as const) {
  const email = `${role}@marquee.example`;
  const { code } = await serving.addOperator(email, role);
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD, code: code() }),
  });
  cookies.set(role, response.headers.getSetCookie()[0]?.split(';')[0] ?? '');
}

async function ask(path: string, body: unknown, cookie = cookies.get('engineer') ?? '') {
  const response = await fetch(`${url}/api/operator/data-sources/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, cookie },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  answers.push(text);
  return { status: response.status, body: JSON.parse(text) };
}

const withPassword = (text: string) => {
  const changed = new URL(text);
  changed.password = SECRET;
  return changed.href;
};
const checkOf = ({ body }: Awaited<ReturnType<typeof ask>>, name: string, index = 0) =>
  body.tests[index].checks.find((one: { name: string }) => one.name === name);

test('a database that is not added: each finding with its code and what to do, as the command has it', async () => {
  const bare = { kind: 'byod', url: await createTestDatabase('customer'), networks: NETWORKS } as const;
  const good = await ask('test', bare);
  assert.deepEqual([good.status, good.body.tests.length], [200, 1]);
  const byCommand = await testNewDataSource(bare);
  const outcomes = (checks: { name: string; outcome: string; code?: string; hint?: string }[]) =>
    checks.map(({ name, outcome, code, hint }) => [name, outcome, code, hint]);
  assert.deepEqual(outcomes(good.body.tests[0].checks), outcomes(byCommand.checks));
  assert.deepEqual([good.body.tests[0].ok, good.body.tests[0].purpose], [true, 'administrator']);
  const refused = await ask('test', { kind: 'byod', url: withPassword(dataSourceUrl) });
  assert.equal(refused.body.tests[0].code, 'data_source_address_refused', 'not into this machine’s network');
  assert.match(checkOf(refused, 'resolve').hint, /--allow-network/);
  const nowhere = 'postgresql://owner@no-such-host.invalid/crm';
  const unknown = await ask('test', { kind: 'dedicated', url: withPassword(nowhere) });
  assert.equal(unknown.body.tests[0].code, 'data_source_unreachable');
  const malformed = await ask('test', { kind: 'byod', url: `postgresql:/${SECRET}@x` });
  assert.equal(malformed.body.tests[0].code, 'data_source_url_malformed');
});

test('a Supabase project that cannot be reached: its finding, by code', async () => {
  const project = { kind: 'supabase', url: 'http://127.0.0.1:1', serviceKey: SECRET };
  const { status, body } = await ask('test', { ...project, tls: 'disable', networks: NETWORKS });
  assert.deepEqual([status, body.tests[0].purpose, body.tests[0].ok], [200, 'router', false]);
  assert.equal(body.tests[0].code, 'data_source_unreachable');
});

test('a registered data source is tested with each of its logins', async () => {
  const found = await ask('shared/test', {});
  assert.deepEqual(
    found.body.tests.map(({ purpose, ok }: { purpose: string; ok: boolean }) => [purpose, ok]),
    [
      ['router', true],
      ['mover', true],
      ['administrator', true],
    ],
    JSON.stringify(found.body),
  );
  assert.equal(checkOf(found, 'isolation').outcome, 'passed');
  assert.deepEqual((await ask('none/test', {})).body.code, 'data_source_unknown');
});

test('support may try what is registered, and makes the server connect nowhere else; companies neither', async () => {
  const support = cookies.get('support');
  assert.equal((await ask('shared/test', {}, support)).status, 200);
  const byod = { kind: 'byod', url: withPassword(dataSourceUrl) };
  assert.equal((await ask('test', byod, support)).body.code, 'operator_role_insufficient');
  // An operator who may not send a body is told nothing about it.
  assert.equal((await ask('test', {}, support)).body.code, 'operator_role_insufficient');
  const owner = await serving.cookieOf('a', 'owner@a.example');
  for (const path of ['test', 'shared/test']) {
    assert.equal((await ask(path, byod, '')).status, 401);
    const response = await fetch(`${url}/t/a/api/operator/data-sources/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, cookie: owner },
      body: JSON.stringify(byod),
    });
    assert.equal(response.status, 403);
  }
});

test('what is wrong with a request is said without repeating it; no log, audit entry or answer has a URL', async () => {
  for (const body of [
    `{"kind":"byod","url":"${SECRET}`,
    { kind: SECRET, url: SECRET },
    { kind: 'byod', url: [SECRET] },
    { kind: 'supabase', url: SECRET },
    { kind: 'byod', url: SECRET.repeat(300) },
    { kind: 'byod', url: `postgresql://a:${SECRET}@x/y`, networks: ['no network'] },
    { kind: 'byod', url: `postgresql://a:${SECRET}@x/y`, ca: SECRET },
  ]) {
    const { status } = await ask('test', body);
    assert.ok(status === 400 || status === 200, `${status} ${answers.at(-1)}`);
  }
  const { rows } = await administer(applicationUrl, 'select audit_log::text as line from audit_log');
  const seen = [...answers, written, ...rows.map(({ line }: { line: string }) => line)];
  const { dataSources } = serving.operations;
  const { routerUrl } = await dataSources.credentials((await dataSources.get('shared')).id);
  const hidden = [SECRET.slice(0, 36), new URL(routerUrl ?? '').password];
  assert.ok(rows.length > 0 && written.length > 0);
  for (const text of seen) for (const secret of hidden) assert.ok(!text.includes(secret), text.slice(0, 500));
});
