import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateRead } from '@/lib/movement/verify/shadow-reads/translate-read';

const [here, there] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];

test('a read gets the tenant’s id at the target in claims and values, within arrays and JSON too', () => {
  const bytes = Buffer.from(here);
  const values = [here, [here, [`id:${here}`]], { of: { tenant: here } }, `{"id":"${here}"}`, 7, null, bytes];
  const read = {
    role: 'authenticated',
    claims: JSON.stringify({ tenant_id: here }),
    settings: [],
    preRequest: { text: 'select $1', values: [here] },
    statement: { text: 'select 1', values },
  };
  const translated = translateRead(read, here, there);
  assert.deepEqual(translated.statement.values, [
    there,
    [there, [`id:${there}`]],
    { of: { tenant: there } },
    `{"id":"${there}"}`,
    7,
    null,
    bytes,
  ]);
  assert.equal(translated.claims, JSON.stringify({ tenant_id: there }));
  assert.deepEqual(translated.preRequest?.values, [there]);
  assert.equal(translateRead(read, here, here), read);
});
