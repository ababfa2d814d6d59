// A project that calls `tenancy.admit_request` before each request keeps its tenants' fences, for Marquee's routers and for clients of
// its own.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { startProject } from './project';

const project = await startProject({ fenced: true });
const tenant = randomUUID();
await project.sql('select tenancy.open_fence($1, 3)', [tenant]);

async function ask(headers: Record<string, string>, key = `tenant:${tenant}`) {
  const response = await fetch(`${project.url}/rest/v1/accounts?select=id`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const body = await response.json();
  return [response.status, body.code ?? 'admitted', body.details ?? null];
}
const router = (epoch: number) => ({ 'x-marquee-tenant': tenant, 'x-marquee-epoch': String(epoch) });

test('a route of another epoch is refused, also with the project’s service key', async () => {
  for (const key of [`tenant:${tenant}`, project.key]) {
    assert.deepEqual(await ask(router(3), key), [200, 'admitted', null]);
    assert.deepEqual(await ask(router(2), key), [400, 'MQ001', 'stale epoch']);
  }
});

test('the tenant that a header names does not outdo the one that claims name', async () => {
  const other = randomUUID();
  assert.deepEqual(await ask(router(3), `tenant:${other}`), [400, 'MQ001', 'no fence']);
});

test('while the fence is closed no client of the tenant is let in', async () => {
  assert.deepEqual(await ask({}), [200, 'admitted', null]);
  await project.sql("select tenancy.close_fence($1, 'moving')", [tenant]);
  assert.deepEqual(await ask({}), [400, 'MQ001', 'closed at epoch 3']);
  assert.deepEqual(await ask(router(3)), [400, 'MQ001', 'closed at epoch 3']);
  await project.sql('select tenancy.open_fence($1, 4)', [tenant]);
  assert.deepEqual(await ask(router(4)), [200, 'admitted', null]);
});

test('a request of no tenant is the project’s own business', async () => {
  assert.deepEqual(await ask({}, project.key), [200, 'admitted', null]);
  assert.deepEqual(await ask({}, `tenant:${randomUUID()}`), [200, 'admitted', null]);
});

test('a function that a project has before its requests stays', async () => {
  const login = project.database.logins.router.name;
  const configure = async () => {
    const { rows } = await project.sql('select tenancy.fence_requests($1) as fenced', [login]);
    return rows[0]?.fenced;
  };
  assert.equal(await configure(), true);
  await project.sql(`alter role ${login} set pgrst.db_pre_request = 'public.count_requests'`);
  assert.equal(await configure(), false);
});
