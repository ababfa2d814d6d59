// Which texts of developers run without a check of their claims' seal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLAIMS_KEPT, callsNoFunction, withClaimsKept } from '@/lib/data-sources/pool/claims-kept';

for (const text of [
  'select id, name from accounts where tenant_id = $1 order by name, id limit 20',
  "  SELECT a.name, 'x' || a.email from accounts a join contacts c on c.email = a.email where a.status <> $2::text",
  'select current_user, current_date',
]) {
  test(`calls no function: ${text}`, () => assert.ok(callsNoFunction(text)));
}

for (const text of [
  'select count(*) from accounts',
  'select set_config ($1, $2, true)',
  'select "set_config"/**/($1, $2, true)',
  'select (1::bigint).pg_advisory_lock',
  'select array[1][1].pg_advisory_lock',
  'select $1.ts_stat',
  'select $1 .ts_stat',
  'select $1\n.ts_stat',
  'select x -- (\n from y',
  'select U&"pg_005fsettings" uescape \'_\' from pg_settings',
  "update pg_settings set setting = 'x' where name = 'request.jwt.claims'",
  'with x as materialized (select 1) select * from x',
  'table accounts',
  'selected',
  "set request.jwt.claims = '{}'",
  "/* select */ set request.jwt.claims = '{}'",
]) {
  test(`may call a function: ${text}`, () => assert.ok(!callsNoFunction(text)));
}

test('only SQL of the data engine, and of developers where it calls no function, says that it keeps its claims', () => {
  const call = { text: 'select count(*) from accounts', values: [] };
  const plain = { text: 'select name from accounts', values: [1], name: 'names' };
  for (let time = 0; time < 2; time += 1) {
    assert.deepEqual(withClaimsKept(call, 'developers'), call);
    assert.deepEqual(withClaimsKept(call, 'engine'), { ...call, text: CLAIMS_KEPT + call.text });
    assert.deepEqual(withClaimsKept(plain, 'developers'), { ...plain, text: CLAIMS_KEPT + plain.text });
  }
});
