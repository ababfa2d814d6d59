import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readRestConfiguration } from '@/lib/rest/server/configuration';
import { connectionConfig } from '@/lib/rest/server/connection-string';
import { corsHeaders, preflight } from '@/lib/rest/server/cors';

test("the defaults are PostgREST's", () => {
  const configuration = readRestConfiguration({});
  assert.deepEqual(configuration.db_schemas, ['public']);
  assert.deepEqual(configuration.db_extra_search_path, ['public']);
  assert.equal(configuration.db_pool, 10);
  assert.equal(configuration.db_tx_end, 'commit');
  assert.equal(configuration.server_port, 3000);
  assert.equal(configuration.openapi_mode, 'follow-privileges');
  assert.equal(configuration.db_aggregates_enabled, false);
  assert.equal(configuration.secret, undefined);
});

test('booleans, lists, names and old names are read', () => {
  const configuration = readRestConfiguration({
    PGRST_DB_SCHEMAS: 'api, v2',
    PGRST_DB_EXTRA_SEARCH_PATH: '',
    PGRST_DB_PLAN_ENABLED: '1',
    PGRST_DB_AGGREGATES_ENABLED: '"True"',
    PGRST_DB_PREPARED_STATEMENTS: '0',
    PGRST_PRE_REQUEST: 'auth.check',
    PGRST_DB_ANON_ROLE: '',
    PGRST_APP_SETTINGS_JWT_EXP: '3600',
    PGRST_SERVER_CORS_ALLOWED_ORIGINS: 'http://a.example, http://b.example',
  });
  assert.deepEqual(configuration.db_schemas, ['api', 'v2']);
  assert.deepEqual(configuration.db_extra_search_path, []);
  assert.equal(configuration.db_plan_enabled, true);
  assert.equal(configuration.db_aggregates_enabled, true);
  assert.equal(configuration.db_prepared_statements, false);
  assert.deepEqual(configuration.db_pre_request, { schema: 'auth', name: 'check' });
  assert.equal(configuration.db_anon_role, undefined);
  assert.deepEqual(configuration.app_settings, [['app.settings.JWT_EXP', '3600']]);
  assert.deepEqual(configuration.server_cors_allowed_origins, ['http://a.example', 'http://b.example']);
});

test('what the database says of itself goes first, but not how to reach it', () => {
  const environment = { PGRST_DB_MAX_ROWS: '10', PGRST_JWT_AUD: 'us' };
  const configuration = readRestConfiguration(environment, { db_max_rows: '5' });
  assert.equal(configuration.db_max_rows, 5);
  assert.equal(configuration.jwt_aud, 'us');
});

test('the secret comes from a file and from base64', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-secret-'));
  try {
    const file = path.join(directory, 'secret');
    await writeFile(file, 'from a file\n');
    const read = readRestConfiguration({ PGRST_JWT_SECRET: `@${file}` });
    assert.equal(Buffer.from(read.secret ?? []).toString(), 'from a file');
    const decoded = readRestConfiguration({ PGRST_JWT_SECRET: '-_8.', PGRST_JWT_SECRET_IS_BASE64: 'true' });
    assert.deepEqual([...(decoded.secret ?? [])], [0xfb, 0xff]);
    assert.throws(() => readRestConfiguration({ PGRST_JWT_SECRET: '@/nowhere/secret' }), {
      code: 'rest_configuration_invalid',
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('what is wrong is named, and secrets are not repeated', () => {
  const wrong = {
    PGRST_DB_TX_END: 'maybe',
    PGRST_DB_POOL: 'many',
    PGRST_DB_PLAN_ENABLED: 'perhaps',
    PGRST_DB_SCHEMAS: 'pg_catalog',
    PGRST_JWT_SECRET: 'hidden-value',
    PGRST_OPENAPI_SERVER_PROXY_URI: 'not a uri',
  };
  assert.throws(
    () => readRestConfiguration(wrong),
    (error: Error) => {
      for (const name of Object.keys(wrong)) {
        assert.equal(error.message.includes(name), name !== 'PGRST_JWT_SECRET', name);
      }
      return !error.message.includes('hidden-value');
    },
  );
  assert.throws(() => readRestConfiguration({ PGRST_ADMIN_SERVER_PORT: '3000' }), /PGRST_ADMIN_SERVER_PORT/);
});

test('connection strings are URIs or keywords', () => {
  const name = { application_name: 'x', keepAlive: true };
  assert.deepEqual(connectionConfig('postgresql://', 'x'), name);
  const uri = 'postgresql://user@host/db';
  assert.deepEqual(connectionConfig(uri, 'x'), { ...name, connectionString: uri });
  assert.deepEqual(connectionConfig(String.raw`host=/run/pg port = 5433 dbname='a b' user=it\'s`, 'x'), {
    ...name,
    host: '/run/pg',
    port: 5433,
    database: 'a b',
    user: "it's",
  });
  assert.deepEqual(
    connectionConfig("host=db1,db2 port=5433,5434 user=u password='p w' dbname=app sslmode=require", 'x'),
    {
      ...name,
      connectionString: 'postgresql://u:p%20w@db1:5433,db2:5434/app?sslmode=require',
    },
  );
  assert.throws(() => connectionConfig('secret-thing', 'x'), {
    code: 'connection_string_invalid',
    message: /^(?!.*secret-thing)/,
  });
});

test('a preflight request is answered with what was asked', () => {
  const headers = {
    origin: 'http://example.com',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'Foo,Bar',
  };
  assert.deepEqual(Object.fromEntries(preflight('OPTIONS', headers, undefined) ?? []), {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD',
    'Access-Control-Allow-Headers': 'Authorization, Foo, Bar, Accept, Accept-Language, Content-Language',
    'Access-Control-Max-Age': '86400',
  });
  assert.equal(preflight('OPTIONS', { origin: 'http://example.com' }, undefined), undefined);
  assert.equal(preflight('OPTIONS', headers, ['http://other.example']), undefined);
});

test('only allowed origins are told that they are', () => {
  const allowed = ['http://example.com'];
  assert.deepEqual(corsHeaders({}, undefined), []);
  assert.deepEqual(corsHeaders({ origin: 'http://other.example' }, allowed), []);
  assert.deepEqual(corsHeaders({ origin: 'http://example.com' }, allowed).slice(0, 2), [
    ['Access-Control-Allow-Origin', 'http://example.com'],
    ['Access-Control-Allow-Credentials', 'true'],
  ]);
});
