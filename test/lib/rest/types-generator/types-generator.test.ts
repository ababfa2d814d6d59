import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { generateTypes } from '@/lib/rest/types-generator';
import { createTestDatabase } from '../../../support/postgres';

const SCHEMA = `
  create type mood as enum ('calm', 'loud');
  create type extent as (width int, height int);
  create domain label as text not null;
  create table venues (id int generated always as identity primary key, name text not null, mood mood default 'calm',
    size extent, tags text[], facts jsonb, title label, open tstzrange, upper_name text generated always as (upper(name)) stored);
  create table halls (venue_id int not null references venues, number int, primary key (venue_id, number), moods mood[]);
  create table licences (venue_id int primary key references venues, "issued on" date);
  create view names as select id, name from venues;
  create view rooms as select venue_id, number from halls;
  create view totals as select count(*) as total from venues;
  create function motto(venues) returns text stable language sql as 'select $1.name';
  create function halls_of(venue venues) returns setof halls stable language sql as 'select * from halls';
  create function search(term text, at_most int default 5) returns table (id int, name text) stable language sql as 'select id, name from venues';
  create function nothing() returns void language sql as '';
  create function pick(a int) returns int language sql as 'select a';
  create function pick(b text) returns text language sql as 'select b';
`;

const USE = `
import { PostgrestClient } from '@supabase/postgrest-js';
import type { Database, Enums, Tables, TablesInsert } from './database';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_T extends true>() => {};

export async function use(client: PostgrestClient<Database>) {
  const venue = await client.from('venues').select('id, name, mood, motto, halls(number), licences("issued on")').single();
  if (venue.data) {
    is<Equal<(typeof venue.data)['mood'], 'calm' | 'loud' | null>>();
    is<Equal<(typeof venue.data)['motto'], string | null>>();
    is<Equal<(typeof venue.data)['halls'], { number: number }[]>>();
    is<Equal<(typeof venue.data)['licences'], { 'issued on': string | null } | null>>();
  }
  const room = await client.from('rooms').select('number, names(name)').single();
  if (room.data) is<Equal<(typeof room.data)['names'], { name: string | null } | null>>();
  const found = await client.rpc('search', { term: 'x' });
  is<Equal<typeof found.data, { id: number; name: string }[] | null>>();
  await client.rpc('nothing');
  // @ts-expect-error a generated column cannot be written
  await client.from('venues').insert({ name: 'a', title: 'b', id: 1 });
  // @ts-expect-error the name is missing
  await client.from('venues').insert({ title: 'b' });
  // @ts-expect-error no such table
  client.from('nowhere');
}
is<Equal<Enums<'mood'>, 'calm' | 'loud'>>();
is<Equal<Tables<'totals'>['total'], number | null>>();
const row: TablesInsert<'venues'> = { name: 'a', title: 'b', size: { width: 1, height: null } };
export { row };
`;

test('the written type is the one that postgrest-js infers results from', async () => {
  const client = new pg.Client({ connectionString: await createTestDatabase() });
  await client.connect();
  try {
    await client.query(SCHEMA);
    const source = await generateTypes(client, ['public']);
    assert.match(source, /halls_of: \{/);
    // Inside the checkout, so that the compiler finds the packages.
    const directory = await mkdtemp(path.join(import.meta.dirname, '.types-'));
    after(() => rm(directory, { recursive: true, force: true }));
    await writeFile(path.join(directory, 'database.ts'), source);
    await writeFile(path.join(directory, 'use.ts'), USE);
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'preserve', '--target', 'es2024'];
    const compiler = path.resolve('node_modules/typescript/bin/tsc');
    const compile = promisify(execFile)(process.execPath, [
      compiler,
      '--ignoreConfig',
      ...flags,
      path.join(directory, 'use.ts'),
    ]);
    await compile.catch((error: { stdout: string }) => assert.fail(error.stdout));
    await assert.rejects(generateTypes(client, ['public', 'nowhere']), { code: 'schema_missing' });
  } finally {
    await client.end();
  }
});
