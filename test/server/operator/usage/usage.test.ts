// Usage and cost over the operator's API: counted by real requests, paged, allocated, exported; and who may change what.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../../../support/until';
import { PASSWORD, startServing } from '../../serving';

const serving = await startServing();
const { url, operations, tenantIds, manager } = serving;

async function signIn(name: string, role: 'engineer' | 'support'): Promise<string> {
  const email = `${name}@marquee.example`;
  const { code } = await serving.addOperator(email, role);
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD, code: code() }),
  });
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

let [engineer, support] = ['', ''];
before(async () => {
  [engineer, support] = [await signIn('ada', 'engineer'), await signIn('sue', 'support')];
});

async function call<T>(cookie: string, path: string, body?: object): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}/api/operator/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { cookie, origin: url, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as T };
}

interface Page {
  asOf: string;
  tenants: {
    id: string;
    subdomain: string;
    consumption: { source: string; statements: number; rows: number; egressBytes: number; start: string }[];
  }[];
  next: string | null;
}

const month = new Date().toISOString().slice(0, 7);

test('requests count for their tenant: rows at the data source, bytes of answers at the platform', async () => {
  const client = await serving.supabase('a', 'owner@a.example');
  const { data } = await client.from('accounts').select('name');
  assert.equal(data?.length, 2);
  const used = await until(async () => {
    await manager.flushUsage();
    const { body } = await call<Page>(engineer, `usage?granularity=monthly&tenant=${tenantIds.a}`);
    const consumption = body.tenants[0]?.consumption ?? [];
    return consumption.some(({ egressBytes }) => egressBytes > 0) && body;
  });
  assert.equal(used.tenants[0]?.subdomain, 'a');
  const at = (source: string) => used.tenants[0]?.consumption.find((one) => one.source === source);
  assert.ok((at('shared')?.rows ?? 0) >= 2 && (at('shared')?.statements ?? 0) >= 1);
  assert.ok((at('platform')?.egressBytes ?? 0) > JSON.stringify(data).length);
  assert.ok(Date.now() - new Date(used.asOf).getTime() < 15 * 60_000);
});

test('messages of live changes count, too', async () => {
  const client = await serving.supabase('a', 'owner@a.example');
  const sent = async () => {
    await manager.flushUsage();
    const { body } = await call<Page>(engineer, `usage?granularity=monthly&tenant=${tenantIds.a}`);
    const consumption = body.tenants[0]?.consumption ?? [];
    return consumption.find(({ source }) => source === 'platform')?.egressBytes ?? 0;
  };
  const before = await sent();
  const channel = client.channel('egress', { config: { broadcast: { self: true } } });
  const heard = new Promise((resolve) => channel.on('broadcast', { event: 'note' }, resolve));
  await new Promise((resolve) => channel.subscribe((state) => state === 'SUBSCRIBED' && resolve(state)));
  await channel.send({ type: 'broadcast', event: 'note', payload: { text: 'x'.repeat(20_000) } });
  await heard;
  assert.ok((await sent()) - before >= 20_000);
  await client.removeAllChannels();
});

test('tenants come page by page; a period that is too long or none is refused', async () => {
  await (await serving.supabase('b', 'owner@b.example')).from('accounts').select('name');
  await manager.flushUsage();
  const seen: string[] = [];
  let next: string | null = '';
  for (let pages = 0; next !== null && pages < 5; pages += 1) {
    const { body }: { body: Page } = await call<Page>(
      engineer,
      `usage?granularity=hourly&limit=1${next && `&after=${next}`}`,
    );
    assert.ok(body.tenants.length <= 1);
    seen.push(...body.tenants.map(({ id }) => id));
    next = body.next;
  }
  assert.deepEqual(seen, Object.values(tenantIds).sort());
  for (const wrong of [
    'granularity=hourly&from=2020-01-01&to=2020-01-02',
    'granularity=daily&from=2026-01-01&to=2026-12-01',
    'from=yesterday',
    'from=2026-02-02&to=2026-02-01',
  ]) {
    const { status, body } = await call<{ code: string }>(engineer, `usage?${wrong}`);
    assert.deepEqual([status, body.code], [422, 'usage_period_invalid'], wrong);
  }
});

test('the statements of a tenant are shown without values', async () => {
  await manager.execute(tenantIds.a, { text: "select 'secret', pg_sleep(0.05)", values: [] });
  await manager.flushUsage();
  const { body } = await call<{ statements: { statement: string }[] }>(
    support,
    `usage/${tenantIds.a}/statements?month=${month}`,
  );
  assert.ok(body.statements.some(({ statement }) => statement === 'select ?, pg_sleep(?)'));
  assert.ok(!JSON.stringify(body).includes('secret'));
});

interface Costs {
  totals: { total: string; tenants: string; shared: string; idle: string; currency: string }[];
  bills: {
    source: string;
    amount: string;
    parts: { kind: string; tenant: string | null; amount: string }[];
  }[];
  changes: { tenant: string | null; change: string }[];
}

test('a bill is entered by those who may, and its parts sum to it, in the answer and in the CSV', async () => {
  const bill = { source: 'shared', month, amount: '100.01', currency: 'EUR' };
  assert.equal((await call(support, 'cost/bills', bill)).status, 403);
  for (const wrong of [
    { amount: '1.001' },
    { currency: 'XXQ' },
    { month: '2026-13' },
    { source: 'nowhere' },
  ]) {
    const { status } = await call(engineer, 'cost/bills', { ...bill, ...wrong });
    assert.ok(status === 422 || status === 404, `${status} ${JSON.stringify(wrong)}`);
  }
  assert.equal((await call(engineer, 'cost/bills', bill)).status, 201);
  const { body } = await call<Costs>(support, `cost?month=${month}`);
  const cents = (amount: string) => Math.round(Number(amount) * 100);
  const [shown] = body.bills;
  assert.deepEqual([shown?.source, shown?.amount], ['shared', '100.01']);
  assert.equal(
    shown?.parts.reduce((sum, { amount }) => sum + cents(amount), 0),
    10_001,
  );
  assert.ok(shown?.parts.some(({ tenant }) => tenant === 'a'));
  assert.ok(body.changes.some(({ tenant, change }) => tenant === 'a' && cents(change) > 0));
  const csv = await fetch(`${url}/api/operator/cost/focus.csv?month=${month}`, {
    headers: { cookie: support },
  });
  const [head = '', ...lines] = (await csv.text()).trim().split('\r\n');
  assert.match(head, /^BilledCost,BillingAccountId,/);
  assert.equal(
    lines.reduce((sum, line) => sum + cents(line.split(',')[0] ?? ''), 0),
    10_001,
  );
  const { rows } = await operations.pool.query('select entered_by ~ $1 by_a_person from usage_bills', [
    '^user:',
  ]);
  assert.deepEqual(rows, [{ by_a_person: true }]);
  const { body: months } = await call<{ months: { month: string; total: string }[] }>(support, 'cost/months');
  assert.deepEqual(
    months.months.map(({ month: of, total }) => [of, total]),
    [[month, '100.01']],
  );
});

test('people of companies see none of it', async () => {
  const cookie = await serving.cookieOf('a', 'owner@a.example');
  for (const path of ['usage', 'cost', 'cost/months', 'cost/focus.csv'])
    assert.equal((await fetch(`${url}/api/operator/${path}`, { headers: { cookie } })).status, 403, path);
});
