// The timeline of booths, equipment and people.
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addRow, dayIn, launchBrowser, open, removeRow, visit } from './browser';

describe('the timeline', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('shows a rental that began days before, with its buffer, by name and by number', async () => {
    const { page, context } = await visit(browser);
    const name = `Long ${Date.now()}`;
    const account_id = await addRow(context, 'accounts', { name });
    const booth_type_id = await addRow(context, 'booth_types', { name, buffer_after_minutes: 5 * 1440 });
    const booth_id = await addRow(context, 'booths', { name, booth_type_id });
    const event_id = await addRow(context, 'events', { title: `${name} rental`, account_id });
    // Until the third day after it, and five more.
    const event_date_id = await addRow(context, 'event_dates', {
      ...{ event_id, event_date: dayIn(1), start_time: '15:00', end_time: '14:00', teardown_minutes: 2880 },
    });
    await addRow(context, 'booth_assignments', { event_date_id, booth_id, status: 'reserved' });

    const rental = page.getByRole('link', { name: new RegExp(`^${name} rental`) });
    await open(page, 'a', `/availability?as=week&day=${dayIn(4)}`);
    await rental.waitFor();
    await open(page, 'a', `/availability?as=week&day=${dayIn(9)}`);
    await rental.waitFor();
    await open(page, 'a', `/availability?as=month&day=${dayIn(9)}`);
    const row = page.getByText(name, { exact: true }).first().locator('xpath=ancestor::div[2]');
    await row.getByRole('button').first().click();
    await rental.waitFor();
    // Its dates and bookings go with the event.
    for (const [table, id] of [
      ['events', event_id],
      ['booths', booth_id],
      ['booth_types', booth_type_id],
      ['accounts', account_id],
    ] as const)
      await removeRow(context, table, id);
    await context.close();
  });
});
