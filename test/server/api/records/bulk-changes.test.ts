import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { BulkChange } from '@/server/api/records/bulk-changes';
import { administer } from '../../../support/postgres';
import { type Asker, bodyOf, startCompany } from '../start-company';

const company = await startCompany();
const { ask } = company;

const addLeads = (count: number) =>
  company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    const { rows } = await query<{ id: string }>(
      "insert into leads (first_name, last_name) select 'Lead', n::text from generate_series(1, $1::int) n returning id",
      [count],
    );
    return rows.map(({ id }) => id);
  });
const count = async (condition: string) => {
  const client = await company.service();
  const { data } = await client.from('leads').select('id').or(condition).throwOnError();
  return data?.length ?? 0;
};
const list = async (who: Asker) =>
  (await bodyOf<{ rows: BulkChange[] }>(await ask(who, 'GET', '/api/bulk-changes'), 200)).rows;

async function ended(who: Asker, id: string): Promise<BulkChange> {
  for (;;) {
    const change = (await list(who)).find((one) => one.id === id);
    if (change && !['running', 'undoing'].includes(change.status)) return change;
    await setTimeout(50);
  }
}

test('a change runs in the background, is begun once, is seen by its user alone, and is undone', async () => {
  const ids = await addLeads(450);
  const body = { id: randomUUID(), kind: 'leads', ids, column: 'source', value: 'Fair' };
  const answers = await Promise.all([1, 2].map(() => ask('a:sales', 'POST', '/api/bulk-changes', body)));
  // The second click finds the request running, or gets the change that it began.
  for (const { status } of answers) assert.ok([202, 409].includes(status), String(status));
  assert.ok(answers.some(({ status }) => status === 202));
  const done = await ended('a:sales', body.id);
  assert.deepEqual([done.status, done.total, done.changed, done.refusals], ['done', 450, 450, 0]);
  assert.equal((await list('a:sales')).length, 1);
  assert.equal((await list('a:manager')).length, 0);
  assert.equal((await list('b:sales')).length, 0);
  assert.equal(await count('source.eq.Fair'), 450);
  await bodyOf(await ask('a:manager', 'POST', `/api/bulk-changes/${body.id}/undo`), 404);
  await bodyOf(await ask('a:sales', 'POST', `/api/bulk-changes/${body.id}/undo`), 202);
  assert.equal((await ended('a:sales', body.id)).restored, 450);
  assert.equal(await count('source.eq.Fair'), 0);
});

test('a change whose process was killed is taken up again when its user looks, and ends', async () => {
  const ids = await addLeads(300);
  const id = randomUUID();
  const rpc = (name: string, parameters: object) =>
    ask('a:sales', 'POST', `/t/a/rest/v1/rpc/${name}`, parameters);
  // What a killed process leaves: a change that has begun, and no work on it.
  await bodyOf(
    await rpc('begin_bulk_change', { id, kind: 'leads', ids, set_column: 'source', set_value: 'Radio' }),
    200,
  );
  await bodyOf(await rpc('continue_bulk_change', { id, most: 100 }), 200);
  assert.equal((await list('a:sales'))[0]?.status, 'running');
  await administer(
    company.dataUrl,
    "update tenancy.bulk_changes set updated_at = now() - interval '1 minute'",
  );
  const done = await ended('a:sales', id);
  assert.deepEqual([done.status, done.changed], ['done', 300]);
  assert.equal(await count('source.eq.Radio'), 300);
});

test('a change without records, or of too many, is refused', async () => {
  const begin = (body: object) => ask('a:sales', 'POST', '/api/bulk-changes', { id: randomUUID(), ...body });
  await bodyOf(await begin({ kind: 'leads', ids: [], column: 'source', value: 'x' }), 400);
  await bodyOf(await begin({ kind: 'no_such', ids: [randomUUID()], column: 'source', value: 'x' }), 404);
  await bodyOf(await ask('anonymous', 'GET', '/api/bulk-changes'), 401);
});
