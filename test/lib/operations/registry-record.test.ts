import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOperationsDatabase } from '@/lib/operations';
import { openTestApplicationDatabase } from '../application/application-database';
import { openTestOperationsDatabase } from './operations-database';

const { application, secretBox } = await openTestApplicationDatabase();
const { url } = await openTestOperationsDatabase();
let refuses = false;
const operations = openOperationsDatabase({
  ...{ url, secretBox, maxConnections: 2 },
  recordChange: (change) => (refuses ? Promise.reject(new Error('no')) : application.audit.append(change)),
});
const { dataSources } = operations;
const ROUTER = 'postgresql://router:router-password@db.example.com/one';

test('changes of the registry are recorded with author, before and after; credentials as fingerprints', async (t) => {
  t.after(() => operations.close());
  const { id } = await dataSources.create({ name: 'one', kind: 'shared', region: 'eu', routerUrl: ROUTER });
  await dataSources.update(id, { region: 'us' });
  await dataSources.update(id, { region: 'us' });
  await dataSources.setCredentials(id, { routerUrl: ROUTER.replace('router-password', 'another-password') });
  // Where it cannot be recorded, it is not done.
  refuses = true;
  await assert.rejects(dataSources.update(id, { region: 'de' }));
  await assert.rejects(dataSources.remove(id));
  refuses = false;
  assert.equal((await dataSources.get(id)).region, 'us');
  await dataSources.remove(id);
  const records = (await application.audit.list({ entity: 'data_sources', entityId: id })).reverse();
  const [created, moved, renewed, removed] = records;
  assert.deepEqual(
    records.map(({ action }) => action),
    ['data_sources.insert', 'data_sources.update', 'data_sources.update', 'data_sources.delete'],
  );
  assert.equal(created?.after?.serverKey, 'db.example.com:5432');
  assert.deepEqual([moved?.before, moved?.after], [{ region: 'eu' }, { region: 'us' }]);
  assert.deepEqual(renewed?.before, { routerUrl: `fingerprint:${secretBox.fingerprint(ROUTER)}` });
  assert.equal(removed?.before?.name, 'one');
  assert.equal(created?.actor, 'test');
  assert.doesNotMatch(JSON.stringify(records), /password|mq1\./);
});
