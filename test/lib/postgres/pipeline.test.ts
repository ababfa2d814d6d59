import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import {
  localSettings,
  runPipeline,
  runTransaction,
  type Statement,
  type Transaction,
  wasKept,
} from '@/lib/postgres';
import { createTestDatabase } from '../../support/postgres';

const clients: pg.Client[] = [];
after(() => Promise.all(clients.map((open) => open.end())));
const url = await createTestDatabase('pipeline');
const client = await connect();
await client.query('create table notes (id int primary key, text text)');

async function connect(): Promise<pg.Client> {
  const opened = new pg.Client({ connectionString: url });
  await opened.connect();
  clients.push(opened);
  return opened;
}

const sql = (text: string, values: unknown[] = [], name?: string): Statement => ({ text, values, name });
const transaction = (statement: Statement) => ({ readOnly: false, settings: [], statement });
const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;

test('answers with the last statement’s rows as text, unparsed', async () => {
  const rows = await runPipeline(client, [
    sql('select 1'),
    sql('select $1::int, null, now() is not null', [7]),
  ]);
  assert.deepEqual(rows, [['7', null, 't']]);
});

test('parameters of every kind arrive as their SQL values', async () => {
  const [row] = await runPipeline(client, [
    sql('select $1::text[], $2::jsonb, $3::bool, $4::bytea, $5::int[], $6::timestamptz at time zone $7', [
      ['a"b', '\\', null, ''],
      { a: [1] },
      true,
      Buffer.from([0, 255]),
      [[1], [2]],
      new Date('2026-01-02T03:04:05Z'),
      'UTC',
    ]),
  ]);
  assert.deepEqual(row, [
    '{"a\\"b","\\\\",NULL,""}',
    '{"a": [1]}',
    't',
    '\\x00ff',
    '{{1},{2}}',
    '2026-01-02 03:04:05',
  ]);
});

test('the context ends with the flush', async () => {
  const set = localSettings([['marquee.tenant', 'a']]);
  const current = sql("select coalesce(current_setting('marquee.tenant', true), '')");
  assert.deepEqual(await runPipeline(client, [set, current]), [['a']]);
  assert.deepEqual(await runPipeline(client, [current]), [['']]);
});

test('any number of settings is set, in their order, and answers with no row', async () => {
  const settings = Array.from({ length: 230 }, (_, n) => [`marquee.s${n}`, `välue ${n}`] as const);
  const set = localSettings([...settings, ['marquee.s0', 'the last one']]);
  assert.deepEqual(await runPipeline(client, [set]), []);
  const names = settings.map(([name]) => name);
  const read = sql(
    "select string_agg(current_setting(name), ',' order by n) from unnest($1::text[]) with ordinality u(name, n)",
    [names],
  );
  const expected = ['the last one', ...settings.slice(1).map(([, value]) => value)].join();
  assert.deepEqual(await runPipeline(client, [set, read]), [[expected]]);
});

test('a flush of any size arrives whole: texts of several bytes a letter, bytes, and null', async () => {
  for (const size of [0, 1, 4_000, 5_000, 300_000]) {
    const texts = ['€'.repeat(size), '\u{1f388}'.repeat(size), 'a'.repeat(size)];
    const bytes = Buffer.alloc(size, 7);
    const [row] = await runPipeline(client, [
      sql('select $1::text', ['first'], 'first_of_flush'),
      sql(`select md5($1), md5($2), md5($3), md5($4::bytea), $5::text, '${'ü'.repeat(size)}' <> ''`, [
        ...texts,
        bytes,
        null,
      ]),
    ]);
    const digests = [...texts, bytes].map((each) => createHash('md5').update(each).digest('hex'));
    assert.deepEqual(row, [...digests, null, size > 0 ? 't' : 'f']);
  }
});

test('an error rolls back every statement of the flush, and the connection goes on', async () => {
  const insert = sql('insert into notes values ($1, $2)', [1, 'x'], 'insert_note');
  await assert.rejects(runPipeline(client, [insert, sql('select 1/0')]), code('22012'));
  assert.deepEqual(await runPipeline(client, [sql('select count(*) from notes')]), [['0']]);
  await runPipeline(client, [insert]);
  await assert.rejects(runPipeline(client, [insert]), code('23505'));
  assert.deepEqual(await runPipeline(client, [sql('delete from notes returning id')]), [['1']]);
});

test('a constraint checked at the end is an error of the pipeline', async () => {
  await client.query('create table parent (id int primary key)');
  await client.query('create table child (id int references parent deferrable initially deferred)');
  await assert.rejects(runPipeline(client, [sql('insert into child values (1)')]), code('23503'));
});

test('keeps at most so many prepared statements, and one that was closed works again', async () => {
  const fresh = await connect();
  const one = (n: number) =>
    runPipeline(fresh, [sql(`select ${n}`, [], `bounded_${n}`)], { maxPrepared: 16 });
  for (let n = 0; n < 40; n += 1) await one(n);
  const held = "select count(*) from pg_prepared_statements where name like 'bounded%'";
  assert.ok(Number((await runPipeline(fresh, [sql(held)]))[0]?.[0]) === 16);
  assert.deepEqual(await one(0), [['0']]);
});

test('without `prepare` no prepared statement stays', async () => {
  await runPipeline(client, [sql('select 1', [], 'never_there')], { prepare: false });
  const rows = await runPipeline(client, [
    sql("select from pg_prepared_statements where name = 'never_there'"),
  ]);
  assert.equal(rows.length, 0);
});

test('a statement whose result a migration changed is prepared again', async () => {
  const read = transaction(sql('select * from changing', [], 'read_changing'));
  await client.query('create table changing (a int)');
  await client.query('insert into changing values (1)');
  assert.deepEqual(await runTransaction(client, read), [['1']]);
  await client.query('alter table changing add b text');
  assert.deepEqual(await runTransaction(client, read), [['1', null]]);
  await client.query('deallocate all');
  assert.deepEqual(await runTransaction(client, read), [['1', null]]);
});

test('a read-only transaction cannot write', async () => {
  const write = { ...transaction(sql('delete from notes')), readOnly: true };
  await assert.rejects(runTransaction(client, write), code('25006'));
});

test('settings and read-only are set by one statement, which names them', async () => {
  const one = await connect();
  const settings = [
    ['marquee.a', 'x'],
    ['marquee.b', "y'"],
  ] as const;
  const current = sql(
    `select current_setting('marquee.a') || current_setting('marquee.b') || current_setting('transaction_read_only')`,
  );
  assert.deepEqual(await runTransaction(one, { readOnly: true, settings, statement: current }), [["xy'on"]]);
  const prepared = await one.query('select name, parameter_types::text as types from pg_prepared_statements');
  assert.deepEqual(
    prepared.rows.map(({ types }) => types),
    ['{text,text,text}'],
  );
});

test('a transaction is kept where as many rows as expected were affected, and rolled back otherwise', async () => {
  const insert = (id: number, affected: [least: number, most: number], rollback = false): Transaction => ({
    ...transaction(
      sql('with made as (insert into notes values ($1) returning id) select id, 1 from made', [id]),
    ),
    outcome: { rollback, affected: { column: 1, least: affected[0], most: affected[1] } },
  });
  const count = async () => (await runPipeline(client, [sql('select count(*) from notes')]))[0]?.[0];
  const run = async (given: Transaction) => {
    const rows = await runTransaction(client, given);
    return [rows, wasKept(given, rows)];
  };
  assert.deepEqual(await run(insert(10, [1, 1])), [[['10', '1']], true]);
  assert.deepEqual(await run(insert(11, [1, 1], true)), [[['11', '1']], false]);
  assert.deepEqual(await run(insert(12, [2, 9])), [[['12', '1']], false]);
  assert.deepEqual(await run(insert(13, [0, 0])), [[['13', '1']], false]);
  await assert.rejects(run(insert(10, [1, 1])), code('23505'));
  assert.equal(await count(), '1');
  // A pooler may lose the statement that commits. Then the transaction ends with the error.
  await client.query('deallocate marquee_commit');
  await assert.rejects(run(insert(14, [1, 1])), code('26000'));
  assert.equal(await count(), '1');
  await client.query('delete from notes');
});

test('an answer over the limit is refused and the connection goes on', async () => {
  const many = [sql("select repeat('x', 100) from generate_series(1, 10000)")];
  await assert.rejects(runPipeline(client, many, { maxRows: 5 }), code('result_too_large'));
  await assert.rejects(runPipeline(client, many, { maxBytes: 5000 }), code('result_too_large'));
  assert.deepEqual(await runPipeline(client, [sql('select 1')]), [['1']]);
});

test('an abort cancels through the hook, answers with the reason, and harms no later statement', async () => {
  const controller = new AbortController();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const other = await connect();
  const control = {
    started() {},
    async cancel() {
      await other.query('select pg_cancel_backend($1)', [rows[0]?.pid]);
    },
  };
  const slept = runPipeline(client, [sql('select pg_sleep(30)')], { signal: controller.signal, control });
  setTimeout(() => controller.abort(new Error('the client went away')), 50);
  await assert.rejects(slept, /went away/);
  assert.deepEqual(await runPipeline(client, [sql('select 2')]), [['2']]);
});

test('a connection that breaks answers every waiting pipeline', async () => {
  const doomed = await connect();
  doomed.on('error', () => {});
  const waiting = [runPipeline(doomed, [sql('select pg_sleep(30)')]), runPipeline(doomed, [sql('select 1')])];
  const outcomes = Promise.allSettled(waiting);
  const { processID } = doomed as pg.Client & { processID: number };
  await client.query('select pg_terminate_backend($1)', [processID]);
  for (const outcome of await outcomes) assert.equal(outcome.status, 'rejected');
});
