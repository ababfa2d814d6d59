// How long it takes to bring every secret of an installation to another key with the local provider: tenants' URLs, second factors, and the
// credentials of connected services in four tenant data databases.
import { randomBytes, randomUUID } from 'node:crypto';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { DataSourceManager, directoryOf, provisionDataSource } from '@/lib/data-sources';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { rotateSecrets } from '@/lib/rotation';
import { openSecrets, type SecretBox } from '@/lib/secrets';
import type { BenchResult } from '../measure';
import { QUICK } from '../measure';
import { sql, startServer } from '../tenants';

export const description = 'all secrets of 10,000 tenants to another key';

const TENANTS = QUICK ? 200 : 10_000;
const SOURCES = 4;

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer({ max_connections: 100 });
  try {
    const urls = ['application', 'operations'].map((name) => server.url(name));
    const [applicationUrl = '', operationsUrl = ''] = urls;
    for (const name of ['application', 'operations']) await sql(server.url(), `create database ${name}`);
    await migrateApplicationDatabase(applicationUrl);
    await migrateOperationsDatabase(operationsUrl);
    const [oldKey, key] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
    const open = async (encryptionKey: string, otherEncryptionKeys: string[]) => {
      const secretBox = await openSecrets({ encryptionKey, otherEncryptionKeys });
      const application = openApplicationDatabase({ url: applicationUrl, secretBox });
      const operations = openOperationsDatabase({ url: operationsUrl, secretBox });
      const manager = new DataSourceManager(async () => ({
        directory: directoryOf(application),
        verifyAccessToken: () => Promise.reject(new Error('No user signs in here.')),
      }));
      return { secretBox, application, operations, manager };
    };
    const before = await open(oldKey, []);
    for (let number = 0; number < SOURCES; number += 1) {
      await sql(server.url(), `create database source_${number}`);
      const adminUrl = server.url(`source_${number}`);
      const { dataSource } = await provisionDataSource(before.operations, {
        ...{ name: `source-${number}`, kind: 'shared' as const, adminUrl },
      });
      const { routerUrl } = await before.operations.dataSources.credentials(dataSource.id);
      await fill(before.secretBox, {
        applicationUrl,
        adminUrl,
        routerUrl: routerUrl ?? '',
        sourceId: dataSource.id,
      });
    }
    const rotating = await open(key, [oldKey]);
    const began = performance.now();
    const { stores, problems } = await rotateSecrets(rotating, { actor: 'bench' });
    const seconds = (performance.now() - began) / 1000;
    const again = performance.now();
    await rotateSecrets(rotating, { actor: 'bench' });
    const againSeconds = (performance.now() - again) / 1000;
    const secrets = stores.reduce((sum, { rewritten }) => sum + rewritten, 0);
    await Promise.all(
      [before, rotating].flatMap((one) => [
        one.manager.close(),
        one.application.close(),
        one.operations.close(),
      ]),
    );
    return {
      spread: {},
      tenants: TENANTS,
      secrets,
      problems: problems.length,
      seconds: Number(seconds.toFixed(1)),
      secretsPerSecond: Math.round(secrets / seconds),
      secondsWithNothingLeft: Number(againSeconds.toFixed(1)),
    };
  } finally {
    await close();
  }
}

interface Filled {
  applicationUrl: string;
  adminUrl: string;
  routerUrl: string;
  sourceId: string;
}

/** Tenants with a fence, a user with a second factor and one connected service each. */
async function fill(
  box: SecretBox,
  { applicationUrl, adminUrl, routerUrl, sourceId }: Filled,
): Promise<void> {
  const rows = await Promise.all(
    Array.from({ length: TENANTS / SOURCES }, async () => {
      const [id, userId] = [randomUUID(), randomUUID()];
      return {
        ...{ id, userId, url: await box.encrypt(routerUrl, { owner: id, column: 'data_source_url' }) },
        totp: await box.encrypt('JBSWY3DPEHPK3PXP', { owner: userId, column: 'totp_secret' }),
        credentials: await box.encrypt('{"secretKey":"x"}', {
          owner: id,
          column: 'user_integrations.credentials',
        }),
      };
    }),
  );
  const json = JSON.stringify(rows);
  await sql(
    applicationUrl,
    `with given as (select * from jsonb_to_recordset($1) as r (id uuid, "userId" uuid, url text, totp text)),
     made as (insert into tenants (id, name, subdomain, data_source_id, data_source_engine, data_source_url)
       select id, 'T', 't-' || id, $2::uuid, 'postgresql', url from given returning id)
     insert into users (id, tenant_id, email, display_name, role, totp_secret)
       select "userId", made.id, 'owner@example.com', 'O', 'owner', totp from given join made using (id)`,
    [json, sourceId],
  );
  await sql(
    adminUrl,
    `with given as (select * from jsonb_to_recordset($1) as r (id uuid, credentials text)),
     fences as (insert into tenancy.fence (tenant_id, epoch, state) select id, 1, 'open' from given)
     insert into user_integrations (tenant_id, id, provider, credentials) select id, gen_random_uuid(), 'stripe', credentials from given`,
    [json],
  );
}
