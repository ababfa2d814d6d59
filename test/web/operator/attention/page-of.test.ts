import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf } from '@/web/operator/attention/page-of';

const stateOf = (code: string) => ({ says: { state: { code, values: {} }, details: [] } });

test('tenants whose data source is down lead to that data source, others to their own page', () => {
  const everywhere = () => true;
  const affected = { part: 'tenants', place: 'main', ...stateOf('states.affected') };
  assert.equal(pageOf(affected, everywhere), '/data-sources/main');
  const stuck = { part: 'tenants', place: 'acme', ...stateOf('states.provisioning') };
  assert.equal(pageOf(stuck, everywhere), '/tenants/acme');
});
