// The data providers of react-admin and refine, as they are published, against /rest/v1 with a service key. Their frameworks,
// which they need for types only, are left out of the installation (`overrides` in package.json).
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import reactAdmin from '@raphiniert/ra-data-postgrest';
import { dataProvider as refineProvider } from '@refinedev/supabase';
import { createClient } from '@supabase/supabase-js';
import { apiKeyOf } from './api-key';
import { startServing } from './serving';

const serving = await startServing();
const key = await apiKeyOf(serving.operations, serving.tenantIds.a, 'service');
const names = Array.from({ length: 25 }, (_, index) => `Listed ${String(index).padStart(2, '0')}`);
const client = createClient(serving.url, key, { auth: { persistSession: false, autoRefreshToken: false } });

interface Row {
  id: string;
  name: string;
}

before(async () => {
  await client
    .from('accounts')
    .insert(names.map((name) => ({ name })))
    .throwOnError();
});

describe('react-admin: @raphiniert/ra-data-postgrest', () => {
  /** As much as this test calls of what the provider answers with. */
  type Provider = Record<
    string,
    (resource: string, params: object) => Promise<{ data: never; total?: number }>
  >;
  const provided = reactAdmin as unknown as {
    default: (config: object) => Provider;
    defaultPrimaryKeys: unknown;
    defaultSchema: unknown;
  };
  const provider = provided.default({
    apiUrl: `${serving.url}/rest/v1`,
    // What react-admin's `fetchUtils.fetchJson` does.
    httpClient: async (url: string, options: RequestInit) => {
      const headers = new Headers(options.headers);
      headers.set('authorization', `Bearer ${key}`);
      if (options.body) headers.set('content-type', 'application/json');
      const response = await fetch(url, { ...options, headers });
      const body = await response.text();
      if (!response.ok) throw new Error(body);
      return {
        status: response.status,
        headers: response.headers,
        body,
        json: body ? JSON.parse(body) : undefined,
      };
    },
    defaultListOp: 'eq',
    primaryKeys: provided.defaultPrimaryKeys,
    schema: provided.defaultSchema,
  });
  const call = async <T>(method: string, params: object): Promise<{ data: T; total?: number }> =>
    (await provider[method]?.('accounts', params)) as { data: T; total?: number };

  test('a list is filtered, sorted and paged, with its total', async () => {
    const { data, total } = await call<Row[]>('getList', {
      pagination: { page: 2, perPage: 10 },
      sort: { field: 'name', order: 'DESC' },
      filter: { 'name@ilike': 'Listed' },
      meta: {},
    });
    assert.equal(total, 25);
    assert.deepEqual(
      data.map(({ name }) => name),
      names.toReversed().slice(10, 20),
    );
  });

  test('records are made, read, changed and deleted', async () => {
    const { data: made } = await call<Row>('create', { data: { name: 'Of react-admin' } });
    assert.equal((await call<Row>('getOne', { id: made.id })).data.name, 'Of react-admin');
    const change = { id: made.id, data: { ...made, name: 'Changed' }, previousData: made };
    assert.equal((await call<Row>('update', change)).data.name, 'Changed');
    const { data: other } = await call<Row>('create', { data: { name: 'Another' } });
    const many = await call<Row[]>('getMany', { ids: [made.id, other.id] });
    assert.deepEqual(many.data.map(({ name }) => name).sort(), ['Another', 'Changed']);
    const ids = [made.id, other.id];
    await call('updateMany', { ids, data: { name: 'Both' } });
    assert.ok((await call<Row[]>('getMany', { ids })).data.every(({ name }) => name === 'Both'));
    await call('delete', { id: made.id, previousData: made });
    await call('deleteMany', { ids: [other.id] });
    assert.deepEqual((await call<Row[]>('getMany', { ids })).data, []);
  });
});

describe('refine: @refinedev/supabase', () => {
  const provider = refineProvider(client as never);
  const resource = 'accounts';

  test('a list is filtered, sorted and paged, with its total', async () => {
    const { data, total } = await provider.getList<Row>({
      resource,
      pagination: { currentPage: 2, pageSize: 10, mode: 'server' },
      sorters: [{ field: 'name', order: 'desc' }],
      filters: [
        { field: 'name', operator: 'startswith', value: 'Listed' },
        {
          operator: 'or',
          value: [
            { field: 'name', operator: 'gte', value: 'Listed 05' },
            { field: 'name', operator: 'eq', value: 'Listed 00' },
          ],
        },
      ],
    });
    assert.equal(total, 21);
    assert.deepEqual(
      data.map(({ name }: Row) => name),
      names.toReversed().slice(10, 20),
    );
  });

  test('records are made, read, changed and deleted; a refusal has its status and words', async () => {
    const { data: made } = await provider.create<Row>({ resource, variables: { name: 'Of refine' } });
    assert.equal((await provider.getOne<Row>({ resource, id: made.id })).data.name, 'Of refine');
    const changed = await provider.update<Row>({ resource, id: made.id, variables: { name: 'Changed' } });
    assert.equal(changed.data.name, 'Changed');
    const others = await provider.createMany?.<Row>({
      resource,
      variables: [{ name: 'One' }, { name: 'Two' }],
    });
    const ids = [made.id, ...(others?.data ?? []).map(({ id }: Row) => id)];
    const many = await provider.getMany?.<Row>({ resource, ids });
    assert.deepEqual(many?.data.map(({ name }: Row) => name).sort(), ['Changed', 'One', 'Two']);
    await provider.deleteOne({ resource, id: made.id });
    await provider.deleteMany?.({ resource, ids: ids.slice(1) });
    assert.deepEqual((await provider.getMany?.({ resource, ids }))?.data, []);
    const refusal = await provider
      .create({ resource, variables: { unknown: 1 } })
      .catch((error: unknown) => error);
    assert.equal((refusal as { code?: string }).code, 'PGRST204');
  });
});
