// What is booked twice where the settings only warn: on Today, on Availability, at the event, and gone when it is put right.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
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

describe('bookings of what is taken', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('are let through and marked where the settings say so, shown with what to do, and settled', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/settings?tab=bookings');
    await page.getByRole('radio', { name: /Allow it/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByLabel('High').fill('40');
    await page.getByText('Each number must be larger than the one before.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());

    const name = `Twice ${Date.now()}`;
    const day = dayIn(5);
    const account_id = await addRow(context, 'accounts', { name });
    const booth_type_id = await addRow(context, 'booth_types', { name });
    const booth_id = await addRow(context, 'booths', { name, booth_type_id });
    const book = async (title: string) => {
      const event_id = await addRow(context, 'events', { title, account_id });
      const event_date_id = await addRow(context, 'event_dates', {
        event_id,
        event_date: day,
        start_time: '15:00',
        end_time: '20:00',
      });
      const booking = await addRow(context, 'booth_assignments', {
        event_date_id,
        booth_id,
        status: 'reserved',
      });
      return { event_id, booking };
    };
    const first = await book(`${name} first`);
    const second = await book(`${name} second`);

    await open(page, 'a', '/');
    const today = page.getByRole('region', { name: 'Overbooked' });
    const line = today.getByRole('link', { name: new RegExp(`${name} · ${name} second`) });
    await line.getByText('Choose another booth or another time.').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'today-overbooked-desk');
    await line.click();
    await page.waitForURL(new RegExp(`/events/${second.event_id}\\?tab=booths`));
    await page.getByRole('heading', { level: 1, name: `${name} second` }).waitFor();
    await page.getByRole('region', { name: 'Overbooked' }).getByText(name).first().waitFor();
    await page.getByRole('link', { name: 'View day' }).click();
    await page.waitForURL(/\/availability/);
    await page.getByRole('link', { name: new RegExp(`${name} second, overbooked`) }).waitFor();
    await page.setViewportSize(SIZES.phone);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.reload();
    await page.getByRole('link', { name: new RegExp(`${name} second, overbooked`) }).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'availability-overbooked-phone');
    // Another event shows nothing of it.
    await open(page, 'a', `/events/${first.event_id}`);
    assert.equal(await page.getByRole('region', { name: 'Overbooked' }).count(), 0);

    const cancelled = await context.request.patch(
      addressOf('a', `/rest/v1/booth_assignments?id=eq.${first.booking}`),
      { headers: { origin: new URL(addressOf('a')).origin }, data: { status: 'cancelled' } },
    );
    assert.equal(cancelled.status(), 204);
    await open(page, 'a', `/events/${second.event_id}?tab=booths`);
    await page.getByRole('region', { name: 'Booth bookings' }).getByText(name).first().waitFor();
    assert.equal(await page.getByRole('region', { name: 'Overbooked' }).count(), 0);

    await open(page, 'a', '/settings?tab=bookings');
    await page.getByRole('radio', { name: /Block it/ }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
});
