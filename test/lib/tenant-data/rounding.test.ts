// Money is rounded in one place in SQL and one in TypeScript, by the tenant's rule, and both say the same.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ROUNDING_RULES, roundMoney } from '@/lib/money';
import { add, addAccount, addDeal } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, owner } = database;

const setRule = (query: Query, rule: string) =>
  query(
    `insert into tenant_settings (key, value) values ('rounding', to_jsonb($1::text))
     on conflict (tenant_id, key) do update set value = excluded.value`,
    [rule],
  );

test('the database and the browser round every amount alike', async () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }), fc.integer({ min: 0, max: 6 }))
    .map(([units, scale]) => {
      const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
      const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      return units < 0n ? `-${text}` : text;
    });
  const tie = fc.bigInt({ min: -1000n, max: 1000n }).map((whole) => `${whole}.5`);
  const amounts = fc.array(fc.oneof(decimal, tie), { minLength: 200, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(
      amounts,
      fc.constantFrom(...ROUNDING_RULES),
      fc.constantFrom(1, 0.01),
      async (all, rule, factor) => {
        const { rows } = await owner.query<{ rounded: string }>(
          'select tenancy.round_money(a, $3, $2)::text as rounded from unnest($1::numeric[]) with ordinality u (a, n) order by n',
          [all, rule, factor === 1 ? 1 : 100],
        );
        assert.deepEqual(
          all.map((amount) => roundMoney(amount, rule, factor) + 0),
          rows.map(({ rounded }) => Number(rounded) + 0),
        );
      },
    ),
    { numRuns: 12 },
  );
});

test('each rule rounds ties its own way, and never by a binary neighbour', () => {
  const cases: [number | string, ...number[]][] = [
    // half_up, half_even, down
    [2.5, 3, 2, 2],
    [3.5, 4, 4, 3],
    [-2.5, -3, -2, -2],
    ['0.5000000000000000000001', 1, 1, 0],
    [2.4, 2, 2, 2],
    [2.6, 3, 3, 2],
    [1e21, 1e21, 1e21, 1e21],
    [5e-7, 0, 0, 0],
  ];
  for (const [amount, ...expected] of cases)
    assert.deepEqual(
      ROUNDING_RULES.map((rule) => roundMoney(amount, rule) + 0),
      expected,
      String(amount),
    );
  // 1.005 × 100 is 100.49999999999999 in binary.
  assert.equal(roundMoney(1.005, 'half_up', 100), 101);
  assert.throws(() => roundMoney('twelve'), SyntaxError);
});

/** A draft quote of one cent's half: 1.5 × 1, 5 % of 1,010, and 10 % tax of what is left. */
async function addQuote(query: Query): Promise<string> {
  const { deal } = await addDeal(query);
  const quote = await add(query, 'quotes', {
    opportunity_id: deal,
    deposit_type: 'percent',
    deposit_value: 50,
  });
  await add(query, 'quote_line_items', {
    quote_id: quote,
    item_type: 'custom',
    name: 'Half',
    quantity: 2.5,
    unit_price: 1,
    tax_rate: 0,
  });
  await add(query, 'quote_line_items', {
    quote_id: quote,
    item_type: 'custom',
    name: 'Taxed',
    unit_price: 25,
    tax_rate: 10,
  });
  return quote;
}

const figures = async (query: Query, quote: string) => {
  const [row] = await query<Record<string, unknown>>(
    `select subtotal::int, tax::int, total::int, rounding, (payment_schedule -> 0 ->> 'amount')::int as deposit, taxes from quotes where id = $1`,
    [quote],
  );
  return row;
};

test('a tenant’s rule is in lines, taxes and deposits; drafts follow it, what was sent keeps its own', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const [sent, draft] = [await addQuote(query), await addQuote(query)];
    const taxes = (tax: number) => [{ name: 'Tax', rate: 10, net: 25, tax }];
    const halfUp = { subtotal: 28, tax: 3, total: 31, rounding: 'half_up', deposit: 16, taxes: taxes(3) };
    assert.deepEqual(await figures(query, sent), halfUp);
    await query("update quotes set status = 'sent' where id = $1", [sent]);
    await setRule(query, 'half_even');
    assert.deepEqual(await figures(query, draft), {
      subtotal: 27,
      tax: 2,
      total: 29,
      rounding: 'half_even',
      deposit: 14,
      taxes: taxes(2),
    });
    await setRule(query, 'down');
    assert.deepEqual(await figures(query, draft), {
      subtotal: 27,
      tax: 2,
      total: 29,
      rounding: 'down',
      deposit: 14,
      taxes: taxes(2),
    });
    assert.deepEqual(await figures(query, sent), halfUp);
  });
  await assert.rejects(
    as({ tenant }, (query) => setRule(query, 'up')),
    sqlState('PT400'),
  );
});

test('an invoice asks for what was accepted, whatever the rule and the exemption of the account are since', async () => {
  const of = (query: Query, table: string, id: string) =>
    query(
      `select subtotal::int, discount::int, tax::int, total::int, rounding, taxes from ${table} where id = $1`,
      [id],
    );
  for (const wasExempt of [false, true]) {
    const tenant = await addTenant(database);
    await as({ tenant }, async (query) => {
      const account = await addAccount(query);
      const { deal } = await addDeal(query, { account_id: account });
      const exempt = (is: boolean) =>
        query('update accounts set tax_exempt = $2 where id = $1', [account, is]);
      await exempt(wasExempt);
      const quote = await add(query, 'quotes', {
        opportunity_id: deal,
        discount_type: 'amount',
        discount_value: 1,
      });
      for (const row of [
        { quantity: 2.5, unit_price: 1, tax_rate: 10 },
        { unit_price: 25, tax_rate: 10 },
        { unit_price: 25, tax_rate: 20 },
        { unit_price: 100, tax_rate: 10, optional: true },
      ])
        await add(query, 'quote_line_items', { quote_id: quote, item_type: 'custom', name: 'x', ...row });
      await query("update quotes set status = 'sent' where id = $1", [quote]);
      await setRule(query, 'down');
      await exempt(!wasExempt);
      // The client adds the extra: what was offered is still what counts.
      await query("select fix_offer($1, repeat('a', 64))", [quote]);
      await query(
        `select choose_extras(q.id, array(select l.id from quote_line_items l where l.quote_id = q.id and l.optional), q.content_sha256)
         from quotes q where q.id = $1`,
        [quote],
      );
      await query("select accept_quote($1, 'Ada')", [quote]);
      const [invoice] = await query<{ id: string }>('select id from invoice_from_quote($1)', [quote]);
      const accepted = await of(query, 'quotes', quote);
      assert.equal(accepted[0]?.rounding, 'half_up');
      assert.equal(accepted[0]?.tax !== 0, !wasExempt);
      const id = invoice?.id ?? '';
      assert.deepEqual(await of(query, 'invoices', id), accepted);
      await setRule(query, 'half_even');
      await exempt(wasExempt);
      await exempt(!wasExempt);
      assert.deepEqual(await of(query, 'invoices', id), accepted);
      await query("update invoices set status = 'sent' where id = $1", [id]);
      assert.deepEqual(await of(query, 'invoices', id), accepted);
    });
  }
});

test('a discount that cannot be divided evenly leaves an invoice the taxes of its quote', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    // The lines of each have ids of their own: one cent goes to either line.
    for (let at = 0; at < 8; at += 1) {
      const { deal } = await addDeal(query);
      const quote = await add(query, 'quotes', {
        opportunity_id: deal,
        discount_type: 'amount',
        discount_value: 1,
      });
      for (const tax_rate of [0, 100])
        await add(query, 'quote_line_items', {
          quote_id: quote,
          item_type: 'custom',
          name: 'x',
          unit_price: 50,
          tax_rate,
        });
      await query("update quotes set status = 'sent' where id = $1", [quote]);
      await query("select accept_quote($1, 'Ada')", [quote]);
      const totals = await query(
        'select q.total as accepted, i.total as invoiced from quotes q cross join lateral invoice_from_quote(q.id) i where q.id = $1',
        [quote],
      );
      assert.equal(totals[0]?.invoiced, totals[0]?.accepted);
    }
  });
});

test('no function but round_money rounds money', async () => {
  const { rows } = await owner.query<{ name: string; text: string }>(
    `select p.oid::regprocedure::text as name, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as text from pg_proc p
     where p.pronamespace in ('public'::regnamespace, 'tenancy'::regnamespace) order by 1`,
  );
  const others = /\b(round|ceil|ceiling|floor|trunc)\s*\(/i;
  const rounding = rows.filter(({ text }) => others.test(text.replace(/--.*/g, '')));
  assert.deepEqual(
    rounding.map(({ name }) => name.replace(/\(.*/, '')).filter((name) => !NO_MONEY.includes(name)),
    [],
    'use tenancy.round_money, or say in NO_MONEY that no amount is rounded',
  );
});

test('no other file of TypeScript rounds an amount', async () => {
  const source = path.resolve(import.meta.dirname, '../../../src');
  const found: string[] = [];
  for await (const file of glob(
    '{web/crm,web/ui,web/client,web/hooks,lib/crm,server/api,server/client}/**/*.{ts,tsx}',
    { cwd: source },
  ))
    for (const line of (await readFile(path.join(source, file), 'utf8')).split('\n'))
      if (
        /Math\.round\(|\.toFixed\(/.test(line) &&
        /amount|minor|scale|price|value|percent|money|total/i.test(line) &&
        !/hours|days/i.test(line)
      )
        found.push(`${file}: ${line.trim()}`);
  assert.deepEqual(found.sort(), []);
});

/** Percentages, hours, days, numbers of items, and whether a value is whole. */
const NO_MONEY = [
  'conversion_report',
  'crew_shift_pay',
  'discount_percent',
  'event_profit',
  'tenancy.readiness_of',
  'profit_by_event',
  'tenancy.add_designs',
  'tenancy.read_plan',
  'tenancy.promises_of',
];
