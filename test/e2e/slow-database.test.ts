// A company whose database is far away: the frame, who is signed in and the navigation must not wait for it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import { WEB_DIRECTORY } from '@/cli/start/web-build';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { startServer } from '@/server';
import { createInstallation } from '../lib/data-sources/installation';
import { startDelayingProxy } from '../support/delaying-proxy';
import { createTestDatabase } from '../support/postgres';
import { launchBrowser } from './browser';

/** Each way: two seconds at least until the first row. */
const DELAY_MS = 1_000;
const PASSWORD = 'a password for tests';

test('a company on a slow database gets its frame at once, and skeletons until its rows come', async () => {
  const installation = await createInstallation();
  const { application, operations, tokens } = installation;
  const direct = new URL(await createTestDatabase('far'));
  const proxy = await startDelayingProxy({ port: Number(direct.port), delayMs: 0 });
  after(() => proxy.close());
  const adminUrl = new URL(direct);
  adminUrl.hostname = '127.0.0.1';
  adminUrl.port = String(proxy.port);
  await provisionDataSource(operations, { name: 'far', kind: 'byod', adminUrl: adminUrl.href });
  const tenant = await provisionTenant(installation, { name: 'Far', subdomain: 'far', dataSource: 'far' });
  await application.users.create({
    tenantId: tenant.id,
    email: 'owner@far.example',
    displayName: 'Olivia Owner',
    role: 'owner',
    passwordHash: await hash(PASSWORD),
  });
  const server = await startServer({
    application,
    manager: installation.newManager(),
    tokens,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    webDirectory: WEB_DIRECTORY,
  });
  after(() => server.close());
  proxy.delay(DELAY_MS);

  const origin = `http://127.0.0.1:${server.port}`;
  const browser = await launchBrowser();
  after(() => browser.close());
  const context = await browser.newContext({ locale: 'en-US' });
  const signedIn = await context.request.post(`${origin}/t/far/api/session`, {
    headers: { origin },
    data: { email: 'owner@far.example', password: PASSWORD },
  });
  assert.equal(signedIn.status(), 200);
  const page = await context.newPage();
  let rowsCame = false;
  page.on('response', (response) => {
    rowsCame ||= response.url().includes('/rest/v1/');
  });
  await page.goto(`${origin}/t/far/`, { waitUntil: 'commit' });
  await page.getByRole('link', { name: 'Events' }).first().waitFor();
  await page.getByRole('heading', { level: 1, name: /Olivia/ }).waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor();
  assert.equal(rowsCame, false, 'the frame waited for rows');
  // And it can be used meanwhile.
  await page.getByRole('link', { name: 'Leads' }).click();
  await page.getByRole('heading', { level: 1, name: 'Leads' }).waitFor();
  await page.getByText('Enquiries that are not yet a deal', { exact: false }).waitFor();
});
