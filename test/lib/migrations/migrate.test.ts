// Schema files, function files and numbered migrations of a small made-up schema.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import {
  migrate,
  newestVersion,
  readCatalog,
  type SchemaFiles,
  type SqlFile,
  schemaScript,
} from '@/lib/migrations';
import { inOrder } from '@/lib/migrations/order';
import { createTestDatabase } from '../../support/postgres';

const sql = (files: Record<string, string>): SqlFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));

const names = {
  path: 'names.sql',
  text: "create or replace function hotel.is_name(given text) returns boolean language sql immutable return given <> '' and hotel.words(given) < 4;",
};
const unnamed = {
  path: 'unnamed.sql',
  text: `create or replace function hotel.unnamed() returns text language plpgsql as $$
begin
  -- A body is looked up when it runs: it may name hotel.area(rooms), which needs the table.
  return 'room ' || (select count(*) from rooms);
end
$$;`,
};
const words = {
  path: 'words.sql',
  text: "create or replace function hotel.words(given text) returns int language sql immutable return cardinality(string_to_array(given, ' '));",
};
const original: SchemaFiles = {
  schema: sql({
    '01_rooms.sql':
      'create table rooms (id int primary key, name text not null default hotel.unnamed(), check (hotel.is_name(name)));',
  }),
  functions: [
    {
      path: 'area.sql',
      text: 'create or replace function hotel.area(r rooms) returns int language sql stable return r.id * 10;',
    },
    names,
    unnamed,
    words,
  ],
  migrations: [],
};

/** The next release: a further column, a function of other arguments, one without a use, another text. */
const next: SchemaFiles = {
  schema: sql({
    '01_rooms.sql':
      'create table rooms (id int primary key, name text not null default hotel.unnamed(), floor int, check (hotel.is_name(name)));',
  }),
  functions: [
    {
      path: 'area.sql',
      text: 'create or replace function hotel.area(width int, length int) returns int language sql return width * length;',
    },
    names,
    { ...unnamed, text: unnamed.text.replace("'room '", "'chamber '") },
    words,
  ],
  migrations: sql({
    '0002_floors.sql': 'alter table rooms add floor int; drop function hotel.area(rooms);',
  }),
};

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: await createTestDatabase('migrate') });
  client.on('error', () => {});
  await client.connect();
  after(() => client.end());
  return client;
}

const catalogOf = (client: pg.Client) => readCatalog(client, ['public', 'hotel']);

test('a file comes after the functions that it needs when it is applied, and no others', () => {
  assert.deepEqual(
    inOrder(original.schema, original.functions).map(({ path }) => path),
    ['unnamed.sql', 'words.sql', 'names.sql', '01_rooms.sql', 'area.sql'],
  );
});

test('a new database is made from the files, and a second run changes nothing', async () => {
  const client = await connect();
  assert.deepEqual(await migrate(client, original, 'hotel'), { applied: [1], functions: 4, version: 1 });
  const made = await catalogOf(client);
  assert.deepEqual(await migrate(client, original, 'hotel'), { applied: [], functions: 0, version: 1 });
  assert.deepEqual(await catalogOf(client), made);
});

test('a database of an older release and a new one come to be alike', async () => {
  const [old, made] = [await connect(), await connect()];
  await migrate(old, original, 'hotel');
  await old.query('insert into rooms (id) values (1)');
  assert.deepEqual(await migrate(old, next, 'hotel'), { applied: [2], functions: 2, version: 2 });
  assert.deepEqual(await migrate(made, next, 'hotel'), { applied: [1, 2], functions: 4, version: 2 });
  assert.deepEqual(await catalogOf(old), await catalogOf(made));
  assert.equal(newestVersion(next), 2);
  await old.query('insert into rooms (id) values (2)');
  assert.deepEqual((await old.query('select name from rooms order by id')).rows, [
    { name: 'room 0' },
    { name: 'chamber 1' },
  ]);
});

test('the script makes the same database, with the same record', async () => {
  const [scripted, migrated] = [await connect(), await connect()];
  await scripted.query(`begin; ${schemaScript(next, 'hotel')}; commit`);
  await migrate(migrated, next, 'hotel');
  assert.deepEqual(await catalogOf(scripted), await catalogOf(migrated));
  assert.deepEqual(await migrate(scripted, next, 'hotel'), { applied: [], functions: 0, version: 2 });
});

test('an older program does not put earlier functions back, nor run on later tables', async () => {
  const client = await connect();
  await migrate(client, original, 'hotel');
  const later = {
    ...original,
    functions: original.functions.map((file) =>
      file === words ? { ...file, text: `-- counted\n${file.text}` } : file,
    ),
  };
  assert.equal((await migrate(client, later, 'hotel')).functions, 1);
  await assert.rejects(migrate(client, original, 'hotel'), {
    code: 'migration_ahead',
    message: /words\.sql/,
  });
  const other = await connect();
  await migrate(other, next, 'hotel');
  await assert.rejects(migrate(other, { ...next, migrations: [] }, 'hotel'), { code: 'migration_ahead' });
});

test('an applied migration that was changed is an error', async () => {
  const client = await connect();
  await migrate(client, next, 'hotel');
  const changed = { ...next, migrations: sql({ '0002_floors.sql': 'select 1;' }) };
  await assert.rejects(migrate(client, changed, 'hotel'), { code: 'migration_changed' });
});

test('two files of one number are an error before any is applied', async () => {
  const client = await connect();
  const migrations = sql({ '0007_mine.sql': 'select 1;', '0007_theirs.sql': 'select 1;' });
  await assert.rejects(migrate(client, { ...original, migrations }, 'hotel'), {
    code: 'migration_numbered_twice',
    message: /number 7\b/,
  });
  assert.deepEqual((await client.query("select to_regnamespace('hotel') as made")).rows, [{ made: null }]);
});

test('a failure names its file and leaves the database as it was', async () => {
  const client = await connect();
  await migrate(client, original, 'hotel');
  const before = await catalogOf(client);
  const broken = {
    ...next,
    migrations: sql({ '0002_floors.sql': 'alter table rooms add floor int; select nothing();' }),
  };
  await assert.rejects(migrate(client, broken, 'hotel'), {
    code: 'migration_failed',
    message: /^0002_floors\.sql: /,
  });
  assert.deepEqual(await catalogOf(client), before);
  assert.equal((await client.query('show search_path')).rows[0].search_path, '"$user", public');
});

test('a database that was made before the first release is refused, and stays as it is', async () => {
  const client = await connect();
  await client.query(`create schema hotel;
    create table hotel.migrations (version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());
    insert into hotel.migrations (version, name, checksum) values (1, 'tenancy', 'x'), (240, 'cascades', 'y')`);
  const before = await catalogOf(client);
  await assert.rejects(migrate(client, original, 'hotel'), {
    code: 'migration_unsupported',
    hint: /empty database/,
  });
  assert.deepEqual(await catalogOf(client), before);
});
