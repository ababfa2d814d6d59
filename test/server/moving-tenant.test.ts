// `/rest/v1` of a running server while the tenant moves between sources of different kinds, under another id in each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash } from '@node-rs/argon2';
import { PostgrestClient } from '@supabase/postgrest-js';
import { tokenVerifier } from '@/lib/data-sources';
import type { AttemptStage } from '@/lib/data-sources/routing/stage';
import { startServer } from '@/server';
import { createInstallation } from '../lib/data-sources/installation';
import { cutOvers, KINDS, workWhile } from '../lib/data-sources/routing/at-work';
import { MovingTenant } from '../lib/data-sources/routing/moving-tenant';
import { POSTGRES_ONLY, READS, type Verb, type World, WRITES } from '../lib/data-sources/routing/verbs';
import { apiKeyOf } from './api-key';

const { application, operations, tokens } = await createInstallation();
const tenant = await MovingTenant.create();
let interruption: { stage: AttemptStage; happen: () => Promise<void> } | undefined;
const manager = tenant.newManager(
  {
    async atStage(stage) {
      if (interruption?.stage !== stage) return;
      const { happen } = interruption;
      interruption = undefined;
      await happen();
    },
  },
  tokenVerifier(tokens),
);
const { database, url: routerUrl } = tenant.here;
await application.tenants.create({
  ...{ id: tenant.id, name: 'Moving', subdomain: 'moving', status: 'active' },
  place: { dataSourceId: database.id, engine: 'postgresql', url: routerUrl, anonKey: null, serviceKey: null },
});
const user = { email: 'owner@moving.example', password: 'correct horse battery' };
await application.users.create({
  ...{ tenantId: tenant.id, email: user.email, displayName: 'Owner', role: 'owner' },
  passwordHash: await hash(user.password),
});
const server = await startServer({
  ...{ application, operations, manager, tokens, host: '127.0.0.1', port: 0, logLevel: 'silent' as const },
  webDirectory: '/nonexistent',
});
const base = `http://127.0.0.1:${server.port}/t/moving`;
const serviceKey = await apiKeyOf(operations, tenant.id, 'service');
const signedIn = await fetch(`${base}/auth/v1/token?grant_type=password`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(user),
});
const { access_token: accessToken } = await signedIn.json();
const headersOf = (token: string) => ({ apikey: serviceKey, authorization: `Bearer ${token}` });
const clientOf = (token: string) =>
  new PostgrestClient(`${base}/rest/v1`, { headers: headersOf(token), retry: false });

const world: World = {
  manager,
  tenantId: tenant.id,
  client: clientOf(serviceKey),
  user: clientOf(accessToken),
  async send({ method, path, query, type = 'application/json', body }) {
    const response = await fetch(`${base}/rest/v1${path}${query ? `?${query}` : ''}`, {
      ...{ method, body },
      headers: { ...headersOf(serviceKey), 'content-type': type },
    });
    const answer = { status: response.status, body: await response.text() };
    const code = answer.body.startsWith('{') ? JSON.parse(answer.body).code : undefined;
    if (code === 'data_source_request_refused') throw Object.assign(new Error(answer.body), { code });
    return answer;
  },
  rows: new Map(),
};
for (let n = 0; n < 4; n += 1) await WRITES.insert?.(world, `account ${n}`);
const [account = ''] = world.rows.keys();
const { data: contact } = await world.client
  .from('contacts')
  .insert({ first_name: 'Ada' })
  .select('id')
  .single();
await world.client
  .from('contact_accounts')
  .insert({ contact_id: contact?.id, account_id: account, role: 'primary' });

test('each verb answers and writes right, wherever the tenant moves meanwhile', async (t) => {
  t.after(() => server.close());
  const byFile = ['insert of CSV', 'insert of a form'].map((label) => [label, POSTGRES_ONLY[label]] as const);
  const verbs = [...Object.entries(READS), ...Object.entries(WRITES), ...byFile] as [string, Verb][];
  let turn = 0;
  for (const [label, verb] of verbs) {
    for (const stage of ['routed', 'entering'] as const) {
      await t.test(`${label}, at ${stage}`, async () => {
        turn += 1;
        const others = tenant.places.filter((place) => place !== tenant.here);
        const to = others[turn % others.length] ?? tenant.here;
        const kinds = [tenant.here.engine, to.engine];
        interruption = { stage, happen: () => tenant.cutOver(to, KINDS[turn % KINDS.length]) };
        await verb(world, `${label} ${turn}`).catch((error: { code?: string }) => {
          const refused = error.code === 'data_source_request_refused' && kinds.includes('supabase');
          if (!refused) throw error;
        });
        await interruption?.happen();
        interruption = undefined;
        await tenant.expectOnly(world.rows);
      });
    }
  }
  await t.test('clients at work while it moves to and fro', async () => {
    await workWhile(world, cutOvers(tenant), { inProcess: false });
    await tenant.expectOnly(world.rows);
  });
  assert.ok(tenant.cutOvers > 60);
});
