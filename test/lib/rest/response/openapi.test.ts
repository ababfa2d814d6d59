import assert from 'node:assert/strict';
import { test } from 'node:test';
import SwaggerParser from '@apidevtools/swagger-parser';
import pg from 'pg';
import { type Catalog, catalogStatement, openApiDocument } from '@/lib/rest/response/openapi';
import { createTestDatabase } from '../../../support/postgres';

const SCHEMA = `
  create type mood as enum ('calm', 'loud');
  create domain note as text;
  create table rooms (
    id int primary key,
    title varchar(20) not null default 'hall',
    mood mood,
    remarks note,
    tags text[],
    extra jsonb,
    seats smallint default 4
  );
  comment on schema public is E'Venues\\n\\nWhere things happen';
  comment on table rooms is E'A room\\n\\nwith walls';
  comment on column rooms.id is 'its number';
  create view titles as select id, title from rooms;
  create materialized view counted as select count(*) from rooms;
  create function find(wanted text, limit_to int default 1) returns setof rooms stable language sql as 'select * from rooms';
  create function total(variadic numbers int[]) returns int immutable language sql as 'select 1';
  create function touch() returns void language sql as '';
  create function hidden() returns trigger language plpgsql as 'begin return new; end';
  create function unnamed(json) returns json language sql as 'select $1';
  create function unnameable(int, int) returns int language sql as 'select 1';
  revoke execute on function touch() from public;
`;

const keys = {
  isPrimaryKey: (table: string, column: string) => table === 'rooms' && column === 'id',
  foreignKey: () => undefined,
};
const options = { uri: new URL('https://example.com/api'), securityActive: true };

test('the document describes tables, views and functions', async () => {
  const client = new pg.Client({ connectionString: await createTestDatabase() });
  await client.connect();
  try {
    await client.query(SCHEMA);
    const catalog = await read(client, false);
    const document = JSON.parse(JSON.stringify(openApiDocument(catalog, keys, options)));
    await SwaggerParser.validate(structuredClone(document));
    assert.deepEqual(document.info, {
      title: 'Venues',
      description: 'Where things happen',
      version: '16.4',
    });
    assert.equal(document.host, 'example.com:443');
    assert.equal(document.basePath, '/api');
    assert.deepEqual(document.definitions.rooms, {
      type: 'object',
      description: 'A room\n\nwith walls',
      required: ['id', 'title'],
      properties: {
        id: {
          format: 'int32',
          type: 'integer',
          description: 'its number\n\nNote:\nThis is a Primary Key.<pk/>',
        },
        title: { format: 'character varying', type: 'string', maxLength: 20, default: 'hall' },
        mood: { format: 'public.mood', type: 'string', enum: ['calm', 'loud'] },
        remarks: { format: 'text', type: 'string' },
        tags: { format: 'text[]', type: 'array', items: { type: 'string' } },
        extra: { format: 'jsonb' },
        seats: { format: 'int32', type: 'integer', default: 4 },
      },
    });
    assert.deepEqual(Object.keys(document.paths['/rooms']).sort(), ['delete', 'get', 'patch', 'post']);
    assert.equal(document.paths['/rooms'].get.summary, 'A room');
    assert.equal(document.paths['/rooms'].get.description, 'with walls');
    assert.deepEqual(Object.keys(document.paths['/counted']), ['get']);
    assert.deepEqual(document.paths['/rpc/find'].get.parameters, [
      { format: 'text', type: 'string', name: 'wanted', required: true, in: 'query' },
      { format: 'int32', type: 'integer', name: 'limit_to', required: false, in: 'query' },
    ]);
    assert.deepEqual(document.paths['/rpc/total'].get.parameters, [
      {
        type: 'array',
        items: { type: 'integer', format: 'int32' },
        collectionFormat: 'multi',
        name: 'numbers',
        required: true,
        in: 'query',
      },
    ]);
    assert.deepEqual(Object.keys(document.paths['/rpc/touch']), ['post']);
    assert.ok(document.paths['/rpc/unnamed']);
    assert.equal(document.paths['/rpc/hidden'], undefined);
    assert.equal(document.paths['/rpc/unnameable'], undefined);
    assert.deepEqual(document.security, [{ JWT: [] }]);
    assert.deepEqual(document.parameters['rowFilter.rooms.id'], {
      in: 'query',
      required: false,
      type: 'string',
      name: 'id',
      description: 'its number',
    });

    await client.query('begin');
    await client.query('create role openapi_nobody_7c1');
    await client.query('grant select (id) on titles to openapi_nobody_7c1');
    await client.query('set local role openapi_nobody_7c1');
    const visible = await read(client, true);
    assert.deepEqual(
      visible.tables.map((table) => table.name),
      ['titles'],
    );
    assert.ok(!visible.functions.some((routine) => routine.name === 'touch'));
    await client.query('rollback');
  } finally {
    await client.end();
  }
});

async function read(client: pg.Client, followPrivileges: boolean): Promise<Catalog> {
  const { text, values } = catalogStatement('public', followPrivileges);
  const result = await client.query({ text, values: [...values], rowMode: 'array' });
  return JSON.parse(result.rows[0]?.[0]);
}
