import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readRestConfiguration } from '@/lib/rest/server/configuration';
import { readConfigurationFile } from '@/lib/rest/server/configuration-file';
import { configurationText } from '@/lib/rest/server/configuration-text';

let directory: string;
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'marquee-configuration-file-'));
});
after(() => rm(directory, { recursive: true }));

async function fileOf(text: string, name = 'rest.conf'): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, text);
  return file;
}

test('a file has strings, numbers, truth values, groups and imports', async () => {
  await fileOf('colour = "blue"', 'colours.conf');
  const file = await fileOf(String.raw`
    # what is served
    db-schemas = "api,   other" # two
    db-pool=3
    db-plan-enabled = on
    db-anon-role = "a \"quoted\" caf\u00e9"
    app { settings { import "colours.conf" } }
    app.settings.size = 7
  `);
  assert.deepEqual(readConfigurationFile(file), {
    'db-schemas': 'api,   other',
    'db-pool': '3',
    'db-plan-enabled': 'true',
    'db-anon-role': 'a "quoted" café',
    'app.settings.colour': 'blue',
    'app.settings.size': '7',
  });
});

test('a string may name settings and variables, and two dollar signs are one', async () => {
  const file = await fileOf(`
    base = "api"
    db-schemas = "$(base),$(OTHER)"
    jwt-role-claim-key = "$$.role"
  `);
  assert.deepEqual(readConfigurationFile(file, { OTHER: 'second' }), {
    base: 'api',
    'db-schemas': 'api,second',
    'jwt-role-claim-key': '$.role',
  });
  assert.throws(() => readConfigurationFile(file), { message: /^Line 3 of .* names \$\(OTHER\)/ });
});

test('a file that cannot be read says where, and gives no value away', async () => {
  const file = await fileOf('db-pool = 3\ndb-uri = hidden-value');
  assert.throws(() => readConfigurationFile(file), {
    code: 'rest_configuration_invalid',
    message: /^Line 2 of (?!.*hidden)/,
  });
  assert.throws(() => readConfigurationFile(path.join(directory, 'missing.conf')), {
    code: 'rest_configuration_invalid',
  });
  const endless = await fileOf('import "endless.conf"', 'endless.conf');
  assert.throws(() => readConfigurationFile(endless), /imports too many files/);
});

test('the database goes before the environment, the environment before the file', () => {
  const file = {
    'db-max-rows': '1',
    'db-pool': '1',
    'db-anon-role': 'one',
    'db-schema': 'old',
    'app.settings.a': '1',
  };
  const environment = {
    PGRST_DB_MAX_ROWS: '2',
    PGRST_DB_POOL: '2',
    PGRST_DB_ANON_ROLE: '',
    PGRST_APP_SETTINGS_b: '2',
  };
  const read = readRestConfiguration(environment, { db_max_rows: '3' }, file);
  assert.deepEqual(
    [read.db_max_rows, read.db_pool, read.db_anon_role, read.db_schemas],
    [3, 2, undefined, ['old']],
  );
  assert.deepEqual(read.app_settings, [
    ['app.settings.a', '1'],
    ['app.settings.b', '2'],
  ]);
});

test('the configuration in force is a file that says the same', async () => {
  const configuration = readRestConfiguration({
    PGRST_DB_SCHEMAS: 'api,other',
    PGRST_DB_PRE_REQUEST: 'auth.check',
    PGRST_DB_MAX_ROWS: '10',
    PGRST_JWT_SECRET: 'c2VjdXJpdHl0aHJvdWdob2JzY3VyaXR5aW5iYXNlNjQ=',
    PGRST_JWT_SECRET_IS_BASE64: 'true',
    PGRST_JWT_ROLE_CLAIM_KEY: '$.app["some role"][0]',
    PGRST_SERVER_TRACE_HEADER: 'X-Request-Id',
    PGRST_SERVER_UNIX_SOCKET: '/run/a "b"\\c.sock',
    PGRST_SERVER_UNIX_SOCKET_MODE: '777',
    PGRST_APP_SETTINGS_COLOUR: 'green',
  });
  const text = configurationText(configuration);
  assert.match(text, /^jwt-role-claim-key = "\$\$\.app\[\\"some role\\"\]\[0\]"$/m);
  assert.match(text, /^server-unix-socket-mode = "777"$/m);
  const again = readRestConfiguration({}, {}, readConfigurationFile(await fileOf(text, 'again.conf')));
  assert.equal(configurationText(again), text);
  assert.deepEqual(again.secret, configuration.secret);
});
