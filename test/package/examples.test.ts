// The examples, each in an empty directory with the packed package installed, against one running instance.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { marquee } from '../cli/marquee';
import { startInstance } from '../e2e/instance';
import { output, project, serve } from './installed';

const state = await mkdtemp(path.join(tmpdir(), 'marquee-state-'));
const instance = await startInstance(state, { empty: true });
after(async () => {
  await instance.stop();
  await rm(state, { recursive: true });
});
const environment = { MARQUEE_STATE_DIRECTORY: state };

// An account to find, in the tenant on the customer's own server.
const prepared = await project({ optional: false });
await writeFile(
  path.join(prepared, 'prepare.mjs'),
  `import { dataSourceManager } from 'marquee/data-sources';
  const [tenantId] = process.argv.slice(2);
  const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
  const { error } = await tenantDb.from('accounts').insert({ name: 'Lighthouse & Co' });
  if (error) throw new Error(error.message);`,
);
const listed = JSON.parse((await marquee(['tenant', 'list', '--json'], environment).ended).stdout);
const { id: tenantId } = listed.find(({ subdomain }: { subdomain: string }) => subdomain === 'f');
await output(process.execPath, ['prepare.mjs', tenantId], { cwd: prepared, environment });

test('script: reads a tenant, runs a transaction, signs in with the Supabase client; each ends by itself', async () => {
  const here = { cwd: await project({ example: 'script', optional: false }), environment };
  assert.equal(await output(process.execPath, ['query-a-tenant.ts', tenantId], here), '1 accounts\n');
  assert.match(await output(process.execPath, ['several-statements.ts', tenantId], here), /index/);
  const signIn = [`${instance.url}/t/f`, 'owner@f.example', instance.password];
  assert.equal(await output(process.execPath, ['supabase-client.ts', ...signIn], here), '[]\n');
});

test('hono: answers with a tenant’s rows and with an error’s status; ends when it is told to', async () => {
  const here = {
    cwd: await project({ example: 'hono', optional: false }),
    environment: { ...environment, PORT: '0' },
  };
  const { announced: url, child, ended } = await serve(process.execPath, ['server.ts'], here, /(http:\S+)/);
  const accounts = await fetch(`${url}/tenants/${tenantId}/accounts`);
  assert.deepEqual(
    ((await accounts.json()) as { name: string }[]).map(({ name }) => name),
    ['Lighthouse & Co'],
  );
  const unknown = await fetch(`${url}/tenants/11111111-1111-4111-8111-111111111111/accounts`);
  assert.equal(unknown.status, 404);
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
});

test('nextjs: is built and answers from a route and a page; ends when it is told to', async () => {
  const cwd = await project({ example: 'nextjs' });
  const here = { cwd, environment: { ...environment, NEXT_TELEMETRY_DISABLED: '1' } };
  const next = path.join(cwd, 'node_modules/next/dist/bin/next');
  await output(process.execPath, [next, 'build'], here);
  const {
    announced: url,
    child,
    ended,
  } = await serve(process.execPath, [next, 'start', '--port', '0'], here, /Local:\s+(http:\S+)[\s\S]*Ready/);
  const accounts = await fetch(`${url}/api/tenants/${tenantId}/accounts`);
  assert.deepEqual(
    ((await accounts.json()) as { name: string }[]).map(({ name }) => name),
    ['Lighthouse & Co'],
  );
  assert.match(await (await fetch(`${url}/tenants/${tenantId}`)).text(), /<li>Lighthouse &amp; Co<\/li>/);
  child.kill('SIGTERM');
  await ended;
});
