// Every way to ask for a tenant's data, each with what it must answer and what must be stored afterwards, as a model of the rows says.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { PostgrestClient } from '@supabase/postgrest-js';
import { copyIn, copyOut, readInPages } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { GenericRepository } from '@/lib/repositories';

/** Accounts by id: name and notes. */
export type Model = Map<string, [name: string, notes: string | null]>;

/** What verbs share; `client` and `user` are kept while the tenant moves. */
export interface World {
  manager: DataSourceManager;
  tenantId: string;
  client: PostgrestClient;
  user: PostgrestClient;
  /** Sends a request below `/rest/v1` as the tenant's service. */
  send(request: { method: string; path: string; query?: string; type?: string; body?: string }): Promise<{
    status: number;
    body: string;
  }>;
  rows: Model;
}

/** @returns what changed in the model once the request was acknowledged */
export type Verb = (world: World, name: string) => Promise<void>;

type Answer<T> = { data: T | null; error: { code?: string; message: string } | null; status: number };

function ok<T>({ data, error, status }: Answer<T>): T {
  assert.equal(error, null, `${status} ${error?.code} ${error?.message}`);
  return data as T;
}

/** `select id, name`, as the model has it. */
function isModel(found: readonly { id: string; name: string }[], { rows }: World): void {
  assert.deepEqual(
    Object.fromEntries(found.map(({ id, name }) => [id, name])),
    Object.fromEntries([...rows].map(([id, [name]]) => [id, name])),
  );
}

function one({ rows }: World): [id: string, name: string, notes: string | null] {
  const [[id, [name, notes]] = ['', ['', null]]] = rows;
  return [id, name, notes];
}

export const READS: Record<string, Verb> = {
  select: async (world) => {
    isModel(
      ok(await world.client.from('accounts').select('id, name').eq('tenant_id', world.tenantId)),
      world,
    );
  },
  'select by a list of tenants': async (world) => {
    const { client, tenantId } = world;
    isModel(
      ok(await client.from('accounts').select('id, name').in('tenant_id', [randomUUID(), tenantId])),
      world,
    );
  },
  'select by or': async (world) => {
    const { client, tenantId } = world;
    const filter = `and(tenant_id.eq.${tenantId},name.neq.x),tenant_id.in.(${tenantId},${randomUUID()})`;
    isModel(ok(await client.from('accounts').select('id, name').or(filter)), world);
  },
  count: async ({ client, tenantId, rows }) => {
    const answer = await client
      .from('accounts')
      .select('*', { count: 'exact', head: true })
      .eq('tenant_id', tenantId);
    assert.equal(answer.error, null);
    assert.equal(answer.count, rows.size);
  },
  'estimated count': async ({ client, tenantId, rows }) => {
    const { count } = await client
      .from('accounts')
      .select('id', { count: 'estimated' })
      .eq('tenant_id', tenantId);
    assert.equal(count, rows.size);
  },
  single: async (world) => {
    const [id, name] = one(world);
    const query = world.client.from('accounts').select('name').eq('tenant_id', world.tenantId).eq('id', id);
    assert.deepEqual(ok(await query.single()), { name });
  },
  maybeSingle: async ({ client, tenantId }) => {
    const query = client.from('accounts').select('name').eq('tenant_id', tenantId).eq('id', randomUUID());
    assert.equal(ok(await query.maybeSingle()), null);
  },
  csv: async ({ client, tenantId, rows }) => {
    const csv = ok(await client.from('accounts').select('id').eq('tenant_id', tenantId).csv()) as string;
    assert.deepEqual(new Set(csv.trim().split('\n').slice(1)), new Set(rows.keys()));
  },
  embed: async (world) => {
    const { client, tenantId } = world;
    const query = client
      .from('contact_accounts')
      .select('role, contacts(first_name), accounts(id, tenant_id)')
      .eq('tenant_id', tenantId)
      .eq('accounts.tenant_id', tenantId);
    const [link] = ok(await query) as unknown as { contacts: unknown; accounts: { tenant_id: string } }[];
    assert.deepEqual(link?.contacts, { first_name: 'Ada' });
    assert.ok(link?.accounts.tenant_id);
  },
  'a function': async (world) => {
    isModel(ok(await world.client.rpc('accounts_of', { tenant: world.tenantId })), world);
  },
  'a function by GET': async (world) => {
    const { client, tenantId } = world;
    isModel(
      ok(await client.rpc('accounts_of', { tenant: tenantId }, { get: true }).eq('tenant_id', tenantId)),
      world,
    );
  },
  'a user’s select': async (world) => {
    isModel(ok(await world.user.from('accounts').select('id, name').eq('tenant_id', world.tenantId)), world);
  },
  'an unknown column': async ({ client }) => {
    assert.equal((await client.from('accounts').select('nothing')).status, 400);
  },
  'a repository’s list': async (world) => {
    const accounts = new GenericRepository(world.client, 'accounts');
    const page = await accounts.list({ filter: { tenant_id: world.tenantId }, withTotal: true, limit: 500 });
    assert.equal(page.total, world.rows.size);
    isModel(page.rows, world);
  },
  'a repository’s pages': async (world) => {
    const accounts = new GenericRepository(world.client, 'accounts');
    const found = [];
    for await (const row of accounts.each({ limit: 2 })) found.push(row);
    isModel(found, world);
  },
};

export const WRITES: Record<string, Verb> = {
  insert: async ({ client, tenantId, rows }, name) => {
    const id = randomUUID();
    ok(await client.from('accounts').insert({ id, tenant_id: tenantId, name }));
    rows.set(id, [name, null]);
  },
  'insert of many': async ({ client, tenantId, rows }, name) => {
    const ids = [randomUUID(), randomUUID()];
    const given = ids.map((id) => ({ id, tenant_id: tenantId, name, notes: tenantId }));
    ok(await client.from('accounts').insert(given).select('id'));
    // Only `tenant_id` names the tenant: elsewhere its id is text like any other.
    for (const id of ids) rows.set(id, [name, tenantId]);
  },
  'insert of a row without its tenant': async ({ client, rows }, name) => {
    const row = ok(await client.from('accounts').insert({ name }).select('id').single()) as { id: string };
    rows.set(row.id, [name, null]);
  },
  upsert: async (world, name) => {
    const { client, tenantId, rows } = world;
    const [id] = one(world);
    const added = randomUUID();
    const given = [id, added].map((each) => ({ id: each, tenant_id: tenantId, name, notes: 'upserted' }));
    ok(await client.from('accounts').upsert(given, { onConflict: 'tenant_id,id' }));
    for (const each of [id, added]) rows.set(each, [name, 'upserted']);
  },
  'upsert of a row that was read': async (world, name) => {
    const { client, rows } = world;
    const [id] = one(world);
    const read = ok(await client.from('accounts').select('id, tenant_id, notes').eq('id', id).single());
    ok(
      await client
        .from('accounts')
        .upsert({ ...(read as unknown as object), name }, { onConflict: 'tenant_id,id' }),
    );
    rows.set(id, [name, rows.get(id)?.[1] ?? null]);
  },
  update: async (world, name) => {
    const { client, tenantId, rows } = world;
    const [id] = one(world);
    const query = client.from('accounts').update({ tenant_id: tenantId, name }).eq('tenant_id', tenantId);
    assert.deepEqual(ok(await query.eq('id', id).select('id')), [{ id }]);
    rows.set(id, [name, rows.get(id)?.[1] ?? null]);
  },
  delete: async (world) => {
    const { client, tenantId, rows } = world;
    const id = [...rows.keys()].at(-1) as string;
    ok(await client.from('accounts').delete().eq('tenant_id', tenantId).eq('id', id));
    rows.delete(id);
  },
  'a function that writes': async ({ client, tenantId, rows }) => {
    const given = { tenants: [randomUUID(), tenantId], suffix: '+' };
    assert.equal(ok(await client.rpc('rename_accounts', given)), rows.size);
    for (const [id, [name, notes]] of rows) rows.set(id, [`${name}+`, notes]);
  },
  'a user’s insert': async ({ user, tenantId, rows }, name) => {
    const id = randomUUID();
    ok(await user.from('accounts').insert({ id, tenant_id: tenantId, name }));
    rows.set(id, [name, null]);
  },
  'a raw request': async ({ send, tenantId, rows }, name) => {
    const id = randomUUID();
    const body = JSON.stringify({ id, tenant_id: tenantId.toUpperCase(), name });
    const answer = await send({ method: 'POST', path: '/accounts', type: 'application/json', body });
    assert.equal(answer.status, 201, answer.body);
    rows.set(id, [name, null]);
  },
  'a repository': async ({ client, tenantId, rows }, name) => {
    const accounts = new GenericRepository(client, 'accounts');
    const made = await accounts.create({ tenant_id: tenantId, name });
    rows.set(made.id, [name, null]);
    const changed = await accounts.update(made.id, { notes: 'changed' }, { version: made.version });
    rows.set(made.id, [name, 'changed']);
    assert.equal((await accounts.get(made.id)).notes, 'changed');
    await accounts.delete(made.id, { version: changed.version });
    rows.delete(made.id);
    assert.equal(await accounts.exists({ id: made.id }), false);
  },
};

/** What a Supabase project refuses before it is sent: it takes requests, and rows as JSON. */
export const POSTGRES_ONLY: Record<string, Verb> = {
  'execute, reading': async (world) => {
    const found = await world.manager.execute(
      world.tenantId,
      { text: 'select id, name from accounts where tenant_id = $1', values: [world.tenantId] },
      { readOnly: true },
    );
    isModel(
      found.map(([id = '', name = '']) => ({ id: id as string, name: name as string })),
      world,
    );
  },
  'execute, by a list of tenants': async ({ manager, tenantId, rows }) => {
    const statement = {
      text: 'select count(*) from accounts where tenant_id = any ($1)',
      values: [[randomUUID(), tenantId]],
      name: 'count_accounts_of',
    };
    assert.deepEqual(await manager.execute(tenantId, statement), [[String(rows.size)]]);
  },
  'execute, writing': async ({ manager, tenantId, rows }, name) => {
    const id = randomUUID();
    const text = 'insert into accounts (id, tenant_id, name) values ($1, $2, $3)';
    await manager.execute(tenantId, { text, values: [id, tenantId, name] });
    rows.set(id, [name, null]);
  },
  'a transaction': async (world, name) => {
    const { manager, tenantId, rows } = world;
    const id = randomUUID();
    await manager.withTenantTransaction(tenantId, async ({ query, tenantIdInDataSource }) => {
      const context = await query('select tenancy.current_tenant() as tenant');
      assert.equal(context.rows[0]?.tenant, tenantIdInDataSource);
      await query('insert into accounts (id, tenant_id, name) values ($1, $2, $3)', [id, tenantId, name]);
      const found = await query({ text: 'select id from accounts where tenant_id = $1', values: [tenantId] });
      assert.equal(found.rows.length, rows.size + 1);
    });
    rows.set(id, [name, null]);
  },
  'a transaction that is rolled back': async ({ manager, tenantId }, name) => {
    const text = 'insert into accounts (tenant_id, name) values ($1, $2)';
    const failing = manager.withTenantTransaction(tenantId, async ({ query }) => {
      await query(text, [tenantId, name]);
      throw new Error('changed my mind');
    });
    await assert.rejects(failing, (error: Error & { code?: string }) => {
      if (error.code === 'data_source_request_refused') throw error;
      return error.message === 'changed my mind';
    });
  },
  'reading in pages': async (world) => {
    const { manager, tenantId } = world;
    const found: { id: string; name: string }[] = [];
    const statement = { text: 'select id, name from accounts where tenant_id = $1', values: [tenantId] };
    await manager.withTenantTransaction(tenantId, (transaction) =>
      readInPages<{ id: string; name: string }>(transaction, statement, (page) => void found.push(...page), {
        rowsAtOnce: 2,
      }),
    );
    isModel(found, world);
  },
  'COPY in and out': async ({ manager, tenantId, rows }, name) => {
    const id = randomUUID();
    const target = { table: 'accounts', columns: ['id', 'name'] };
    const out = new PassThrough();
    await manager.withTenantTransaction(tenantId, async (transaction) => {
      await copyIn(transaction, target, Readable.from([`id,name\n${id},${name}\n`]));
      const [written] = await Promise.all([text(out), copyOut(transaction, target, out)]);
      assert.equal(written.trim().split('\n').length, rows.size + 2);
    });
    rows.set(id, [name, null]);
  },
  'insert of CSV': async ({ send, tenantId, rows }, name) => {
    const id = randomUUID();
    const body = `id,tenant_id,name,notes\n${id},${tenantId},"${name}","a ""quote"", ${tenantId}"\n`;
    const answer = await send({ method: 'POST', path: '/accounts', type: 'text/csv', body });
    assert.equal(answer.status, 201, answer.body);
    rows.set(id, [name, `a "quote", ${tenantId}`]);
  },
  'insert of a form': async ({ send, tenantId, rows }, name) => {
    const id = randomUUID();
    const body = new URLSearchParams({ id, tenant_id: tenantId, name }).toString();
    const type = 'application/x-www-form-urlencoded';
    const answer = await send({ method: 'POST', path: '/accounts', type, body });
    assert.equal(answer.status, 201, answer.body);
    rows.set(id, [name, null]);
  },
};
