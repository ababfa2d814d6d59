// Sales may give discounts up to the company's limit. A larger one needs a manager, in whatever way it is given.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addDeal, unique } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();
const SALES = '00000000-0000-4000-8000-00000000005a';
const MANAGER = '00000000-0000-4000-8000-0000000000aa';
const sales = <T>(work: (query: Query) => Promise<T>) => as({ tenant, role: 'sales', userId: SALES }, work);
const manager = <T>(work: (query: Query) => Promise<T>) =>
  as({ tenant, role: 'manager', userId: MANAGER }, work);

/** A draft of a 1,000.00 package, by sales; `line` and `quote` change it. */
async function draft(line: Record<string, unknown> = {}, quote: Record<string, unknown> = {}) {
  const item = await manager((query) =>
    add(query, 'packages', { name: unique('Package'), base_price: 100_000 }),
  );
  return sales(async (query) => {
    const { deal } = await addDeal(query);
    const id = await add(query, 'quotes', { opportunity_id: deal, ...quote });
    await add(query, 'quote_line_items', {
      quote_id: id,
      item_type: 'package',
      package_id: item,
      name: 'Booth',
      unit_price: 100_000,
      ...line,
    });
    return id;
  });
}
const send = (id: string) => (query: Query) => query("update quotes set status = 'sent' where id = $1", [id]);
const percentOf = (id: string) =>
  sales(async (query) => {
    const [row] = await query<{ percent: string }>(
      'select discount_percent(q)::float8::text as percent from quotes q where id = $1',
      [id],
    );
    return row?.percent;
  });
const refused = (work: Promise<unknown>) =>
  assert.rejects(work, (error: { code: string; message: string }) => {
    assert.equal(error.code, 'PT403');
    assert.match(error.message, /discount of the quote is [\d.]+%; your limit is \d+%/);
    return true;
  });

test('sales sends what is within the limit, however it is put together', async () => {
  const id = await draft(
    { discount_type: 'percent', discount_value: 10 },
    { discount_type: 'amount', discount_value: 10_000 },
  );
  assert.equal(await percentOf(id), '20');
  await sales(send(id));
});

for (const [what, line, quote, percent] of [
  ['a discount on the line', { discount_type: 'percent', discount_value: 25 }, {}, '25'],
  ['a discount on the document', {}, { discount_type: 'percent', discount_value: 20.01 }, '20.01'],
  ['a lower price than the catalogue’s', { unit_price: 70_000 }, {}, '30'],
  [
    'all of them',
    { unit_price: 90_000, discount_type: 'percent', discount_value: 10 },
    { discount_type: 'percent', discount_value: 10 },
    '27.1',
  ],
] as const) {
  test(`past the limit by ${what}: sales is refused, a manager is not`, async () => {
    const id = await draft(line, quote);
    assert.equal(await percentOf(id), percent);
    await refused(sales(send(id)));
    await manager(send(id));
  });
}

test('a line of discount counts, and so does one that comes with the sending', async () => {
  const id = await draft();
  await sales((query) =>
    add(query, 'quote_line_items', {
      quote_id: id,
      item_type: 'discount',
      name: 'Friends',
      unit_price: -30_000,
    }),
  );
  assert.equal(await percentOf(id), '30');
  await refused(sales(send(id)));
  const other = await draft();
  await refused(
    sales((query) =>
      query(
        "update quotes set status = 'sent', discount_type = 'percent', discount_value = 90 where id = $1",
        [other],
      ),
    ),
  );
});

test('an approval lets so much go out and no more, is a manager’s, and is not written by hand', async () => {
  const id = await draft({ discount_type: 'percent', discount_value: 30 });
  const approve = (query: Query) => query('select * from approve_discount($1)', [id]);
  await assert.rejects(sales(approve), sqlState('PT403'));
  await assert.rejects(
    sales((query) => query('update quotes set discount_approved = 100 where id = $1', [id])),
    sqlState('42501'),
  );
  const [approved] = await manager(approve);
  assert.deepEqual([Number(approved?.discount_approved), approved?.discount_approved_by], [30, MANAGER]);
  await sales((query) => query('update quote_line_items set discount_value = 31 where quote_id = $1', [id]));
  await refused(sales(send(id)));
  await sales((query) => query('update quote_line_items set discount_value = 30 where quote_id = $1', [id]));
  await sales(send(id));
  await assert.rejects(manager(approve), sqlState('PT409'));
  // A revision is approved anew.
  const [revised] = await sales((query) => query<{ id: string }>('select id from revise_quote($1)', [id]));
  await refused(sales(send(revised?.id ?? '')));
});

test('the company says how much; nonsense is refused', async () => {
  const id = await draft({ discount_type: 'percent', discount_value: 15 });
  const limit = (value: string) =>
    as({ tenant, role: 'owner' }, (query) =>
      query(
        "insert into tenant_settings (key, value) values ('max_discount_percent', $1) on conflict (tenant_id, key) do update set value = excluded.value",
        [value],
      ),
    );
  for (const value of ['101', '-1', '"much"', '{}']) await assert.rejects(limit(value), sqlState('PT400'));
  await limit('10');
  await refused(sales(send(id)));
  await limit('15');
  await sales(send(id));
});

test('the client’s acceptance and trusted code are not held up', async () => {
  const id = await draft({ discount_type: 'percent', discount_value: 50 });
  await as({ tenant }, send(id));
  await sales((query) => query("select * from accept_quote($1, 'Ada')", [id]));
});
