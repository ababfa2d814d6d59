// Events that do not take place as planned: postponed without a date, and cancelled with an open invoice. Prices that include tax.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { addRow, addressOf, assertAccessible, keepScreen, launchBrowser, open, visit } from './browser';

describe('an event that is called off', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  const next = async (page: Page, item: string) => {
    await page.getByRole('button', { name: /Next step|Nächster Schritt/ }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };

  test('postponed, it says that nothing is held; a new date reserves again', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    const { event } = await makeEvent(context);
    await open(page, 'a', `/events/${event}`);
    await next(page, 'Postpone');
    const question = page.getByRole('dialog', { name: 'Postpone without a new date?' });
    await question.waitFor();
    await assertAccessible(page);
    await question.getByRole('button', { name: 'Postpone', exact: true }).click();
    await page.getByText('Its booths, equipment and crew were released').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'event-postponed-desk');
    await page.getByRole('button', { name: 'Set a new date' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set a new date' });
    await dialog.getByLabel('Date').fill('2033-05-07');
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/Set to .* and reserved again/).waitFor();
    const glance = page.getByRole('region', { name: 'At a glance' });
    await glance.getByText(/May 7, 2033/).waitFor();
    await glance
      .getByText(/Sky booth/)
      .first()
      .waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('cancelled, it asks what becomes of the open invoice, in German too', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    await context.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    const { event, account } = await makeEvent(context);
    const invoice = await addRow(context, 'invoices', { account_id: account, event_id: event });
    await addRow(context, 'invoice_line_items', {
      invoice_id: invoice,
      item_type: 'custom',
      name: 'Box',
      unit_price: 119_00,
      tax_rate: 19,
    });
    await open(page, 'a', `/invoices/${invoice}`);
    await page.getByText('Preise enthalten die Steuer').waitFor();
    await page.getByRole('switch', { name: 'Preise enthalten die Steuer' }).click({ force: true });
    await page.getByText(/^inkl\. 19\s?% /).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'invoice-includes-tax-german');
    await page.request.patch(addressOf('a', `/rest/v1/invoices?id=eq.${invoice}`), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { status: 'sent' },
    });
    await open(page, 'a', `/events/${event}`);
    await next(page, 'Veranstaltung absagen');
    const dialog = page.getByRole('dialog', { name: 'Veranstaltung absagen?' });
    const run = dialog.getByRole('button', { name: 'Veranstaltung absagen' });
    await dialog.getByText('Eine Rechnung ist offen. Was geschieht mit ihr?').waitFor();
    assert.equal(await run.isDisabled(), true);
    await dialog.getByPlaceholder('Wählen').click();
    await page.getByRole('option', { name: 'Rechnung stornieren' }).click();
    await assertAccessible(page);
    await keepScreen(page, 'event-cancel-german');
    await run.click();
    await page.getByText('Veranstaltung abgesagt.').waitFor();
    const answer = await page.request.get(
      addressOf('a', `/rest/v1/invoices?id=eq.${invoice}&select=status,total,tax`),
    );
    assert.deepEqual(await answer.json(), [{ status: 'void', total: 11_900, tax: 1_900 }]);
    assert.deepEqual(problems, []);
    await context.close();
  });
});

/** A tentative event with one date and a reserved booth. */
async function makeEvent(context: BrowserContext): Promise<{ event: string; account: string }> {
  const mark = String(Math.random()).slice(2, 8);
  const account = await addRow(context, 'accounts', { name: `Called off ${mark}` });
  const event = await addRow(context, 'events', { title: `Called off ${mark}`, account_id: account });
  const date = await addRow(context, 'event_dates', {
    event_id: event,
    event_date: '2033-04-09',
    start_time: '15:00',
    end_time: '21:00',
  });
  const type = await addRow(context, 'booth_types', { name: `Sky ${mark}` });
  const booth = await addRow(context, 'booths', { name: `Sky booth ${mark}`, booth_type_id: type });
  await addRow(context, 'booth_assignments', { event_date_id: date, booth_id: booth });
  return { event, account };
}
