// Integrations, webhooks and calendar feeds, on a server of its own: the vendors are contract fakes, and a webhook's receiver
// stands on this machine.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startConnections } from '@/lib/crm/delivery';
import { verifyWebhook } from '@/lib/crm/delivery/webhooks';
import { makeDeal, startCompany } from '../server/api/start-company';
import { fakeGoogle, fakeQuickBooks } from '../server/api/vendor-fakes';
import { untilEqual } from '../support/until';
import { assertAccessible, keepScreen, launchBrowser, SIZES } from './browser';

const google = await fakeGoogle();
const quickbooks = await fakeQuickBooks();
const clients = { clientId: 'marquee', clientSecret: 'of the operator' };
const webDirectory = path.resolve(import.meta.dirname, '../../dist/web');
const company = await startCompany(
  {
    oauthClients: { google: clients, quickbooks: clients },
    oauthProviders: {
      google: google.oauth.provider('google', google.base),
      quickbooks: quickbooks.oauth.provider('quickbooks', quickbooks.base),
    },
  },
  { webDirectory },
);
await startConnections(company, { allowPrivate: true, pollingIntervalSeconds: 0.5 });

const received: { headers: Record<string, string>; body: string }[] = [];
let isDown = false;
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request)).toString();
  received.push({ headers: request.headers as Record<string, string>, body });
  response.writeHead(isDown ? 500 : 204).end();
}).listen(0, '127.0.0.1');
after(() => {
  receiver.closeAllConnections();
  receiver.close();
});

/** Settings of a signed-in person of company a. */
async function settings(browser: Browser, who: 'a:owner' | 'a:staff', tab: string, size: keyof typeof SIZES) {
  const context = await browser.newContext({
    viewport: SIZES[size],
    locale: 'en-US',
    reducedMotion: 'reduce',
    colorScheme: size === 'phone' ? 'dark' : 'light',
  });
  context.setDefaultTimeout(60_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const origin = `http://127.0.0.1:${company.port}`;
  await context.addCookies([
    { name: 'marquee_session', value: company.bearer(who).replace('Bearer ', ''), url: origin },
  ]);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(`${origin}/t/a/settings?tab=${tab}`);
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  return { page, context, problems };
}

async function look(page: Page, name: string): Promise<void> {
  await assertAccessible(page);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(sideways <= 0, `The page is ${sideways} px wider than the screen.`);
  await keepScreen(page, name);
}

describe('connections', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a person connects their calendar, has it synced, sees what went wrong, and disconnects', async () => {
    const { page, context, problems } = await settings(browser, 'a:staff', 'integrations', 'phone');
    const panel = page.getByRole('region', { name: 'Google Calendar' });
    // The company's books are not theirs to connect.
    const books = page.getByRole('region', { name: 'QuickBooks Online' });
    await books.getByText('An owner or administrator connects it').waitFor();
    assert.equal(await books.getByRole('button').count(), 0);
    google.oauth.declines = true;
    await panel.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('access was not granted').waitFor();
    google.oauth.declines = false;
    await panel.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('Google Calendar is connected.').waitFor();
    assert.match(page.url(), /\/settings\?tab=integrations$/);
    await panel.getByText(/last synced/).waitFor();
    await look(page, 'settings-integrations-phone');

    // What was connected stands; what goes wrong says what to do.
    google.oauth.expire();
    google.oauth.refuses = true;
    await panel.getByRole('button', { name: 'Sync now' }).click();
    await panel.getByText('Access has expired').waitFor();
    await panel.getByText(/Reconnect\. Anything missed/).waitFor();
    await assertAccessible(page);
    google.oauth.refuses = false;
    await panel.getByRole('button', { name: 'Reconnect' }).click();
    await panel.getByText('Connected', { exact: true }).waitFor();
    assert.equal(await panel.getByText('Access has expired').count(), 0);

    await panel.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await panel.getByText('Not connected').waitFor();
    assert.equal(google.oauth.revoked.length, 1);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('an owner connects the company’s books, by keyboard', async () => {
    const { page, context, problems } = await settings(browser, 'a:owner', 'integrations', 'desk');
    const panel = page.getByRole('region', { name: 'QuickBooks Online' });
    await panel.getByRole('button', { name: 'Connect' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('QuickBooks Online is connected.').waitFor();
    await panel.getByText('Connected', { exact: true }).waitFor();
    await look(page, 'settings-integrations-desk');
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a key is made, shown once, works, and is revoked', async () => {
    const { page, context, problems } = await settings(browser, 'a:owner', 'keys', 'desk');
    await page.getByText('No keys yet').waitFor();
    await page.getByRole('button', { name: 'Create key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create key' });
    await dialog.getByLabel('Name').fill('Dashboard');
    await dialog.getByRole('radio', { name: 'Key with a role' }).check();
    await dialog.getByRole('combobox', { name: 'Expires' }).click();
    await page.getByRole('option', { name: 'After 90 days' }).click();
    await look(page, 'settings-key-make-desk');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await dialog.getByText('This key is shown only once.').waitFor();
    await dialog.getByRole('button', { name: 'Copy: Dashboard' }).click();
    const key = await page.evaluate(() => navigator.clipboard.readText());
    const read = () =>
      fetch(`http://127.0.0.1:${company.port}/rest/v1/accounts?limit=1`, {
        headers: { authorization: `Bearer ${key}` },
      });
    assert.equal((await read()).status, 200);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    const entry = page.getByRole('region', { name: 'Dashboard' });
    await entry.getByText(/Key with a role · Viewer/).waitFor();
    await entry.getByText(/expires/).waitFor();
    await look(page, 'settings-keys-desk');
    await entry.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No keys yet').waitFor();
    assert.equal((await read()).status, 401);
    await page.getByRole('button', { name: 'Show 1 revoked or expired key' }).click();
    await entry.getByText('Revoked', { exact: true }).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('an endpoint is added, tested, paused; what failed is sent again; and it is deleted', async () => {
    const { page, context, problems } = await settings(browser, 'a:owner', 'webhooks', 'desk');
    await page.getByText('No endpoints yet').waitFor();
    await page.getByRole('button', { name: 'Add an endpoint' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add an endpoint' });
    await dialog.getByLabel('Address').fill('http://shop.example/hook');
    await dialog.getByRole('checkbox', { name: 'New lead' }).check();
    await dialog.getByRole('checkbox', { name: 'Invoice paid' }).check();
    await look(page, 'settings-webhook-add-desk');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText(/must be an https/).waitFor();
    await dialog.getByLabel('Address').fill('https://shop.example/hook');
    await dialog.getByRole('button', { name: 'Add' }).click();
    const secret = await dialog.getByLabel('Signing secret', { exact: true }).inputValue();
    await dialog.getByRole('button', { name: /^Copy/ }).click();
    await untilEqual(() => page.evaluate(() => navigator.clipboard.readText()), secret);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });

    // Unlike real ones, this receiver has no public address.
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const service = await company.service();
    await service
      .from('user_integrations')
      .update({ external_account_id: url })
      .like('provider', 'webhook:%')
      .throwOnError();
    const endpoint = page.getByRole('region', { name: url });
    isDown = true;
    await endpoint.getByRole('button', { name: 'Send test' }).click();
    await endpoint.getByText('Retrying').waitFor();
    await endpoint
      .getByText(/answered 500/)
      .first()
      .waitFor();
    await look(page, 'settings-webhooks-desk');
    isDown = false;
    await endpoint.getByRole('button', { name: /^Send again: Test/ }).click();
    await endpoint.getByText('Delivered', { exact: true }).waitFor();
    const [first, second] = received;
    assert.ok(first && second && verifyWebhook(secret, second.headers, second.body));
    assert.equal(first.headers['webhook-id'], second.headers['webhook-id']);

    await endpoint.getByRole('button', { name: 'Pause' }).click();
    await endpoint.getByText('Nothing is sent while it is paused', { exact: false }).waitFor();
    assert.ok(await endpoint.getByRole('button', { name: 'Send test' }).isDisabled());
    await endpoint.getByRole('button', { name: 'Resume' }).click();
    await endpoint.getByText('Connected', { exact: true }).waitFor();

    await page.setViewportSize(SIZES.phone);
    await look(page, 'settings-webhooks-phone');
    await endpoint.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No endpoints yet').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('calendars for other programs: their address is shown once, renewed and revoked', async () => {
    const deal = await makeDeal(company, 'Feed party');
    const client = await company.service();
    await client.rpc('convert_opportunity', { opportunity_id: deal.opportunityId }).throwOnError();
    const { page, context, problems } = await settings(browser, 'a:owner', 'calendars', 'phone');
    await page.getByText('No calendar feeds yet').waitFor();
    await page.getByRole('button', { name: 'New calendar' }).click();
    const form = page.getByRole('dialog', { name: 'New calendar' });
    await form.getByLabel('Name').fill('In the van');
    await form.getByRole('radio', { name: 'A booth’s bookings' }).check();
    const { data: booth } = await client
      .from('booths')
      .select('name')
      .eq('id', deal.boothId)
      .single()
      .throwOnError();
    await form.getByRole('combobox', { name: 'Booth' }).click();
    await page.getByRole('option', { name: booth.name }).click();
    await assertAccessible(page);
    await form.getByRole('button', { name: 'Add' }).click();
    const shown = page.getByRole('dialog', { name: 'In the van' });
    const before = await shown.getByLabel('Secret address', { exact: true }).inputValue();
    assert.match(await (await fetch(before)).text(), /Feed party/);
    await look(page, 'settings-calendar-address-phone');
    await shown.getByRole('button', { name: 'Close' }).last().click();

    const feed = page.getByRole('region', { name: 'In the van' });
    await feed.getByText(booth.name).waitFor();
    await look(page, 'settings-calendars-phone');
    await feed.getByRole('button', { name: 'Change address: In the van' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Change address' }).click();
    const after = await shown.getByLabel('Secret address', { exact: true }).inputValue();
    assert.notEqual(after, before);
    assert.deepEqual([(await fetch(before)).status, (await fetch(after)).status], [404, 200]);
    await shown.getByRole('button', { name: 'Close' }).last().click();
    await feed.getByRole('button', { name: 'Revoke: In the van' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No calendar feeds yet').waitFor();
    assert.equal((await fetch(after)).status, 404);
    assert.deepEqual(problems, []);
    await context.close();
  });
});
