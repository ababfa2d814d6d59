// A day that is free, on hold or taken is seen on leads, quotes, deals and the board; a deal holds booths until a day.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import {
  addRow,
  addressOf,
  assertAccessible,
  dayIn,
  keepScreen,
  launchBrowser,
  open,
  SIZES,
  visit,
} from './browser';

describe('holds', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a deal holds what its quote needs; others see it; it is extended, released and held again', async () => {
    const { page, context, problems } = await visit(browser);
    const name = `Only one ${Date.now()}`;
    const booth_type_id = await addRow(context, 'booth_types', { name });
    await addRow(context, 'booths', { name, booth_type_id });
    const package_id = await addRow(context, 'packages', { name, booth_type_id, base_price: 90_000 });
    const [first, second] = [
      await addDeal(context, `${name} first`, package_id),
      await addDeal(context, `${name} second`, package_id),
    ];

    await open(page, 'a', `/opportunities/${first.deal}`);
    const panel = page.getByRole('region', { name: 'Availability & holds' });
    await panel.getByText('Free', { exact: true }).waitFor();
    await panel.getByText('1 of 1 booth free').waitFor();
    await panel.getByRole('button', { name: 'Hold', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold booths for this deal' });
    await keepScreen(page, 'hold-dialog-desk');
    await assertAccessible(page);
    await dialog.getByLabel('Hold until').fill(dayIn(1));
    await dialog.getByRole('button', { name: 'Hold', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await panel.getByText(/^On hold until .*, by /).waitFor();
    await keepScreen(page, 'deal-on-hold-desk');

    await open(page, 'a', `/quotes/${second.quote}`);
    await panel.getByText('On hold for another', { exact: true }).waitFor();
    await panel.getByRole('button', { name: 'Hold', exact: true }).click();
    await dialog.getByRole('button', { name: 'Hold', exact: true }).click();
    await dialog.getByText(new RegExp(`No ${name} is free on`)).waitFor();
    await page.keyboard.press('Escape');
    await keepScreen(page, 'quote-on-hold-for-another-desk');

    await open(page, 'a', '/');
    await page
      .getByRole('region', { name: 'Holds that expire soon' })
      .getByRole('link', { name: new RegExp(`${name} first`) })
      .waitFor();
    await keepScreen(page, 'today-expiring-holds-desk');

    await open(page, 'a', '/quotes');
    const row = page.getByRole('row', { name: new RegExp(`${name} second`) });
    await row.getByText('On hold for another').waitFor();
    await keepScreen(page, 'quotes-with-days-desk');

    // The board: one request for the days of all cards.
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/rpc/deal_days')) asked.push(request.url());
    });
    await open(page, 'a', '/pipeline');
    const card = (title: string) => page.getByRole('article', { name: title, exact: true });
    await card(`${name} first`).getByText('On hold', { exact: true }).waitFor();
    await card(`${name} second`).getByText('On hold for another', { exact: true }).waitFor();
    assert.equal(new Set(asked).size, 1);
    await assertAccessible(page);
    await keepScreen(page, 'pipeline-days-desk');
    // Filtered by month, sums follow.
    await page.getByRole('combobox', { name: 'All months' }).click();
    const month = new Intl.DateTimeFormat('en', { month: 'short', year: '2-digit', timeZone: 'UTC' });
    await page.getByRole('option', { name: month.format(new Date(`${first.day}T12:00Z`)) }).click();
    await page.waitForURL(/month/);
    await card(`${name} first`).waitFor();
    await page.getByRole('combobox', { name: 'Sort by' }).click();
    await page.getByRole('option', { name: 'Event date' }).click();
    await page.waitForURL(/sort=date/);
    await page.reload();
    await card(`${name} first`).waitFor();

    await page.setViewportSize(SIZES.phone);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', `/opportunities/${first.deal}`);
    const german = page.getByRole('region', { name: 'Verfügbarkeit & Vormerkungen' });
    await german.getByText(/^Vorgemerkt bis .*, von /).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'deal-on-hold-phone-de');
    const release = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await german.getByRole('button', { name: `${name} freigeben` }).click();
    await release;
    await german.getByText('Frei', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Rückgängig' }).click();
    await german.getByText(/^Vorgemerkt bis .*, von /).waitFor();
    assert.deepEqual(
      problems.filter((problem) => !/status of 409/.test(problem)),
      [],
    );
    await context.close();
  });

  test('a lead shows whether its day is free, in the list and on its page', async () => {
    const { page, context, problems } = await visit(browser);
    const first_name = `Lead${Date.now()}`;
    const lead = await addRow(context, 'leads', { first_name, event_date: '2031-05-03' });
    await open(page, 'a', `/leads/${lead}`);
    await page.locator('main').getByText('Free', { exact: true }).first().waitFor();
    await keepScreen(page, 'lead-day-desk');
    await open(page, 'a', '/leads');
    await page
      .getByRole('row', { name: new RegExp(first_name) })
      .getByText('Free', { exact: true })
      .waitFor();
    await keepScreen(page, 'leads-days-desk');
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a check-out for an event that is far away asks first, and is undone; single items go out too', async () => {
    const { page, context, problems } = await visit(browser);
    const name = `Far ${Date.now()}`;
    const account_id = await addRow(context, 'accounts', { name });
    const booth_type_id = await addRow(context, 'booth_types', { name });
    const booth_id = await addRow(context, 'booths', { name, booth_type_id });
    const equipment_type_id = await addRow(context, 'equipment_types', { name });
    const item = await addRow(context, 'equipment_items', {
      ...{ name: `${name} lamp`, asset_tag: name, equipment_type_id },
    });
    const event_id = await addRow(context, 'events', { title: name, account_id });
    const event_date_id = await addRow(context, 'event_dates', {
      ...{ event_id, event_date: dayIn(200), start_time: '15:00', end_time: '20:00' },
    });
    await addRow(context, 'booth_assignments', { event_date_id, booth_id });
    await addRow(context, 'equipment_assignments', { event_date_id, equipment_item_id: item });
    await open(page, 'a', `/events/${event_id}?tab=booths`);
    for (const region of ['Booth bookings', 'Equipment bookings']) {
      const panel = page.getByRole('region', { name: region });
      await panel.getByRole('button', { name: 'Check out', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: /Check out .* already\?/ });
      await dialog.getByText(new RegExp(`${name} is on .*, in `)).waitFor();
      if (region === 'Booth bookings') await keepScreen(page, 'early-check-out-desk');
      await dialog.getByRole('button', { name: 'Check out anyway' }).click();
      await panel.getByRole('button', { name: 'Undo check-out' }).click();
      await panel.getByRole('button', { name: 'Check out', exact: true }).waitFor();
    }
    // Lost while it is booked: the item's page and Today say what it hits.
    await context.request.patch(addressOf('a', `/rest/v1/equipment_items?id=eq.${item}`), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { status: 'lost' },
    });
    await open(page, 'a', `/inventory/equipment/${item}`);
    const hit = page.getByRole('region', { name: 'Booked, but not available' });
    await hit.getByRole('link', { name: new RegExp(name) }).waitFor();
    await keepScreen(page, 'lost-while-booked-desk');
    await open(page, 'a', '/');
    await hit.getByRole('link', { name: new RegExp(`${name} lamp · ${name}`) }).click();
    await page.waitForURL(new RegExp(`/events/${event_id}`));
    assert.deepEqual(problems, []);
    await context.close();
  });
});

/** A deal on a day in some weeks with a draft quote for one package. */
async function addDeal(context: BrowserContext, name: string, package_id: string) {
  const account_id = await addRow(context, 'accounts', { name });
  const deal = await addRow(context, 'opportunities', { name, account_id });
  const day = dayIn(40);
  await addRow(context, 'event_dates', {
    ...{ opportunity_id: deal, event_date: day, start_time: '15:00', end_time: '20:00' },
  });
  const quote = await addRow(context, 'quotes', { opportunity_id: deal, account_id });
  await addRow(context, 'quote_line_items', {
    ...{ quote_id: quote, item_type: 'package', package_id, name: 'Package', unit_price: 90_000 },
  });
  return { deal, quote, day };
}
