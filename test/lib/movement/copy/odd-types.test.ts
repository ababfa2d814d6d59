// Values that other programs read wrongly: each type of PostgreSQL's own with its odd values, and customers' types.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MoveMode } from '@/lib/movement/control/move';
import { administer } from '../../../support/postgres';
import { createWorld } from '../world';

/** Of each type some values, as literals. */
const VALUES: Record<string, string[]> = {
  boolean: ['t', 'f'],
  '"char"': ['x', ''],
  name: ['a b'],
  smallint: ['-32768'],
  bigint: ['9223372036854775807'],
  real: ['NaN', '-0', '1e-40', '3.4028235e38'],
  'double precision': ['NaN', '-Infinity', '-0', '5e-324', '0.1'],
  numeric: ['NaN', 'Infinity', '-Infinity', '1.000', '1e-130', `${'9'.repeat(300)}.5`],
  'numeric(3,-2)': ['12300'],
  money: ['-92233720368547758.08'],
  text: ['', 'NULL', '\\N', 'a\\tb\nc', '{"a","b"}', "it's", '🎪 ñ é'],
  'character varying(5)': ['a    '],
  'character(5)': ['ab', ''],
  bytea: ['\\x00ff5c27', ''],
  date: ['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31'],
  time: ['24:00:00', '00:00:00.000001'],
  'time with time zone': ['24:00:00-15:59:59'],
  timestamp: ['infinity', '4713-01-01 00:00:00 BC', '294276-12-31 23:59:59.999999'],
  'timestamp with time zone': ['-infinity', '2026-03-29 01:30:00+00', '0001-01-01 00:00:00+00 BC'],
  'timestamp(0) with time zone': ['2026-03-29 01:30:00+00'],
  interval: ['infinity', '-1 mon +1 day -00:00:00.000001', '178000000 years'],
  'interval day to second(3)': ['1 day 00:00:00.125'],
  'bit(5)': ['10101'],
  'bit varying': ['', '1011'],
  uuid: ['00000000-0000-0000-0000-000000000000'],
  json: ['{"a":1,  "a":2, "b":1.00}', 'null', '"\\u00e9"'],
  jsonb: ['{"a": 1e400, "b": 12345678901234567890.10}', 'null', '[]'],
  jsonpath: ['$.a[*] ? (@ > 1)'],
  xml: ['<a b="c">d</a>', 'no element'],
  inet: ['::1/64', '10.0.0.1'],
  cidr: ['10.0.0.0/8'],
  macaddr: ['08:00:2b:01:02:03'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  point: ['(1e-300,NaN)'],
  line: ['{1,-1,0}'],
  lseg: ['[(0,0),(1,1)]'],
  box: ['(1,1),(0,0)'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1))'],
  polygon: ['((0,0),(1,1),(1,0))'],
  circle: ['<(0,0),Infinity>'],
  tsvector: [`'it''s':1A,3 'two words':2`],
  tsquery: [`'a' & !'b' <2> 'c':*A`],
  int4range: ['empty', '(,5)'],
  numrange: ['[1.0,NaN]'],
  tstzrange: ['["2026-01-01 00:00:00+00",infinity)'],
  int4multirange: ['{}', '{[1,3),[5,)}'],
  datemultirange: ['{[2026-01-01,2026-02-01)}'],
  pg_lsn: ['16/B374D848'],
  pg_snapshot: ['10:20:10,14,15'],
  xid8: ['18446744073709551615'],
  tid: ['(4294967295,65535)'],
  oid: ['4294967295'],
  int2vector: ['1 2 3'],
  refcursor: ['c'],
  regclass: ['accounts', 'own_table'],
  regtype: ['mood'],
  regconfig: ['english', 'own_config'],
  'regconfig[]': ['{english,own_config}'],
  regprocedure: ['own_function(integer)'],
  aclitem: ['=r/postgres'],
  'aclitem[]': ['{=r/postgres}'],
  'text[]': ['{}', '{NULL,"NULL","",a b,"a\\"b","a\\\\b"}', '[-1:0]={a,b}', '{{a,b},{c,d}}'],
  'timestamp with time zone[]': ['{infinity,NULL}'],
  'jsonb[]': ['{"{\\"a\\": 1}",NULL}'],
  'box[]': ['{(1,1),(0,0);(2,2),(1,1)}'],
  mood: ['so "so"'],
  'mood[]': ['{sad,"so \\"so\\""}'],
  email: ['a@b'],
  pair: ['(1,"a,""b""")', '(,)'],
  'pair[]': ['{"(1,a)","(,)"}'],
  moods: ['[sad,glad]'],
  moodmultirange: ['{[sad,glad]}'],
};
/** Keys that are compared otherwise than as text. */
const KEYS: Record<string, { type: string; values: string[] }> = {
  by_number: { type: 'numeric', values: ['NaN', '1.0', '-Infinity'] },
  by_time: {
    type: 'timestamptz',
    values: ['infinity', '2026-03-29 01:30:00+00', '4713-01-01 00:00:00+00 BC'],
  },
  by_word: { type: 'text collate loose', values: ['Straße', 'a\\b', '', '{x,"y"}'] },
  by_float: { type: 'float8', values: ['NaN', '-0', '1e-300'] },
  by_char: { type: 'character(3)', values: ['a', 'b c'] },
  by_bytes: { type: 'bytea', values: ['\\x00', '\\x5c'] },
  by_range: { type: 'int4range', values: ['empty', '[1,2)'] },
  by_mood: { type: 'mood', values: ['sad', 'so "so"'] },
  by_interval: { type: 'interval', values: ['1 mon', '29 days', '1 day -3 hours'] },
  by_address: { type: 'inet', values: ['10.0.0.1/8', '::1'] },
  // Names that differ only at their end.
  [`${'long'.repeat(15)}_1`]: { type: 'int', values: ['1'] },
  [`${'long'.repeat(15)}_2`]: { type: 'int', values: ['1'] },
};

const world = await createWorld();
const [source, target] = world.databases;
const columns = [
  ...Object.keys(VALUES).map((type, place) => `c${place} ${type}`),
  // More than a function of PostgreSQL's has arguments.
  ...Array.from({ length: 200 }, (_, place) => `more${place} int default ${place}`),
];
const TABLES = ['odd', ...Object.keys(KEYS)];
// Objects are made in another order, so that they have other numbers, and types other labels before and after.
for (const [place, { ownerUrl }] of world.databases.entries()) {
  const objects = [
    'create table own_table (id int)',
    'create function own_function(int) returns int language sql return $1',
    'create text search configuration own_config (copy = simple)',
  ];
  const secure = (name: string) => `
    alter table ${name} enable row level security;
    create policy own on ${name} to tenant_service using (tenant_id = (select tenancy.current_tenant()));
    create policy tenant_mover on ${name} to tenant_mover using (true) with check (true);
    grant select, insert, update, delete on ${name} to tenant_service, tenant_mover`;
  await administer(
    ownerUrl,
    [
      ...(place === 0 ? objects : objects.toReversed()),
      `create type mood as enum ('sad', 'glad', 'so "so"')`,
      `create domain email as text check (value like '%@%')`,
      `create type pair as (a int, b text)`,
      `create type moods as range (subtype = mood, multirange_type_name = moodmultirange)`,
      `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      `create table odd (tenant_id uuid not null default tenancy.current_tenant(), id int, note text, ${columns.join(', ')},
         twice numeric generated always as (length(note) * 2) stored, thrice int generated always as (length(note) * 3) virtual,
         primary key (tenant_id, id))`,
      ...Object.entries(KEYS).map(
        ([name, { type }]) =>
          `create table ${name} (tenant_id uuid not null default tenancy.current_tenant(), key ${type}, note text, primary key (tenant_id, key))`,
      ),
      // The sequence belongs to the partitioned table, the rows to the partition.
      `create table journal (tenant_id uuid not null default tenancy.current_tenant(), no int generated always as identity, day date,
         primary key (tenant_id, no, day)) partition by range (day)`,
      `create table journal_2026 partition of journal for values from ('2026-01-01') to ('2027-01-01')`,
      ...[...TABLES, 'journal', 'journal_2026'].map(secure),
    ].join(';'),
  );
}

const literal = (value: string) => `'${value.replaceAll("'", "''")}'`;
const most = Math.max(...Object.values(VALUES).map(({ length }) => length));
/** Row n has the n-th value of each type. */
const rowValues = (n: number) =>
  Object.entries(VALUES)
    .map(([type, values]) => {
      const value = values[n];
      return value === undefined ? 'null' : `${literal(value)}::${type}`;
    })
    .join(', ');
const names = Object.keys(VALUES)
  .map((_, place) => `c${place}`)
  .join(', ');

describe('odd values', { concurrency: false }, () => {
  for (const mode of ['logical', 'change_log'] as MoveMode[]) {
    test(`are the same at the target (${mode})`, async () => {
      const tenant = await world.tenant(source, 3);
      await world.manager.withTenantTransaction(tenant, async ({ query }) => {
        for (let n = 0; n < most; n += 1)
          await query(`insert into odd (id, note, ${names}) values (${n}, 'copied', ${rowValues(n)})`);
        for (const [name, { type, values }] of Object.entries(KEYS))
          for (const value of values)
            await query(
              `insert into ${name} (key, note) values (${literal(value)}::${type.split(' ')[0]}, 'copied')`,
            );
      });
      const move = await world.start(tenant, target, { mode });
      // Every row has been compared as text then.
      assert.equal(await world.run(move), 'ready');
      // Now each is written by replication.
      await world.manager.withTenantTransaction(tenant, async ({ query }) => {
        for (const name of TABLES) await query(`update ${name} set note = 'changed'`);
      });
      const entry = {
        text: `insert into journal (day) select date '2026-05-01' from generate_series(1, 5) returning no`,
        values: [],
      };
      const last = (await world.manager.execute(tenant, entry)).at(-1)?.[0];
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      assert.ok(Number((await world.manager.execute(tenant, entry))[0]?.[0]) > Number(last));
      assert.equal(await world.want(move, 'rollback'), 'rolled_back');
    });
  }
});
