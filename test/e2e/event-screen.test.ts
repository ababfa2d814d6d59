// An event's first screen answers what its owner and its crew ask: on a desk, a phone, in German and on paper.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addRow,
  addressOf,
  assertAccessible,
  keepScreen,
  launchBrowser,
  open,
  SIZES,
  visit,
} from './browser';

describe('the first screen of an event', () => {
  let browser: Browser;
  let event: string;
  before(async () => {
    browser = await launchBrowser();
    const { context } = await visit(browser);
    event = await makeEvent(context);
    await context.close();
  });
  after(() => browser.close());

  const glanceOf = (page: Page) => page.getByRole('region', { name: 'At a glance' });

  test('the owner reads when, where, whom to call, what, which booth, who works, what is due, what next', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', `/events/${event}`);
    const glance = glanceOf(page);
    for (const text of [
      /Sat, Oct 9, 2032/,
      '3:00 PM to 9:00 PM',
      'Load-in 1:30 PM',
      'Lakeside Hall',
      'Use the dock on the north side.',
      'Ines Castell',
      'No booth yet',
      'No crew yet',
      'No invoice yet',
      'Reserve a booth.',
    ])
      await glance.getByText(text).first().waitFor();
    assert.equal(await glance.locator('a[href="tel:+16145550177"]').count(), 1);
    assert.equal(await glance.locator('a[href="mailto:ines@castell.example"]').count(), 1);
    assert.equal(await glance.locator('a[href*="openstreetmap"]').count(), 1);
    await assertAccessible(page);
    await keepScreen(page, 'event-glance-desk');
    // What is missing is one click away.
    await glance.getByRole('link', { name: 'No booth yet' }).click();
    await page.getByRole('tab', { name: 'Booths & equipment', selected: true }).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('on a phone, in German, it is the first thing and fits; on paper it has no buttons but the numbers', async () => {
    const { page, context } = await visit(browser, { viewport: SIZES.phone });
    await context.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', `/events/${event}`);
    await page.getByRole('region', { name: 'Auf einen Blick' }).getByText('Noch keine Fotobox').waitFor();
    await keepScreen(page, 'event-glance-phone-german');
    const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    assert.equal(await page.evaluate(over), 0);
    await page.emulateMedia({ media: 'print' });
    assert.equal(
      await page
        .locator('button.mantine-Button-root:visible, button.mantine-ActionIcon-root:visible')
        .count(),
      0,
    );
    assert.ok(await page.locator('a[href="tel:+16145550177"]').first().isVisible());
    await context.close();
  });
});

/** An event with one date, a place and a contact, and nothing else yet. */
async function makeEvent(context: BrowserContext): Promise<string> {
  const account = await addRow(context, 'accounts', { name: 'Castell Weddings' });
  const contact = await addRow(context, 'contacts', {
    first_name: 'Ines',
    last_name: 'Castell',
    phone: '+1 614 555 0177',
    email: 'ines@castell.example',
  });
  const place = await addRow(context, 'locations', {
    name: 'Lakeside Hall',
    address: '1 Shore Road',
    city: 'Columbus',
    load_in_notes: 'Use the dock on the north side.',
  });
  const answer = await context.request.post(addressOf('a', '/rest/v1/rpc/add_event'), {
    headers: { origin: new URL(addressOf('a')).origin },
    data: {
      event: {
        title: 'Castell wedding',
        account_id: account,
        primary_contact_id: contact,
        location_id: place,
      },
      first_date: { event_date: '2032-10-09', setup_time: '13:30', start_time: '15:00', end_time: '21:00' },
    },
  });
  assert.equal(answer.status(), 200, await answer.text());
  return (await answer.json()).id;
}
