// The lock that a plan names for a kind of statement is the one PostgreSQL takes.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { LOCK_MODES, planOf, statementsOf } from '@/lib/fleet/schema-rollout';
import { readSqlFiles } from '@/lib/migrations';
import { createTestDatabase } from '../../../support/postgres';

const client = new pg.Client({ connectionString: await createTestDatabase('locks') });
client.on('error', () => {});
await client.connect();
await client.query(`
  create table parents (id int primary key, name text);
  create table rooms (id int primary key, parent_id int, name text default 'a', size int, note varchar(10),
    constraint unvalidated check (size > 0) not valid);
  alter table rooms add constraint to_parent foreign key (parent_id) references parents not valid;
  create index rooms_size on rooms (size);
  create view sizes as select id, size from rooms;
  create function nothing() returns trigger language plpgsql as 'begin return new; end';
  create trigger there before update on rooms for each row execute function nothing();
  create policy own on rooms using (true);`);
after(() => client.end());

const STATEMENTS = [
  'create table other (id int)',
  'create table child (id int references rooms (id), p int references parents)',
  'alter table rooms add floor int',
  "alter table only rooms add column if not exists note2 text not null default 'x'",
  'alter table rooms add at timestamptz not null default clock_timestamp()',
  'alter table rooms add code uuid default gen_random_uuid(), add more int',
  'alter table rooms add double int generated always as (size * 2) stored',
  'alter table rooms add owner_id int references parents',
  'alter table rooms drop column name',
  'alter table rooms alter name set not null',
  'alter table rooms alter name drop default',
  "alter table rooms alter name set default 'b'",
  'alter table rooms alter note type text',
  'alter table rooms alter column size set statistics 500',
  'alter table rooms set (fillfactor = 80)',
  'alter table rooms add constraint few check (id < 1000)',
  'alter table rooms add constraint few check (id < 1000) not valid',
  'alter table rooms add constraint again foreign key (parent_id) references parents (id) not valid',
  'alter table rooms add foreign key (parent_id) references parents (id)',
  'alter table rooms add constraint one unique (name)',
  'alter table rooms validate constraint unvalidated',
  'alter table rooms drop constraint unvalidated',
  'alter table rooms rename column name to title',
  'alter table rooms rename to chambers',
  'alter table rooms enable row level security',
  'alter table public.rooms force row level security',
  'alter table rooms disable trigger there',
  'alter table rooms replica identity full',
  'create index on rooms (name)',
  'create unique index rooms_name on public.rooms (name) where size > 2',
  'create trigger noted after insert on rooms for each row execute function nothing()',
  'drop trigger there on rooms',
  'create policy other on rooms for select using (id > 1)',
  'alter policy own on rooms using (id > 2)',
  'drop policy own on rooms',
  'drop table rooms cascade',
  'drop view if exists sizes',
  'create or replace view sizes as select id, size from rooms',
  "comment on table rooms is 'x'",
  "comment on column public.rooms.name is 'x'",
  "insert into rooms (id, name) values (1, 'x')",
  "update rooms set name = 'y' where id = 1",
  'delete from rooms',
  'lock table rooms in share row exclusive mode',
  'grant select on rooms to pg_monitor',
  'revoke all on rooms from public',
  'create or replace function one() returns int language sql return 1',
  "create type color as enum ('red')",
  'create sequence numbers',
];

test('each kind of statement takes the lock that the plan names', async () => {
  const named = new Map<string, string>();
  const { rows: before } = await client.query<{ oid: number; name: string }>(
    "select oid::int, relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')",
  );
  const wrong: string[] = [];
  for (const statement of STATEMENTS) {
    await client.query('begin');
    await client.query(statement);
    const { rows } = await client.query<{ oid: number; mode: string }>(
      "select relation::int as oid, mode from pg_locks where pid = pg_backend_pid() and locktype = 'relation'",
    );
    await client.query('rollback');
    named.clear();
    for (const { oid, mode } of rows) {
      const table = before.find((one) => one.oid === oid)?.name;
      // What is only looked up blocks nothing.
      if (!table || LOCK_MODES.indexOf(mode as never) < 2) continue;
      const other = named.get(table);
      if (!other || LOCK_MODES.indexOf(mode as never) > LOCK_MODES.indexOf(other as never))
        named.set(table, mode);
    }
    const plan = planOf(statement);
    assert.equal(plan.unknown, undefined, statement);
    const planned = new Map(
      plan.locks.map(({ table, mode }) => [table.replace('public.', ''), mode as string]),
    );
    for (const table of new Set([...planned.keys(), ...named.keys()])) {
      // Dropping a table takes those that depend on it along; a view's tables are read.
      if (statement.includes('cascade') && table !== 'rooms') continue;
      if (planned.get(table) !== named.get(table))
        wrong.push(`${statement}: ${table} planned ${planned.get(table)}, is ${named.get(table)}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a statement that is not known counts as one that blocks everything', () => {
  const plan = planOf('frobnicate table rooms');
  assert.deepEqual([plan.unknown, plan.blocks], [true, 'reads and writes']);
  assert.equal(planOf('create index concurrently if not exists i on rooms (name)').blocks, 'schema changes');
});

test('semicolons in bodies, strings and comments end no statement', () => {
  const script = `create function f() returns int language plpgsql as $$ begin return 1; end $$; -- one; two
    insert into rooms values (1, 'a;b'); /* ; */ create function g() returns int begin atomic select 1; select 2; end;
    select ";" from x`;
  assert.deepEqual(
    statementsOf(script).map((statement) => statement.slice(0, 17)),
    ['create function f', 'insert into rooms', 'create function g', 'select ";" from x'],
  );
});

test('every statement of Marquee’s own migrations is of a known kind', async () => {
  const lib = path.resolve(import.meta.dirname, '../../../../src/lib');
  const rooms = await readdir(lib, { withFileTypes: true });
  for (const { name: room } of rooms.filter((entry) => entry.isDirectory())) {
    for (const { path: file, text } of await readSqlFiles(path.join(lib, room), 'migrations')) {
      for (const statement of statementsOf(text))
        assert.equal(planOf(statement).unknown, undefined, `${file}: ${statement}`);
    }
  }
});
