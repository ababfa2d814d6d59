// A month's bills in a real operations database: entered, corrected, allocated, compared, exported, and watched by budgets.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { decimalAmount } from '@/lib/money';
import {
  type AllocatedBill,
  addBill,
  changeSetting,
  changesBetween,
  checkBudgets,
  correctBill,
  focusCsv,
  listBills,
  planPrices,
  readBudgets,
  readConsumption,
  readMonthCosts,
  removeBudget,
  setBudget,
  tenantCosts,
  thinUsage,
  totalsOf,
} from '@/lib/usage';
import { openTestOperationsDatabase } from '../../operations/operations-database';

const { operations } = await openTestOperationsDatabase();
const { pool } = operations;
const by = 'cli:test';
/** Ids in the order of their names. */
const [a, b] = [randomUUID(), randomUUID()].sort() as [string, string];

/** Each test has months of its own. */
let year = 2030;
const newYear = () => {
  year += 1;
  return year;
};

async function use(
  tenantId: string,
  place: string,
  startsAt: string,
  of: { storage?: number; seconds?: number },
): Promise<void> {
  await pool.query(
    `insert into usage_buckets (tenant_id, place, starts_at, storage_byte_hours, sampled_hours, query_us, connection_us, bytes_in)
     values ($1, $2, $3, $4, 1, $5, $5, $5)`,
    [tenantId, place, startsAt, of.storage ?? 0, (of.seconds ?? 0) * 1e6],
  );
}

const bill = (target: string, month: string, amount: bigint, currency = 'USD') =>
  addBill(pool, { target, month, amount, currency, by });
const shown = ({ parts, currency }: AllocatedBill) =>
  Object.fromEntries(
    parts.map((part) => [
      part.kind === 'tenant' ? ({ [a]: 'a', [b]: 'b' }[part.tenantId] ?? part.tenantId) : part.kind,
      decimalAmount(part.amount, currency),
    ]),
  );

test('a tenant that moves within a month pays its part of both data sources’ bills', async () => {
  const month = `${newYear()}-11`;
  const [main, second] = [randomUUID(), randomUUID()];
  await use(a, main, `${month}-01T00:00Z`, { storage: 100, seconds: 10 });
  await use(b, main, `${month}-01T00:00Z`, { storage: 100, seconds: 10 });
  await use(a, second, `${month}-20T00:00Z`, { storage: 50, seconds: 5 });
  // The next month's.
  await use(a, main, `${year}-12-01T00:00Z`, { storage: 1e6 });
  await bill(main, month, 10_001n);
  await bill(second, month, 5_000n);
  const { bills } = await readMonthCosts(pool, month);
  assert.deepEqual(
    bills.map((one) => [one.target, shown(one)]).sort(),
    [
      [main, { a: '50.01', b: '50.00' }],
      [second, { a: '50.00' }],
    ].sort(),
  );
  assert.deepEqual(
    tenantCosts(bills).map(({ tenantId, amount }) => [tenantId, amount]),
    [
      [a, 10_001n],
      [b, 5_000n],
    ],
  );
});

test('corrections are entries of the difference, and the month is allocated anew', async () => {
  const month = `${newYear()}-03`;
  const place = randomUUID();
  await use(a, place, `${month}-05T10:00Z`, { storage: 1, seconds: 1 });
  const { id } = await bill(place, month, 10_000n);
  const lower = { amount: () => 8_000n, by };
  assert.equal((await correctBill(pool, id.slice(0, 13), lower)).amount, -2_000n);
  await assert.rejects(correctBill(pool, id, lower), { code: 'bill_invalid' });
  assert.equal((await correctBill(pool, id, { amount: () => 8_500n, by })).amount, 500n);
  await assert.rejects(correctBill(pool, randomUUID(), lower), { code: 'bill_unknown' });
  assert.deepEqual(
    (await listBills(pool, month)).map(({ amount, corrects }) => [amount, corrects]),
    [
      [10_000n, null],
      [-2_000n, id],
      [500n, id],
    ],
  );
  const [allocated] = (await readMonthCosts(pool, month)).bills;
  assert.deepEqual(allocated && [allocated.amount, shown(allocated)], [8_500n, { a: '85.00' }]);

  await assert.rejects(setBudget(pool, { tenantId: a, amount: 0n, currency: 'USD' }, by), {
    code: 'bill_invalid',
  });
  const atOnce = await Promise.allSettled([1, 2, 3].map(() => correctBill(pool, id, lower)));
  assert.deepEqual(atOnce.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
  const [corrected] = (await readMonthCosts(pool, month)).bills;
  assert.equal(corrected?.amount, 8_000n, 'corrections at the same time are one');
});

test('bills of nothing, credits, yen, months without use: each sums to its bill', async () => {
  const month = `${newYear()}-07`;
  const [used, unused] = [randomUUID(), randomUUID()];
  for (const [tenant, storage] of [
    [a, 1],
    [b, 2],
  ] as const)
    await use(tenant, used, `${month}-01T00:00Z`, { storage, seconds: storage });
  await bill(used, month, 100n, 'JPY');
  await bill(used, month, 0n, 'EUR');
  await bill(used, month, -1_000n, 'USD');
  await bill(unused, month, 777n, 'USD');
  const { bills } = await readMonthCosts(pool, month);
  const parts = Object.fromEntries(
    bills.map((one) => [`${one.target === used ? 'used' : 'unused'} ${one.currency}`, shown(one)]),
  );
  assert.deepEqual(parts, {
    'used JPY': { a: '33', b: '67' },
    'used EUR': { a: '0.00', b: '0.00' },
    'used USD': { a: '-3.33', b: '-6.67' },
    'unused USD': { idle: '7.77' },
  });
  assert.deepEqual(
    totalsOf(bills)
      .map(({ currency, total, tenants, shared, idle }) => [currency, total, tenants + shared + idle])
      .sort(),
    [
      ['EUR', 0n, 0n],
      ['JPY', 100n, 100n],
      ['USD', -223n, -223n],
    ],
  );
});

test('weights hold from their month on; shared storage and unused capacity are lines of their own', async () => {
  const place = randomUUID();
  const [before, after] = [`${newYear()}-01`, `${year}-02`];
  for (const month of [before, after]) {
    await use(a, place, `${month}-01T00:00Z`, { storage: 60, seconds: 1 });
    await use(b, place, `${month}-01T00:00Z`, { storage: 20, seconds: 3 });
    await pool.query('insert into usage_shared_storage values ($1, $2::date, 20, 1, $2::date)', [
      place,
      `${month}-01`,
    ]);
    await bill(place, month, 10_000n);
  }
  const set = (name: 'weights' | `capacity:${string}`, value: object) =>
    changeSetting(pool, { name, value, since: after, by });
  await set('weights', { storage: 1 });
  await set(`capacity:${place}`, { storageBytes: 200 });
  const [[first], [second]] = [
    (await readMonthCosts(pool, before)).bills,
    (await readMonthCosts(pool, after)).bills,
  ];
  // 40 points by storage (60 : 20 : 20), 60 by time (1 : 3).
  assert.deepEqual(first && shown(first), { a: '39.00', b: '53.00', shared: '8.00' });
  assert.deepEqual(second && shown(second), { a: '30.00', b: '10.00', shared: '10.00', idle: '50.00' });
  await assert.rejects(set('weights', { storage: 0 }), { code: 'cost_settings_invalid' });
  await assert.rejects(set('weights', { gold: 1 }), { code: 'cost_settings_invalid' });
});

test('what changed since the month before, by other bills and by other use', async () => {
  const place = randomUUID();
  const [before, now] = [`${newYear()}-04`, `${year}-05`];
  await use(a, place, `${before}-01T00:00Z`, { storage: 1, seconds: 1 });
  await use(b, place, `${before}-01T00:00Z`, { storage: 1, seconds: 1 });
  await bill(place, before, 10_000n);
  await use(a, place, `${now}-01T00:00Z`, { storage: 3, seconds: 3 });
  await use(b, place, `${now}-01T00:00Z`, { storage: 1, seconds: 1 });
  await bill(place, now, 12_000n);
  const [was, is] = [await readMonthCosts(pool, before), await readMonthCosts(pool, now)];
  assert.deepEqual(
    changesBetween(was.bills, is.bills).map(({ tenantId, before: from, now: to, byBills, byUse }) => [
      tenantId,
      from,
      to,
      byBills,
      byUse,
    ]),
    [
      [a, 5_000n, 9_000n, 1_000n, 3_000n],
      [b, 5_000n, 3_000n, 1_000n, -3_000n],
    ],
  );
});

test('prices pay for what is shared and idle, too, and leave the margin', async () => {
  const place = randomUUID();
  const month = `${newYear()}-06`;
  await use(a, place, `${month}-01T00:00Z`, { storage: 3, seconds: 3 });
  await use(b, place, `${month}-01T00:00Z`, { storage: 1, seconds: 1 });
  await bill(place, month, 8_000n);
  await bill('mail', month, 2_001n);
  const { bills } = await readMonthCosts(pool, month);
  const [prices] = planPrices(bills, 0.75);
  assert.deepEqual(prices?.tenants, [
    { tenantId: a, cost: 7_501n, price: 30_004n },
    { tenantId: b, cost: 2_500n, price: 10_000n },
  ]);
  assert.equal(prices?.flat, 20_004n);
  for (const margin of [Number.NaN, -1, 1])
    assert.throws(() => planPrices(bills, margin), { code: 'cost_settings_invalid' });
});

test('the CSV has the columns of FOCUS, and its billed cost sums to the bills', async () => {
  const month = `${newYear()}-11`;
  const place = randomUUID();
  await use(a, place, `${month}-01T00:00Z`, { storage: 1, seconds: 1 });
  await use(b, place, `${month}-01T00:00Z`, { storage: 2, seconds: 1 });
  await bill(place, month, 10_003n);
  await bill('files', month, 500n);
  const costs = await readMonthCosts(pool, month);
  const csv = focusCsv(costs, {
    tenant: (id) => (id === a ? '=Company "A"' : 'B'),
    target: (id) => ({ name: id === place ? 'main' : id, region: id === place ? 'eu-central-1' : null }),
  });
  const rows: Record<string, string>[] = parse(csv, { columns: true });
  assert.equal(
    rows.reduce((sum, { BilledCost = '0' }) => sum + Math.round(Number(BilledCost) * 100), 0),
    10_503,
  );
  const [first] = rows;
  assert.deepEqual(
    [
      first?.BillingPeriodStart,
      first?.ChargePeriodEnd,
      first?.BillingCurrency,
      first?.RegionId,
      first?.ServiceCategory,
    ],
    [`${month}-01T00:00:00Z`, `${year}-12-01T00:00:00Z`, 'USD', 'eu-central-1', 'Databases'],
  );
  const idle = rows.find(({ ServiceName }) => ServiceName === 'files');
  assert.deepEqual(
    [idle?.SubAccountId, idle?.Tags, idle?.ChargeDescription],
    ['', '{"marquee/part":"idle"}', 'Not used: where files lie'],
  );
});

test('a budget raises one alert when it is nearly used up, another when it is, and none once it suffices', async () => {
  const month = `${newYear()}-11`;
  const place = randomUUID();
  // Half of the month is over, and its bill has not come: half of the last one is what it cost so far.
  const now = new Date(`${month}-16T00:00:00Z`);
  await use(a, place, `${month}-01T00:00Z`, { storage: 1, seconds: 1 });
  await bill(place, `${year}-10`, 10_000n);
  const check = () => checkBudgets(pool, { channels: [], nameOf: () => 'company', now });
  const alerts = async () => {
    const { rows } = await pool.query<{ rule: string; open: boolean }>(
      'select rule, acknowledged_at is null open from alerts where tenant_id = $1 order by raised_at, rule',
      [a],
    );
    return rows.map(({ rule, open }) => `${rule} ${open ? 'open' : 'over'}`);
  };
  const budget = (amount: bigint) => setBudget(pool, { tenantId: a, amount, currency: 'USD' }, by);
  await budget(20_000n);
  assert.deepEqual(await check(), { near: 0, over: 0 });
  await budget(6_000n);
  await check();
  await check();
  assert.deepEqual(await alerts(), ['tenant-near-budget open']);
  assert.equal((await readBudgets(pool, now))[0]?.spent, 5_000n);
  await budget(4_000n);
  await Promise.all([check(), check()]);
  assert.deepEqual(await alerts(), ['tenant-near-budget over', 'tenant-over-budget open']);
  assert.equal(await removeBudget(pool, a), true);
  assert.deepEqual(await alerts(), ['tenant-near-budget over', 'tenant-over-budget over']);
});

test('old hours become days, and no sum changes', async () => {
  const month = `${newYear()}-02`;
  const place = randomUUID();
  for (const hour of ['01T00', '01T23', '02T00'])
    await use(a, place, `${month}-${hour}:00Z`, { storage: 5, seconds: 2 });
  const period = { from: new Date(`${month}-01T00:00Z`), to: new Date(`${year}-03-01T00:00Z`) };
  const daily = () => readConsumption(pool, { ...period, granularity: 'daily', place });
  const before = await daily();
  const now = new Date(`${year}-06-01T00:00Z`);
  await thinUsage(pool, now);
  await Promise.all([thinUsage(pool, now), thinUsage(pool, now)]);
  assert.deepEqual(await daily(), before);
  const { rows } = await pool.query(
    'select seconds, count(*)::int from usage_buckets where place = $1 group by 1',
    [place],
  );
  assert.deepEqual(rows, [{ seconds: 86_400, count: 2 }]);
});
