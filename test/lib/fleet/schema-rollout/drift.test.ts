// What a version consists of is read from its migrations, not from the database that happens to be looked at first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionDataSource } from '@/lib/data-sources';
import { acceptDrift, type Drift, isHarmful, readDrift } from '@/lib/fleet/schema-rollout';
import { giveToOwner } from '../../../support/owner';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createInstallation } from '../../data-sources/installation';

const DRIFT =
  'alter table public.accounts drop column website cascade; create policy wide on public.accounts using (true)';

const installation = await createInstallation();
const { operations, application } = installation;

async function provision(
  name: string,
  kind: 'shared' | 'dedicated',
  ownerUrl?: (url: string) => Promise<string>,
) {
  const url = await createTestDatabase('drift');
  const { dataSource } = await provisionDataSource(operations, {
    ...{ name, kind, adminUrl: ownerUrl ? await ownerUrl(url) : url },
  });
  return { source: dataSource, url };
}

const shown = ({ differences }: Drift) =>
  differences.filter(isHarmful).map(({ change, kind, name }) => `${change} ${kind} ${name}`);
const DRIFTED = ['missing column public.accounts.website', 'unexpected policy public.accounts wide'];

test('a drifted database that is looked at first is drifted, and the next one is not', async () => {
  const [drifted, sound] = await Promise.all([provision('drifted', 'shared'), provision('sound', 'shared')]);
  await administer(drifted.url, DRIFT);
  const looked = await Promise.all([drifted, sound].map(({ source }) => readDrift(operations, source)));
  for (const { reference } of looked) assert.equal(reference, 'migrations');
  const [first, second] = looked.map(shown);
  for (const difference of DRIFTED) assert.ok(first?.includes(difference), `${difference} in ${first}`);
  assert.deepEqual(second, []);
  const { rows } = await administer(
    drifted.url,
    `select datname from pg_database where datname like 'marquee_reference_%'`,
  );
  assert.deepEqual(rows, []);
  await acceptDrift({ operations, application }, drifted.source, { actor: 'test' });
  assert.deepEqual(shown(await readDrift(operations, drifted.source)), []);
});

test('where no database may be made, the first one that is looked at is the reference, and is named', async () => {
  const { source } = await provision('owned', 'dedicated', giveToOwner);
  const { reference, differences } = await readDrift(operations, source);
  assert.deepEqual([reference, differences], ['owned', []]);
});
