import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiKeys } from '@/lib/identity';
import { networkOf } from '@/lib/identity/key-use';
import { until } from '../../support/until';
import { openTestApplicationDatabase } from '../application/application-database';
import { openTestOperationsDatabase } from '../operations/operations-database';

const { application } = await openTestApplicationDatabase();
const { operations } = await openTestOperationsDatabase();
const tenantId = crypto.randomUUID();
const newKey = async (kind: 'service' | 'anon') =>
  new ApiKeys({ application, operations }).create({ tenantId, kind, name: 'test', createdBy: 'test' });
const recorded = (action: string) => application.audit.list({ action });

test('each network of a service key is recorded once, by the process that sees it first', async () => {
  const { key, apiKey } = await newKey('service');
  const anon = await newKey('anon');
  const processes = [new ApiKeys({ application, operations }), new ApiKeys({ application, operations })];
  for (const keys of processes) {
    for (const address of [
      '192.0.2.1',
      '192.0.2.200',
      '2001:db8:1:2::1',
      '2001:db8:1:3::1',
      '::ffff:192.0.2.9',
    ]) {
      await keys.recognize(key, address);
      // A browser has it, anywhere.
      await keys.recognize(anon.key, address);
    }
  }
  await until(async () => (await recorded('api_keys.new_network')).length === 2);
  // A third one, after all others were recorded or skipped.
  for (const keys of processes) await keys.recognize(key, '198.51.100.1');
  await until(async () => (await recorded('api_keys.new_network')).length === 3);
  const records = await recorded('api_keys.new_network');
  assert.deepEqual(records.map(({ details }) => details?.network).sort(), [
    '192.0.2.0/24',
    '198.51.100.0/24',
    '2001:db8:1::/48',
  ]);
  const [last] = records;
  assert.deepEqual(
    [last?.actor, last?.address, last?.entityId, last?.tenantId, last?.details?.kind],
    [`key:${apiKey.id}`, '198.51.100.1', apiKey.id, tenantId, 'service'],
  );
});

test('refused keys are recorded at the 10th and the 100th refusal from an address, with how many there were', async () => {
  const keys = new ApiKeys({ application, operations });
  const { key, apiKey } = await newKey('service');
  await keys.revoke(tenantId, apiKey.id);
  const refuse = async (text: string, address: string, times: number, code: string) => {
    for (let index = 0; index < times; index += 1) {
      await assert.rejects(keys.recognize(text, address), { code });
    }
  };
  await refuse(key, '192.0.2.1', 9, 'api_key_revoked');
  await refuse(key, '192.0.2.2', 10, 'api_key_revoked');
  await refuse(`mq_service_${'a'.repeat(43)}`, '192.0.2.3', 100, 'api_key_invalid');
  await until(async () => (await recorded('api_keys.refused')).length === 3);
  const records = await recorded('api_keys.refused');
  assert.deepEqual(
    records
      .map(({ address, actor, entityId, details }) => [
        address,
        actor,
        entityId,
        details?.count,
        details?.reason,
      ])
      .sort(),
    [
      ['192.0.2.2', 'anonymous', apiKey.id, 10, 'api_key_revoked'],
      ['192.0.2.3', 'anonymous', null, 10, 'api_key_invalid'],
      ['192.0.2.3', 'anonymous', null, 90, 'api_key_invalid'],
    ],
  );
});

test('an address belongs to its /24, or its /48 of IPv6', () => {
  assert.equal(networkOf('192.0.2.77'), '192.0.2.0/24');
  assert.equal(networkOf('::ffff:192.0.2.77'), '192.0.2.0/24');
  assert.equal(networkOf('2001:db8:1:2::5'), '2001:db8:1::/48');
  assert.equal(networkOf('unknown'), 'unknown');
});
