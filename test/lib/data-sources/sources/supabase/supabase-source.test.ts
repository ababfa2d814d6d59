// The far end is no Supabase project, but sees every tenant's rows as a project's service key does. What keeps tenants apart is the
// guard alone.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { createInstallation } from '../../installation';
import { startProject } from './project';

const installation = await createInstallation();
const { application, operations } = installation;
const manager = installation.newManager();
const project = await startProject();
const { dataSource } = await provisionDataSource(operations, {
  name: 'project',
  kind: 'supabase',
  networks: 'any',
  url: project.url,
  serviceKey: 'service',
  anonKey: 'anon',
});
const place = (subdomain: string, tenantIdInDataSource?: string) =>
  provisionTenant(installation, { name: subdomain, subdomain, dataSource: 'project', tenantIdInDataSource });
const idThere = randomUUID();
const ours = await place('ours', idThere);
const theirs = await place('theirs');
const client = await manager.getClientForTenant(ours.id, true);
const other = await manager.getClientForTenant(theirs.id, true);
await client.from('accounts').insert([{ name: 'Ours' }]);
await other.from('accounts').insert([{ name: 'Theirs' }]);

test('the specification’s snippet runs over HTTP, under either id', async () => {
  for (const id of [ours.id, idThere]) {
    const tenantDb = await manager.getClientForTenant(ours.id, true);
    const { data, error } = await tenantDb.from('accounts').select('name, tenant_id').eq('tenant_id', id);
    assert.equal(error, null);
    assert.deepEqual(data, [{ name: 'Ours', tenant_id: idThere }]);
  }
});

test('reads, updates and deletes touch the tenant’s rows only, whatever they ask for', async () => {
  assert.deepEqual((await client.from('accounts').select('name')).data, [{ name: 'Ours' }]);
  assert.deepEqual((await client.from('accounts').select('name').eq('tenant_id', theirs.id)).data, []);
  const either = await client.from('accounts').select('name').or(`tenant_id.eq.${theirs.id},name.neq.x`);
  assert.deepEqual(either.data, [{ name: 'Ours' }]);
  await client.from('accounts').update({ notes: 'seen' }).neq('name', '');
  await client.from('accounts').delete().neq('name', 'Ours');
  const { rows } = await project.sql('select name, notes from accounts order by name');
  assert.deepEqual(rows, [
    { name: 'Ours', notes: 'seen' },
    { name: 'Theirs', notes: null },
  ]);
});

test('defaults are of the tenant that the request is for, though the service key is every tenant’s', async () => {
  const rows = [{ name: 'With notes', notes: 'kept' }, { name: 'Without' }];
  const answer = await client
    .from('accounts')
    .insert(rows, { defaultToNull: false })
    .select('tenant_id, notes');
  assert.deepEqual(answer.data, [
    { tenant_id: idThere, notes: 'kept' },
    { tenant_id: idThere, notes: null },
  ]);
  await client.from('accounts').delete().in('name', ['With notes', 'Without']);
});

test('embedded resources are pinned too, at every depth and under aliases', async () => {
  const [account] = (await project.sql("select id from accounts where name = 'Ours'")).rows;
  await project.sql('insert into contacts (tenant_id, id, first_name) values ($1, $2, $3), ($4, $5, $6)', [
    ...[idThere, randomUUID(), 'Ada'],
    ...[theirs.id, randomUUID(), 'Eve'],
  ]);
  const [contact] = (await project.sql("select id from contacts where first_name = 'Ada'")).rows;
  await client
    .from('contact_accounts')
    .insert({ contact_id: contact.id, account_id: account.id, role: 'primary' });
  project.requests.length = 0;
  const { data, error } = await client
    .from('accounts')
    .select('name, links:contact_accounts(role, who:contacts(first_name))')
    .single();
  assert.equal(error, null);
  assert.deepEqual(data, { name: 'Ours', links: [{ role: 'primary', who: { first_name: 'Ada' } }] });
  const sent = new URL(project.requests[0]?.url ?? '', project.url).searchParams;
  assert.equal(sent.get('links.tenant_id'), `eq.${idThere}`);
  assert.equal(sent.get('links.who.tenant_id'), `eq.${idThere}`);
});

test('rows of another tenant can neither be written nor taken over', async () => {
  const foreign = await client.from('accounts').insert({ tenant_id: theirs.id, name: 'planted' });
  assert.equal(foreign.error?.code, 'tenant_mismatch');
  assert.equal(foreign.status, 403);
  const moved = await client.from('accounts').update({ tenant_id: theirs.id }).eq('name', 'Ours');
  assert.equal(moved.error?.code, 'tenant_mismatch');
  const [{ id }] = (await project.sql("select id from accounts where name = 'Theirs'")).rows;
  await client.from('accounts').upsert({ id, name: 'taken' });
  const beside = await client.from('accounts').upsert({ id, name: 'beside' }, { onConflict: 'id' });
  assert.equal(beside.error, null, 'ids are the tenant’s own');
  const { rows } = await project.sql('select name from accounts where tenant_id = $1', [theirs.id]);
  assert.deepEqual(rows, [{ name: 'Theirs' }]);
  const translated = await client
    .from('accounts')
    .insert({ tenant_id: ours.id, name: 'By our id' })
    .select('tenant_id');
  assert.deepEqual(translated.data, [{ tenant_id: idThere }]);
});

test('what cannot be pinned is refused before it is sent', async () => {
  project.requests.length = 0;
  const ask = (path: string) => client.from(path as 'accounts').select();
  const refused = [
    await client.rpc('convert_lead' as never, {} as never),
    await ask('rpc/convert_lead'),
    await ask('../rest/v1/accounts'),
    await ask('accounts/leads'),
    await ask('%2e%2e'),
    await client
      .schema('tenancy' as never)
      .from('fence' as never)
      .select(),
    await client
      .schema('tenancy' as never)
      .from('fence' as never)
      .insert({} as never),
    await client
      .schema('tenancy' as never)
      .from('fence' as never)
      .delete()
      .eq('tenant_id', ours.id),
    await client.from('accounts').select('name, "contact_accounts(' as 'name'),
    await client.from('accounts').select('name::regrole' as 'name'),
    await client.from('accounts').select('n:name::_RegClass,contact_accounts(role::pg_proc)' as 'name'),
  ];
  for (const { error } of refused) assert.equal(error?.code, 'data_source_request_refused');
  assert.equal(project.requests.length, 0);
});

test('a project that answers with a redirect gets no key sent after it', async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json').end('[{"name":"Elsewhere"}]');
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  after(() => elsewhere.close());
  project.redirect = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  try {
    const { data, error } = await client.from('accounts').select('name');
    assert.equal(data, null);
    assert.equal(error?.code, 'data_source_unreachable');
  } finally {
    project.redirect = undefined;
  }
  assert.deepEqual(seen, []);
});

test('a user’s request carries the anon key and the user’s token, and no cookie', async () => {
  project.requests.length = 0;
  const user = await manager.getClientForTenant(ours.id, false, { accessToken: 'users-token' });
  await user.from('accounts').select('name');
  const [sent] = project.requests;
  assert.equal(sent?.headers.apikey, 'anon');
  assert.equal(sent?.headers.authorization, 'Bearer users-token');
  assert.equal(sent?.headers.cookie, undefined);
});

test('a rotated service key heals without a restart', async () => {
  project.key = 'rotated';
  assert.equal((await client.from('accounts').select('name')).status, 401);
  await operations.dataSources.setCredentials(dataSource.id, { serviceKey: 'rotated' });
  await application.tenants.setCredentials(ours.id, {
    url: project.url,
    anonKey: 'anon',
    serviceKey: 'rotated',
  });
  assert.equal((await client.from('accounts').select('name')).status, 200);
});

test('a project that is gone is a typed error, then a fast one', async () => {
  const url = 'http://127.0.0.1:1';
  await application.tenants.setCredentials(theirs.id, { url, anonKey: 'anon', serviceKey: 'x' });
  const second = installation.newManager();
  const gone = await second.getClientForTenant(theirs.id, true);
  for (let tries = 0; tries < 3; tries += 1) {
    const { error, status } = await gone.from('accounts').select('name');
    assert.equal(error?.code, 'data_source_unreachable');
    assert.equal(status, 503);
  }
  assert.equal((await gone.from('accounts').select('name')).error?.code, 'data_source_circuit_open');
  await assert.rejects(
    second.withTenantTransaction(theirs.id, async () => {}),
    { code: 'data_source_request_refused' },
  );
});

test('a write whose answer is lost may have been done; a read is only unreachable', async () => {
  // Takes every request and ends the connection instead of answering.
  const silent = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  after(() => silent.close());
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await application.tenants.setCredentials(theirs.id, { url, anonKey: 'anon', serviceKey: 'x' });
  const second = installation.newManager();
  const lost = await second.getClientForTenant(theirs.id, true);
  const write = await lost.from('accounts').insert({ name: 'Written?' });
  assert.deepEqual([write.error?.code, write.status], ['outcome_unknown', 504]);
  const read = await lost.from('accounts').select('name');
  assert.deepEqual([read.error?.code, read.status], ['data_source_unreachable', 503]);
});
