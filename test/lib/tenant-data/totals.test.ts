// No sequence of edits makes a total disagree with its lines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { add, addAccount } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();

interface Line {
  quantity: string;
  unit_price: number;
  discount_type: 'none' | 'percent' | 'amount';
  discount_value: number;
  taxable: boolean;
  tax_rate: number;
}

const line: fc.Arbitrary<Line> = fc.record({
  quantity: fc.integer({ min: 1, max: 50_000 }).map((thousandths) => (thousandths / 1000).toFixed(3)),
  unit_price: fc.integer({ min: 0, max: 1_000_000 }),
  discount_type: fc.constantFrom('none', 'percent', 'amount'),
  discount_value: fc.integer({ min: 0, max: 100 }),
  taxable: fc.boolean(),
  tax_rate: fc.constantFrom(0, 6, 7.25, 8.875, 21),
});

const documentDiscount = fc.oneof(
  fc.record({ type: fc.constant('none'), value: fc.constant(0) }),
  fc.record({ type: fc.constant('percent'), value: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ type: fc.constant('amount'), value: fc.integer({ min: 0, max: 2_000_000 }) }),
);

const edit = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), line }),
  fc.record({ kind: fc.constant('change' as const), at: fc.nat(), line }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('discount' as const), discount: documentDiscount }),
  fc.record({ kind: fc.constant('forge' as const) }),
);

/** The rule again, in another language: half-up in integers, largest remainder, tax once a rate. */
function expectedTotals(
  lines: readonly (Line & { id: string })[],
  discount: { type: string; value: number },
) {
  const half = (numerator: bigint, denominator: bigint) =>
    (2n * numerator + denominator) / (2n * denominator);
  const totals = lines.map((one) => {
    const gross = half(BigInt(Math.round(Number(one.quantity) * 1000)) * BigInt(one.unit_price), 1000n);
    const off =
      one.discount_type === 'percent'
        ? half(gross * BigInt(one.discount_value), 100n)
        : one.discount_type === 'amount'
          ? BigInt(one.discount_value)
          : 0n;
    return gross - (off < gross ? off : gross);
  });
  const subtotal = totals.reduce((sum, total) => sum + total, 0n);
  const wanted =
    discount.type === 'percent'
      ? half(subtotal * BigInt(discount.value), 100n)
      : discount.type === 'amount'
        ? BigInt(discount.value)
        : 0n;
  const deducted = wanted < subtotal ? wanted : subtotal;
  const shares = totals.map((total, index) => ({
    index,
    id: lines[index]?.id ?? '',
    rate: lines[index]?.taxable ? lines[index].tax_rate : Infinity,
    share: subtotal === 0n ? 0n : (deducted * total) / subtotal,
    remainder: subtotal === 0n ? 0n : (deducted * total) % subtotal,
  }));
  let left = deducted - shares.reduce((sum, { share }) => sum + share, 0n);
  for (const share of [...shares].sort((a, b) =>
    a.remainder !== b.remainder
      ? a.remainder > b.remainder
        ? -1
        : 1
      : a.rate !== b.rate
        ? b.rate - a.rate
        : a.id < b.id
          ? -1
          : 1,
  )) {
    if (left <= 0n) break;
    share.share += 1n;
    left -= 1n;
  }
  const byRate = new Map<number, bigint>();
  lines.forEach((one, index) => {
    if (!one.taxable) return;
    const net = (totals[index] ?? 0n) - (shares[index]?.share ?? 0n);
    byRate.set(one.tax_rate, (byRate.get(one.tax_rate) ?? 0n) + net);
  });
  let tax = 0n;
  for (const [rate, net] of byRate) tax += half(net * BigInt(Math.round(rate * 10_000)), 1_000_000n);
  return { subtotal, discount: deducted, tax, total: subtotal - deducted + tax };
}

async function addQuote(query: Query): Promise<string> {
  const [account] = await query<{ id: string }>("insert into accounts (name) values ('A') returning id");
  const [deal] = await query<{ id: string }>(
    "insert into opportunities (name, account_id) values ('D', $1) returning id",
    [account?.id],
  );
  const [quote] = await query<{ id: string }>(
    'insert into quotes (opportunity_id, account_id) values ($1, $2) returning id',
    [deal?.id, account?.id],
  );
  return quote?.id ?? '';
}

const COLUMNS = 'quantity, unit_price, discount_type, discount_value, taxable, tax_rate';
const values = (one: Line) => [
  one.quantity,
  one.unit_price,
  one.discount_type,
  one.discount_value,
  one.taxable,
  one.tax_rate,
];

async function addLine(query: Query, quote: string, one: Line): Promise<string> {
  const [row] = await query<{ id: string }>(
    `insert into quote_line_items (quote_id, item_type, name, ${COLUMNS}) values ($1, 'custom', 'x', $2, $3, $4, $5, $6, $7) returning id`,
    [quote, ...values(one)],
  );
  return row?.id ?? '';
}

async function totalsOf(query: Query, quote: string): Promise<Record<string, bigint>> {
  const [row] = await query<Record<string, string>>(
    'select subtotal, discount, tax, total from quotes where id = $1',
    [quote],
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, BigInt(value)]));
}

test('whatever is edited the totals are those of the lines, and no user can write them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 14 }), async (edits) => {
      await as({ tenant, role: 'sales' }, async (query) => {
        const quote = await addQuote(query);
        const lines: (Line & { id: string })[] = [];
        let discount = { type: 'none', value: 0 };
        for (const one of edits) {
          const at = 'at' in one && lines.length > 0 ? one.at % lines.length : -1;
          if (one.kind === 'add') {
            lines.push({ ...one.line, id: await addLine(query, quote, one.line) });
          } else if (one.kind === 'change' && at >= 0) {
            const id = lines[at]?.id ?? '';
            await query(`update quote_line_items set (${COLUMNS}) = ($2, $3, $4, $5, $6, $7) where id = $1`, [
              id,
              ...values(one.line),
            ]);
            lines[at] = { ...one.line, id };
          } else if (one.kind === 'remove' && at >= 0) {
            await query('delete from quote_line_items where id = $1', [lines[at]?.id]);
            lines.splice(at, 1);
          } else if (one.kind === 'discount') {
            discount = one.discount;
            await query('update quotes set discount_type = $2, discount_value = $3 where id = $1', [
              quote,
              discount.type,
              discount.value,
            ]);
          } else if (one.kind === 'forge') {
            await query('savepoint forging');
            await assert.rejects(
              query('update quotes set total = 1, tax = 1, subtotal = 1, discount = 1 where id = $1', [
                quote,
              ]),
              sqlState('42501'),
            );
            await query('rollback to savepoint forging');
          }
          assert.deepEqual(await totalsOf(query, quote), expectedTotals(lines, discount));
        }
      });
    }),
    { numRuns: 60 },
  );
});

test('tax is rounded once a rate, not once a line', async () => {
  // Ten lines of 5 cents at 10 %: 5 cents of tax in all; rounded line by line it would be 10.
  await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    const cent5: Line = {
      quantity: '1',
      unit_price: 5,
      discount_type: 'none',
      discount_value: 0,
      taxable: true,
      tax_rate: 10,
    };
    for (let index = 0; index < 10; index++) await addLine(query, quote, cent5);
    assert.deepEqual(await totalsOf(query, quote), { subtotal: 50n, discount: 0n, tax: 5n, total: 55n });
  });
});

test('half a cent is rounded up, by a published example', async () => {
  // https://developer.wafeq.com/reference/calculations-and-rounding: 45.30 at 5 % and 33.45 at 10 % make 5.62 of tax.
  await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    const base: Omit<Line, 'unit_price' | 'tax_rate'> = {
      quantity: '1',
      discount_type: 'none',
      discount_value: 0,
      taxable: true,
    };
    await addLine(query, quote, { ...base, unit_price: 4_530, tax_rate: 5 });
    await addLine(query, quote, { ...base, unit_price: 3_345, tax_rate: 10 });
    assert.equal((await totalsOf(query, quote)).tax, 562n);
  });
});

test('tax is what the Streamlined Sales and Use Tax Agreement’s rounding rule says, for every third decimal', async () => {
  // Section 324, e.g. Rhode Island § 44-18.1-25: carried to the third decimal place, rounded up when that is greater than four;
  // state and local rates together, for the invoice as a whole.
  const ruled = (cents: number, thousandths: bigint) => {
    const tenths = (BigInt(cents) * thousandths * 10n) / 100_000n;
    return tenths / 10n + (tenths % 10n > 4n ? 1n : 0n);
  };
  // In thousandths of a percent: New York City, Texas with local tax, Minnesota, Kansas.
  const rates = [8_875n, 8_250n, 6_875n, 6_500n];
  const seen = new Set<bigint>();
  await as({ tenant }, async (query) => {
    for (const rate of rates)
      for (const cents of [1, 6, 57, 99, 113, 340, 995, 1_050, 2_480, 9_999, 12_344, 100_001, 333_333]) {
        const quote = await addQuote(query);
        const base = { quantity: '1', discount_type: 'none', discount_value: 0, taxable: true } as const;
        const first = Math.floor(cents / 3);
        for (const unit_price of [first, cents - first])
          await addLine(query, quote, { ...base, unit_price, tax_rate: Number(rate) / 1000 });
        assert.equal((await totalsOf(query, quote)).tax, ruled(cents, rate), `${cents} at ${rate}`);
        seen.add(((BigInt(cents) * rate * 10n) / 100_000n) % 10n);
      }
  });
  assert.equal(seen.size, 10, 'every third decimal occurred');
});

test('a discount is spread so that its shares add up: tax falls on what is left of the taxable lines', async () => {
  await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    const base: Line = {
      quantity: '1',
      unit_price: 10_000,
      discount_type: 'none',
      discount_value: 0,
      taxable: true,
      tax_rate: 20,
    };
    await addLine(query, quote, base);
    await addLine(query, quote, { ...base, unit_price: 5_000, taxable: false });
    await query("update quotes set discount_type = 'percent', discount_value = 10 where id = $1", [quote]);
    assert.deepEqual(await totalsOf(query, quote), {
      subtotal: 15_000n,
      discount: 1_500n,
      tax: 1_800n,
      total: 15_300n,
    });
  });
});

test('a tax-exempt account pays none, also when it becomes one later', async () => {
  await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    await addLine(query, quote, {
      quantity: '1',
      unit_price: 10_000,
      discount_type: 'none',
      discount_value: 0,
      taxable: true,
      tax_rate: 20,
    });
    assert.equal((await totalsOf(query, quote)).tax, 2_000n);
    await query(
      'update accounts set tax_exempt = true where id = (select account_id from quotes where id = $1)',
      [quote],
    );
    assert.equal((await totalsOf(query, quote)).tax, 0n);
  });
});

test('a quote without an account is taxed as the deal’s account is, as its invoice will be', async () => {
  await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    await query('update quotes set account_id = null where id = $1', [quote]);
    await addLine(query, quote, {
      quantity: '1',
      unit_price: 10_000,
      discount_type: 'none',
      discount_value: 0,
      taxable: true,
      tax_rate: 20,
    });
    assert.equal((await totalsOf(query, quote)).tax, 2_000n);
    await query(
      `update accounts set tax_exempt = true where id = (select o.account_id from opportunities o
         join quotes q on q.opportunity_id = o.id where q.id = $1)`,
      [quote],
    );
    assert.equal((await totalsOf(query, quote)).tax, 0n);
    const exchange = (account: unknown) =>
      query(
        'update opportunities set account_id = $2 where id = (select opportunity_id from quotes where id = $1)',
        [quote, account],
      );
    const [exempt] = await query(
      'select o.account_id as id from opportunities o join quotes q on q.opportunity_id = o.id where q.id = $1',
      [quote],
    );
    await exchange(await addAccount(query));
    assert.equal((await totalsOf(query, quote)).tax, 2_000n);
    await exchange(exempt?.id);
    assert.equal((await totalsOf(query, quote)).tax, 0n);
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    assert.equal((await totalsOf(query, quote)).total, 10_000n);
  });
});

test('sent is frozen: lines, discount, currency and totals stay, in words a person understands', async () => {
  const line1: Line = {
    quantity: '2',
    unit_price: 500,
    discount_type: 'none',
    discount_value: 0,
    taxable: false,
    tax_rate: 0,
  };
  const { quote, id } = await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    const id = await addLine(query, quote, line1);
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    return { quote, id };
  });
  const attempts: [sql: string, values: unknown[]][] = [
    ['update quote_line_items set unit_price = 1 where id = $1', [id]],
    ['delete from quote_line_items where id = $1', [id]],
    [
      "insert into quote_line_items (quote_id, item_type, name, unit_price) values ($1, 'custom', 'y', 5)",
      [quote],
    ],
    ["update quotes set discount_type = 'amount', discount_value = 10 where id = $1", [quote]],
    ["update quotes set currency = 'EUR' where id = $1", [quote]],
    ["update quotes set status = 'draft' where id = $1", [quote]],
  ];
  for (const [sql, given] of attempts)
    await assert.rejects(
      as({ tenant, role: 'owner' }, (query) => query(sql, given)),
      sqlState('PT409'),
    );
  assert.equal((await as({ tenant }, (query) => totalsOf(query, quote))).total, 1_000n);
});

test('impossible lines are refused: ten decimals are rounded to three, money has its bounds', async () => {
  await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    const [row] = await query(
      "insert into quote_line_items (quote_id, item_type, name, quantity, unit_price) values ($1, 'custom', 'x', 1.0004999999, 1000) returning quantity, line_total",
      [quote],
    );
    assert.deepEqual(row, { quantity: '1.000', line_total: '1000' });
  });
  const insert =
    "insert into quote_line_items (quote_id, item_type, name, quantity, unit_price, discount_type, discount_value) values ($1, $2, 'x', $3, $4, $5, $6)";
  for (const [type, quantity, price, discountType, discount, code] of [
    ['custom', 1, -5, 'none', 0, '23514'],
    ['custom', 0, 5, 'none', 0, '23514'],
    ['custom', 1, 999_999_999_999, 'none', 0, '23514'],
    ['custom', 1, '99999999999999999999', 'none', 0, '22003'],
    ['custom', 1, 5, 'percent', 101, '23514'],
    ['discount', 1, -5, 'none', 0, 'PT400'],
  ] as const)
    await assert.rejects(
      as({ tenant }, async (query) =>
        query(insert, [await addQuote(query), type, quantity, price, discountType, discount]),
      ),
      sqlState(code),
    );
});

test('a deal is worth what its lines are, under concurrent edits too, and nothing when the last is gone', async () => {
  const deal = await as({ tenant }, async (query) => {
    const [account] = await query<{ id: string }>("insert into accounts (name) values ('A') returning id");
    const [row] = await query<{ id: string }>(
      "insert into opportunities (name, account_id, amount) values ('D', $1, 5000) returning id",
      [account?.id],
    );
    return row?.id ?? '';
  });
  const amount = () =>
    as({ tenant }, async (query) => {
      const [row] = await query<{ amount: string }>('select amount from opportunities where id = $1', [deal]);
      return Number(row?.amount);
    });
  assert.equal(await amount(), 5000);
  const insert =
    "insert into opportunity_line_items (opportunity_id, item_type, name, unit_price) values ($1, 'custom', 'x', $2)";
  await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      as({ tenant, role: 'sales' }, (query) => query(insert, [deal, 100 + index])),
    ),
  );
  assert.equal(await amount(), 12 * 100 + 66);
  await as({ tenant, role: 'sales' }, (query) =>
    query('update opportunities set amount = 1 where id = $1', [deal]),
  );
  assert.equal(await amount(), 12 * 100 + 66);
  await assert.rejects(
    as({ tenant }, async (query) => {
      const [other] = await query<{ id: string }>(
        'insert into opportunities (name, account_id) select name, account_id from opportunities where id = $1 returning id',
        [deal],
      );
      await query('update opportunity_line_items set opportunity_id = $2 where opportunity_id = $1', [
        deal,
        other?.id,
      ]);
    }),
    sqlState('PT400'),
  );
  await as({ tenant, role: 'sales' }, (query) =>
    query('delete from opportunity_line_items where opportunity_id = $1', [deal]),
  );
  assert.equal(await amount(), 0);
});

test('more money than a document can say is refused in words, line by line and together', async () => {
  const attempts: [quantity: number, price: number, lines: number][] = [
    [999_999_999, 100_000_000_000, 1],
    [10, 99_999_999_999, 2],
  ];
  for (const [quantity, price, lines] of attempts)
    await assert.rejects(
      as({ tenant, role: 'sales' }, async (query) => {
        const quote = await addQuote(query);
        for (let index = 0; index < lines; index++)
          await query(
            "insert into quote_line_items (quote_id, item_type, name, quantity, unit_price) values ($1, 'custom', 'x', $2, $3)",
            [quote, quantity, price],
          );
      }),
      sqlState('PT400'),
    );
});

test('a quote or an invoice without a line is not sent, nor is a contract without text; a draft of it is fine', async () => {
  const { quote, invoice, account, deal } = await as({ tenant }, async (query) => {
    const account = await addAccount(query);
    const deal = await add(query, 'opportunities', { name: 'Empty', account_id: account });
    return {
      account,
      deal,
      quote: await add(query, 'quotes', { opportunity_id: deal }),
      invoice: await add(query, 'invoices', { account_id: account }),
    };
  });
  const statuses: [sql: string, value: string][] = [
    ["update quotes set status = 'sent' where id = $1", quote],
    ["update invoices set status = 'sent' where id = $1", invoice],
    ["insert into quotes (opportunity_id, status) values ($1, 'sent')", deal],
    ["insert into invoices (account_id, status) values ($1, 'sent')", account],
    [
      "insert into contracts (account_id, title, body_html, status) values ($1, 'Empty', '<p>&nbsp;\u00a0</p> <br>', 'sent')",
      account,
    ],
  ];
  for (const [sql, value] of statuses)
    await assert.rejects(
      as({ tenant, role: 'owner' }, (query) => query(sql, [value])),
      sqlState('PT409'),
      sql,
    );
  await as({ tenant, role: 'owner' }, async (query) => {
    const line = { item_type: 'custom', name: 'Booth', unit_price: 0 };
    await add(query, 'quote_line_items', { quote_id: quote, ...line });
    await add(query, 'invoice_line_items', { invoice_id: invoice, ...line });
    for (const [sql, value] of statuses.slice(0, 2)) await query(sql, [value]);
    // It comes to nothing, so nothing of it is left to be paid; it may still be voided.
    const statusOf = () => query('select status, balance::int from invoices where id = $1', [invoice]);
    assert.deepEqual(await statusOf(), [{ status: 'paid', balance: 0 }]);
    await query("update invoices set status = 'void' where id = $1", [invoice]);
    assert.deepEqual(await statusOf(), [{ status: 'void', balance: 0 }]);
    const contract = { account_id: account, title: 'Empty', body_html: '<p></p>' };
    const draft = await add(query, 'contracts', contract);
    await query("update contracts set body_html = '<p>We agree.</p>', status = 'sent' where id = $1", [
      draft,
    ]);
  });
});

test('a sent invoice keeps whom it was for and the quote it came from; a sent quote is not deleted', async () => {
  const { invoice, account, quote } = await as({ tenant }, async (query) => {
    const quote = await addQuote(query);
    await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'x',
      unit_price: 100,
    });
    const [account] = await query<{ id: string }>(
      "insert into accounts (name, billing_city) values ('Old name', 'Utrecht') returning id",
    );
    const [invoice] = await query<{ id: string }>(
      "insert into invoices (account_id, quote_id, status) values ($1, $2, 'sent') returning id",
      [account?.id, quote],
    );
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    return { invoice: invoice?.id, account: account?.id, quote };
  });
  await as({ tenant }, async (query) => {
    await query("update accounts set name = 'New name' where id = $1", [account]);
    const [row] = await query('select bill_to from invoices where id = $1', [invoice]);
    assert.deepEqual(row, { bill_to: { name: 'Old name', city: 'Utrecht' } });
    await query("update invoices set due_date = '2028-01-01', purchase_order = 'PO 7' where id = $1", [
      invoice,
    ]);
  });
  await assert.rejects(
    as({ tenant }, (query) =>
      query(`update invoices set bill_to = '{"name": "x"}' where id = $1`, [invoice]),
    ),
    sqlState('PT409'),
  );
  for (const [sql, id] of [
    ['update invoices set quote_id = null where id = $1', invoice],
    ['delete from quotes where id = $1', quote],
  ] as const)
    await assert.rejects(
      as({ tenant, role: 'owner' }, (query) => query(sql, [id])),
      sqlState('PT409'),
    );
});

test('lines written by upsert, in bulk and by other clients count as any other', async () => {
  await as({ tenant, role: 'sales' }, async (query) => {
    const quote = await addQuote(query);
    const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    const upsert = (price: number) =>
      query(
        `insert into quote_line_items (id, quote_id, item_type, name, unit_price, taxable)
         select id, $2, 'custom', 'x', $3, false from unnest($1::uuid[]) id
         on conflict (tenant_id, id) do update set unit_price = excluded.unit_price`,
        [ids, quote, price],
      );
    await upsert(100);
    assert.equal((await totalsOf(query, quote)).total, 200n);
    await upsert(250);
    assert.equal((await totalsOf(query, quote)).total, 500n);
  });
});
