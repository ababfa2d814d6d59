// The specification's seven variables, and nothing else: the application database and new tenants' data are Supabase projects, reached over
// REST only. Both are stand-ins (test/support/supabase-project.ts, test/lib/data-sources/sources/supabase/project.ts).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import { createClient } from '@supabase/supabase-js';
import { openApplicationDatabase, projectScript } from '@/lib/application';
import { testSecretBox } from '../lib/application/application-database';
import { startProject } from '../lib/data-sources/sources/supabase/project';
import { administer, createTestDatabase } from '../support/postgres';
import { startSupabaseProject } from '../support/supabase-project';
import { marquee } from './marquee';

const PASSWORD = 'correct horse battery';
const PLAIN = { auth: { persistSession: false, autoRefreshToken: false } };
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-specified-'));
const databaseUrl = await createTestDatabase('application');
const [project, tenantData] = await Promise.all([startSupabaseProject(databaseUrl), startProject()]);
const key = 'ab'.repeat(32);
const environment = {
  MARQUEE_STATE_DIRECTORY: directory,
  NEXT_PUBLIC_SUPABASE_URL: project.url,
  NEXT_PUBLIC_SUPABASE_ANON_KEY: project.anonKey,
  SUPABASE_SERVICE_ROLE_KEY: project.serviceKey,
  DEFAULT_TENANT_DATA_URL: tenantData.url,
  DEFAULT_TENANT_DATA_ANON_KEY: 'anon',
  DEFAULT_TENANT_DATA_SERVICE_KEY: 'service',
  ENCRYPTION_KEY: key,
};
const START = ['start', '--json', '--no-web', '--port', '0'];
after(() => rm(directory, { recursive: true, force: true }));

test('a project that was not set up ends the start with what to run', async () => {
  const { code, stderr } = await marquee(START, environment).ended;
  const { error } = JSON.parse(stderr.slice(stderr.indexOf('{')));
  assert.deepEqual([code === 0, error.code], [false, 'application_project_not_set_up']);
  assert.match(error.hint, /marquee migrate --script/);
  assert.ok(!stderr.includes(project.serviceKey));
});

test('a tenant made in the project signs in, reads and writes its rows; every change is in the audit log', async () => {
  const script = await marquee(['migrate', '--script'], environment).ended;
  assert.equal(script.stdout, await projectScript());
  await administer(databaseUrl, script.stdout);
  const { child, ended } = marquee(START, environment);
  after(async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  });
  let printed = '';
  const announced = new Promise<{ url: string }>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk;
      if (printed.trimEnd().endsWith('\n}')) resolve(JSON.parse(printed));
    });
  });
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  failed.catch(() => {});
  const { url } = await Promise.race([announced, failed]);
  // As the specification's own code does it.
  const admin = createClient(project.url, project.serviceKey, PLAIN);
  const { data: tenants, error } = await admin
    .from('tenants')
    .insert({ name: 'Acme', subdomain: 'acme' })
    .select('id');
  assert.equal(error, null);
  const tenantId = tenants?.[0]?.id;
  const secretBox = testSecretBox(key);
  const application = openApplicationDatabase({
    ...{ project: { url: project.url, serviceKey: project.serviceKey }, secretBox },
    author: { actor: 'test' },
  });
  after(() => application.close());
  const email = 'owner@acme.example';
  const passwordHash = await hash(PASSWORD);
  await application.users.create({ tenantId, email, displayName: 'Owner', role: 'owner', passwordHash });
  const client = createClient(`${url}/t/acme`, 'none', PLAIN);
  assert.equal((await client.auth.signInWithPassword({ email, password: PASSWORD })).error, null);
  assert.equal((await client.from('accounts').insert({ name: 'First' })).error, null);
  assert.deepEqual((await client.from('accounts').select('name')).data, [{ name: 'First' }]);
  const { rows } = await tenantData.sql('select tenant_id from accounts');
  assert.deepEqual(rows, [{ tenant_id: tenantId }]);
  const here = { MARQUEE_STATE_DIRECTORY: directory };
  const listed = JSON.parse((await marquee(['tenant', 'list', '--json'], here).ended).stdout);
  assert.deepEqual([listed[0]?.subdomain, listed[0]?.source], ['acme', 'default']);
  const verified = JSON.parse((await marquee(['audit', 'verify', '--json'], here).ended).stdout);
  assert.equal(verified.problems, 0);
  const actions = (await application.audit.list({ tenantId })).map(
    ({ action, actor }) => `${action} ${actor}`,
  );
  for (const expected of [
    /^tenants\.insert database:/,
    /^tenants\.update system:placement/,
    /^users\.insert test/,
    /^session\.sign_in/,
  ])
    assert.ok(
      actions.some((one) => expected.test(one)),
      `${expected}: ${actions.join(', ')}`,
    );
});
