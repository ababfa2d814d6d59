import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import {
  type ApplicationDatabase,
  type ApplicationPlace,
  migrateApplicationDatabase,
  openApplicationDatabase,
} from '@/lib/application';
import { createLocalKeyProvider, createSecretBox, type SecretBox } from '@/lib/secrets';
import { administer, createTestDatabase, testServerUrl } from '../../support/postgres';
import { startSupabaseProject } from '../../support/supabase-project';

export function testSecretBox(key = randomBytes(32).toString('hex')): SecretBox {
  return createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
}

let restricted = false;
let overRest = false;

/** From now on applications are Supabase projects that are reached through their REST API. */
export function reachApplicationsOverRest(): void {
  overRest = true;
}

/** How servers reach a migrated application database. */
async function placeOf(url: string): Promise<ApplicationPlace> {
  if (!overRest) return { url: restricted ? await restrictedLogin(url) : url };
  const { url: projectUrl, serviceKey } = await startSupabaseProject(url);
  const place = { project: { url: projectUrl, serviceKey }, notificationsUrl: url };
  await migrateApplicationDatabase(place, url);
  return place;
}

/** From now on applications are opened with a login that may use the tables but owns none, as `marquee migrate` makes it. */
export function restrictApplicationLogins(): void {
  restricted = true;
}

/** Makes such a login, dropped after the test file. @param ownerUrl of the tables' owner @returns its URL */
export async function restrictedLogin(url: string, ownerUrl = url): Promise<string> {
  const login = `server_${randomBytes(6).toString('hex')}`;
  await administer(url, `create role ${login} login password 'server'`);
  // The database, with all that the login may do there, is dropped by then.
  after(async () => administer(await testServerUrl(), `drop role ${login}`));
  const restrictedUrl = Object.assign(new URL(url), { username: login, password: 'server' }).toString();
  await migrateApplicationDatabase(restrictedUrl, ownerUrl);
  return restrictedUrl;
}

/** A migrated application database of its own, open until the test file ends. `url` is a superuser's. */
export async function openTestApplicationDatabase(): Promise<{
  url: string;
  application: ApplicationDatabase;
  secretBox: SecretBox;
}> {
  const url = await createTestDatabase('application', 'application');
  await migrateApplicationDatabase(url);
  const secretBox = testSecretBox();
  const application = openApplicationDatabase({
    ...(await placeOf(url)),
    secretBox,
    author: { actor: 'test' },
    maxConnections: 4,
  });
  after(() => application.close());
  return { url, application, secretBox };
}
