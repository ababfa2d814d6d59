// Phone numbers in any spelling, mail addresses, numbers in any case, and words that are looked for as they stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCountries, getExampleNumber } from 'libphonenumber-js';
import examples from 'libphonenumber-js/examples.mobile.json';
import { phoneKey } from '@/web/hooks/request/typed-text';
import { add, addAccount, addDeal, addEquipment, unique } from './business';
import { createTenantDatabase, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();

test('a phone number has one key however it is spelled, in every country', async () => {
  const spelled = getCountries().flatMap((country) => {
    const number = getExampleNumber(country, examples);
    if (!number) return [];
    const compact = number.number.slice(1);
    return [
      number.format('E.164'),
      number.format('INTERNATIONAL'),
      number.format('RFC3966'),
      number.format('NATIONAL'),
      `00${compact}`,
      number.format('INTERNATIONAL').replaceAll(' ', '-'),
    ].map((text) => ({ country, text, number: number.number }));
  });
  assert.ok(spelled.length > 1_200);
  const keys = await as({ tenant }, (query) =>
    query<{ key: string }>(
      'select tenancy.phone_key(t) as key from unnest($1::text[]) with ordinality x (t, n) order by n',
      [spelled.map(({ text }) => text)],
    ),
  );
  const byNumber = new Map<string, Map<string, string[]>>();
  for (const [index, { text, number, country }] of spelled.entries()) {
    const key = keys[index]?.key ?? '';
    const found = byNumber.get(number) ?? new Map<string, string[]>();
    byNumber.set(number, found.set(key, [...(found.get(key) ?? []), `${country} ${text}`]));
    if (!text.startsWith('tel:')) assert.equal(phoneKey(text), key, `the browser's key of ${text}`);
  }
  // Where the national form has other digits than the international one after its trunk prefix, only the country tells: Argentina's
  // mobiles (15, abroad 9), Hungary's 06, Turkmenistan's 8.
  const split = [...byNumber.values()].filter(({ size }) => size > 1).flatMap((found) => [...found.values()]);
  const places = split.flat().map((text) => text.slice(0, 2));
  assert.deepEqual([...new Set(places)].sort(), ['AR', 'HU', 'TM']);
});

test('a client is found, and recognised, by a phone number in another spelling', async () => {
  await as({ tenant }, async (query) => {
    const contact = await add(query, 'contacts', { first_name: 'Ada', phone: '06-1234 5678' });
    const account = await add(query, 'accounts', { name: unique('Account'), phone: '(512) 555-0199 ext. 4' });
    for (const [text, id] of [
      ['+31 6 12345678', contact],
      ['0031612345678', contact],
      ['06 12 34 56 78', contact],
      ['+1 512 555 0199', account],
      ['1-512-555-0199', account],
      ['512.555.0199', account],
    ]) {
      const found = await query<{ id: string }>('select id from search_records($1)', [text]);
      assert.deepEqual(
        found.map((row) => row.id),
        [id],
        text,
      );
    }
    const lead = await add(query, 'leads', { first_name: 'A.', phone: '+31 (0)6 1234 5678' });
    const [converted] = await query('select converted_contact_id from convert_lead($1)', [lead]);
    assert.equal(converted?.converted_contact_id, contact);
  });
});

test('what cannot be a mail address is refused wherever one is kept', async () => {
  const { account, deal } = await as({ tenant }, async (query) => ({
    account: await addAccount(query),
    deal: await addDeal(query),
  }));
  const places: [table: string, column: string, row: object][] = [
    ['accounts', 'email', { name: 'x' }],
    ['contacts', 'email', { first_name: 'x' }],
    ['leads', 'email', { first_name: 'x' }],
    ['locations', 'contact_email', { name: 'x' }],
    ['events', 'onsite_contact_email', { title: 'x', account_id: account }],
    ['contracts', 'signer_email', { title: 'x', body_html: 'x', account_id: account }],
    ['communications', 'to_address', { type: 'email', opportunity_id: deal.deal }],
  ];
  for (const [table, column, row] of places) {
    const put = (address: string) =>
      as({ tenant, role: 'owner' }, async (query) => {
        const id = await add(query, table, { ...row, [column]: address });
        const [kept] = await query(`select ${column} from ${table} where id = $1`, [id]);
        return kept?.[column];
      });
    for (const bad of [
      'x@holloway',
      'x',
      'a b@x.co',
      'a@x.co, b@x.co',
      'a@x..co',
      '@x.co',
      'a@x.co\nbcc: b@x.co',
    ])
      await assert.rejects(put(bad), sqlState('PT400'), `${table} ${bad}`);
    assert.equal(await put(' ana@client.example '), 'ana@client.example', table);
  }
});

test('numbers are the same in any case and with any spaces', async () => {
  await as({ tenant }, async (query) => {
    await addEquipment(query, 'serialized', { asset_tag: 'CAM-001', serial_number: 'SN 1' });
    await add(query, 'products', { name: 'Strip', sku: 'Strip 1' });
  });
  for (const row of [{ asset_tag: 'cam-001' }, { asset_tag: ' CAM- 001' }, { serial_number: 'sn1' }])
    await assert.rejects(
      as({ tenant }, (query) => addEquipment(query, 'serialized', row)),
      sqlState('23505'),
      JSON.stringify(row),
    );
  await assert.rejects(
    as({ tenant, role: 'manager' }, (query) => add(query, 'products', { name: 'Other', sku: 'STRIP1' })),
    sqlState('23505'),
  );
  // A number that is given passes over one that was given by hand in another spelling.
  await as({ tenant }, async (query) => {
    const account_id = await addAccount(query);
    const [sequence] = await query<{ next: string }>(
      "select prefix || lpad(next_value::text, padding, '0') as next from number_sequences where kind = 'event'",
    );
    await add(query, 'events', { title: 'x', account_id, event_number: ` ${sequence?.next.toLowerCase()}` });
    const [event] = await query<{ event_number: string }>(
      'insert into events (title, account_id) values ($1, $2) returning event_number',
      ['y', account_id],
    );
    assert.notEqual(event?.event_number.toLowerCase(), sequence?.next.toLowerCase());
  });
});

test('the search takes %, _, * and \\ as they stand', async () => {
  await as({ tenant }, async (query) => {
    const ids: Record<string, string> = {};
    for (const name of ['100% Fun', '100 Fun', 'A_B Booths', 'AXB Booths', 'Star*Light', 'Back\\slash'])
      ids[name] = await add(query, 'accounts', { name });
    for (const [words, name] of [
      ['100%', '100% Fun'],
      ['A_B', 'A_B Booths'],
      ['Star*', 'Star*Light'],
      ['Back\\', 'Back\\slash'],
    ] as const) {
      const [first] = await query<{ id: string }>("select id from search_records($1, '{account}')", [words]);
      assert.equal(first?.id, ids[name], words);
    }
    const nothing = await query("select id from search_records('%%', '{account}')");
    assert.deepEqual(nothing, []);
  });
});
