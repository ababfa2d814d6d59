import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

/** Every screen: its name, and its address with a record looked up where it needs one. */
const SCREENS: [name: string, address: string, recordOf?: string][] = [
  ['today', '/'],
  ['tasks', '/tasks'],
  ['events', '/events'],
  ['calendar', '/events?as=month'],
  ['calendar-week', '/events?as=week'],
  ['event', '/events/ID', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-crew', '/events/ID?tab=crew', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-booths', '/events/ID?tab=booths', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-design', '/events/ID?tab=design', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-history', '/events/ID?tab=history', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-contract', '/events/ID?tab=contract', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-messages', '/events/ID?tab=messages', 'events?status=eq.confirmed&order=start_date.desc'],
  ['event-money', '/events/ID?tab=money', 'events?status=eq.completed&order=start_date.desc'],
  ['availability', '/availability'],
  ['pipeline', '/pipeline'],
  ['opportunity', '/opportunities/ID', 'opportunities?stage=eq.proposal'],
  ['leads', '/leads'],
  ['lead', '/leads/ID', 'leads?status=eq.new'],
  ['quotes', '/quotes'],
  ['quote', '/quotes/ID', 'quotes?status=eq.sent'],
  ['invoices', '/invoices'],
  ['invoice', '/invoices/ID', 'invoices?status=eq.partially_paid'],
  ['accounts', '/accounts'],
  ['account', '/accounts/ID', 'accounts?account_type=eq.company'],
  ['contacts', '/contacts'],
  ['contact', '/contacts/ID', 'contacts?order=last_name'],
  ['inventory', '/inventory'],
  ['equipment', '/inventory?tab=equipment'],
  ['crew', '/crew'],
  ['crew-time-off', '/crew?tab=timeOff'],
  ['crew-pay', '/crew?tab=pay&period=last-month'],
  ['templates', '/templates'],
  ['reports', '/reports'],
  ['reports-conversion', '/reports?tab=conversion'],
  ['reports-utilisation', '/reports?tab=utilisation&period=last-quarter'],
  ['reports-profit', '/reports?tab=profit'],
  ['reports-receivables', '/reports?tab=receivables&period=2026-01-01..2026-10-31'],
  ['import', '/import'],
  ['settings', '/settings'],
  ['settings-people', '/settings?tab=people'],
  ['settings-pipeline', '/settings?tab=pipeline'],
  ['settings-bookings', '/settings?tab=bookings'],
  ['settings-money', '/settings?tab=money'],
  ['settings-reminders', '/settings?tab=reminders'],
  ['settings-not-registered', '/settings?tab=integrations'],
  ['settings-webhooks-none', '/settings?tab=webhooks'],
  ['settings-calendars-none', '/settings?tab=calendars'],
];

describe('every screen', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`is accessible, fits and is free of errors (${size})`, async (context) => {
      const { page, problems, context: window } = await visit(browser, { viewport });
      for (const [name, address, recordOf] of SCREENS) {
        await context.test(name, async () => {
          problems.length = 0;
          const screen = recordOf ? address.replace('ID', await idOf(window, recordOf)) : address;
          await open(page, 'a', screen);
          await page.locator('h1').first().waitFor();
          await assertAccessible(page);
          const sideways = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.ok(sideways <= 0, `The page is ${sideways} px wider than the screen.`);
          assert.deepEqual(problems, []);
          await keepScreen(page, `${name}-${size}`);
        });
      }
      await window.close();
    });
  }

  test('is as accessible in the dark', async () => {
    const { page, context } = await visit(browser);
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const screen of [
      '/pipeline',
      '/events',
      '/availability',
      '/crew',
      '/crew?tab=pay',
      '/reports?tab=profit',
      '/reports?tab=utilisation',
      '/',
    ]) {
      await open(page, 'a', screen);
      await assertAccessible(page);
    }
    await keepScreen(page, 'today-dark-desk');
    await context.close();
  });

  test('speaks German', async () => {
    const { page, context, problems } = await visit(browser);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', '/accounts');
    await page
      .getByRole('heading', { level: 1, name: 'Konten' })
      .or(page.getByRole('heading', { level: 1, name: 'Kunden' }))
      .waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    assert.deepEqual(problems, []);
    await context.close();
  });
});

async function idOf(window: BrowserContext, query: string): Promise<string> {
  const answer = await window.request.get(addressOf('a', `/rest/v1/${query}&select=id&limit=1`));
  const [row] = (await answer.json()) as { id: string }[];
  assert.ok(row, `There is no ${query}.`);
  return row.id;
}
