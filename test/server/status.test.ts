// What operators see of data sources' health, and what everyone may see of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, startServing } from './serving';

const serving = await startServing();
const { operations, url, tenantIds } = serving;
const { pool } = operations;
const source = await operations.dataSources.get('shared');
const EVIDENCE = 'The slot secret_slot at 10.0.0.7';

/** As the monitor would write it. */
async function setHealth(state: string, cause: string, age = '0 s'): Promise<void> {
  const findings = state === 'healthy' ? [] : [{ cause, level: state, evidence: EVIDENCE }];
  await pool.query(
    `insert into health_sources (data_source_id, state, findings, probed_at, measures) values ($1, $2, $3, now() - $4::interval, '{"connect_ms": 4}')
     on conflict (data_source_id) do update set state = excluded.state, findings = excluded.findings, probed_at = excluded.probed_at`,
    [source.id, state, JSON.stringify(findings), age],
  );
  await pool.query(
    `insert into health_changes (data_source_id, from_state, to_state, findings) values ($1, 'healthy', $2, $3)`,
    [source.id, state, JSON.stringify(findings)],
  );
}

async function statusAt(address: string) {
  const api = await fetch(`${url}${address}/api/service-status`);
  const page = await fetch(`${url}${address}/status`, { headers: { 'accept-language': 'de' } });
  return { answer: await api.json(), page: await page.text() };
}

async function operatorCookie(name: string): Promise<string> {
  const email = `${name}@marquee.example`;
  const { code } = await serving.addOperator(email, 'support');
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD, code: code() }),
  });
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

test('a company’s page says what its users notice, without names, hosts or causes', async () => {
  await setHealth('unhealthy', 'server_unreachable');
  const { answer, page } = await statusAt('/t/a');
  assert.equal(answer.company, 'Company a');
  assert.equal(answer.service, 'working');
  assert.equal(answer.database.state, 'unhealthy');
  assert.equal(answer.database.incidents[0].to, null);
  assert.match(page, /<html lang="de">/);
  assert.match(page, /Ihre Daten sind zurzeit nicht erreichbar/);
  for (const text of [page, JSON.stringify(answer)]) {
    for (const hidden of [
      'shared',
      'secret_slot',
      '10.0.0.7',
      'Company b',
      source.id,
      tenantIds.a,
      'unreachable',
    ])
      assert.ok(!text.includes(hidden), hidden);
  }
});

test('what users do not notice is no incident', async () => {
  await pool.query('delete from health_changes');
  await setHealth('degraded', 'slot_retains_wal');
  const { answer } = await statusAt('/t/a');
  assert.deepEqual(answer.database, { state: 'healthy', incidents: [] });
});

test('without a company the page says how all are together, and names none', async () => {
  await setHealth('degraded', 'slow');
  const { answer, page } = await statusAt('');
  assert.deepEqual([answer.company, answer.database], [null, { state: 'degraded', incidents: [] }]);
  assert.doesNotMatch(page, /Company|shared/);
});

test('a state that is not known is not called healthy', async () => {
  await setHealth('healthy', '', '10 min');
  assert.equal((await statusAt('/t/a')).answer.database.state, 'unknown');
});

test('operators read states, causes, next steps and history; users of companies do not', async () => {
  await setHealth('unhealthy', 'sign_in_refused');
  const cookie = await operatorCookie('ops');
  const read = async (path: string, as: string) => {
    const response = await fetch(`${url}${path}`, { headers: { cookie: as } });
    return { status: response.status, body: await response.json() };
  };
  const { status, body } = await read('/api/operator/health', cookie);
  assert.equal(status, 200, JSON.stringify(body));
  const [shown] = body.sources;
  assert.deepEqual(
    [shown.name, shown.state, shown.findings[0].cause],
    ['shared', 'unhealthy', 'sign_in_refused'],
  );
  assert.match(shown.findings[0].nextStep, /rotate-password/);
  const one = await read('/api/operator/health/shared?hours=24', cookie);
  assert.equal(one.body.changes[0].to, 'unhealthy');
  assert.deepEqual(one.body.samples, []);
  assert.equal((await read('/api/operator/health/none', cookie)).status, 404);
  const owner = await serving.cookieOf('a', 'owner@a.example');
  assert.equal((await read('/t/a/api/operator/health', owner)).status, 403);
  assert.equal((await read('/api/operator/health', '')).status, 401);
});

test('the state is a metric', async () => {
  const text = await (await fetch(`${url}/metrics`)).text();
  assert.match(text, new RegExp(`marquee_health_state\\{data_source="${source.id}"\\} 2`));
  assert.match(text, /marquee_health_measure\{data_source="[^"]+",measure="connect_ms"\} 4/);
});
