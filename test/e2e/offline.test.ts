// Without a connection: what is changed is kept, marked and sent later; nothing goes out with an older value; what this device
// holds opens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { untilEqual } from '../support/until';
import {
  addQuote,
  addRow,
  addressOf,
  assertAccessible,
  dayIn,
  keepScreen,
  launchBrowser,
  open,
  SIZES,
  storedPage,
  visit,
} from './browser';

describe('without a connection', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a changed price is marked, kept over a reload and sent; the quote cannot go out before', async () => {
    const { page, context } = await visit(browser);
    const quote = await addQuote(context, [{ name: 'Photo booth', unit_price: 100_000 }]);
    await open(page, 'a', `/quotes/${quote}`);
    await storedPage(page);
    await context.setOffline(true);
    await setPrice(page, '1250');
    await unsaved(page).waitFor();
    await page.getByText(/^You are offline\..* 1 change is stored/).waitFor();
    await page.getByRole('button', { name: 'Send…' }).click();
    await page.getByRole('alert').getByText('Some changes here are not saved yet.').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await assertAccessible(page);
    await keepScreen(page, 'quote-offline-desk');
    await page.reload();
    await unsaved(page).waitFor();
    assert.match(await priceOf(page), /1,?250\.00/);
    assert.deepEqual(await lines(context, quote), [100_000]);

    await context.setOffline(false);
    await unsaved(page).waitFor({ state: 'detached' });
    assert.deepEqual(await lines(context, quote), [125_000]);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Send…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Lock quote & create link' }).waitFor();
    await context.close();
  });

  test('a price that a colleague changed meanwhile is for the user to choose', async () => {
    const { page, context } = await visit(browser, { viewport: SIZES.phone });
    const quote = await addQuote(context, [{ name: 'Photo booth', unit_price: 100_000, quantity: 2 }]);
    await open(page, 'a', `/quotes/${quote}`);
    await context.setOffline(true);
    await setPrice(page, '1300');
    await unsaved(page).waitFor();
    const [line] = await read(context, `quote_line_items?quote_id=eq.${quote}&select=id`);
    await patch(context, `quote_line_items?id=eq.${line?.id}`, { unit_price: 90_000 });
    await context.setOffline(false);
    const choice = page.getByRole('alert').filter({ hasText: 'Someone else changed this record' });
    await choice.getByText(/\$1,300\.00.*\$900\.00/).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'quote-conflict-phone');
    await choice.getByRole('button', { name: 'Keep mine' }).click();
    await choice.waitFor({ state: 'detached' });
    await unsaved(page).waitFor({ state: 'detached' });
    assert.deepEqual(await lines(context, quote), [130_000]);

    // Another column of the same line is no conflict.
    await context.setOffline(true);
    await setPrice(page, '1400');
    await unsaved(page).waitFor();
    await patch(context, `quote_line_items?id=eq.${line?.id}`, { quantity: 3 });
    await context.setOffline(false);
    await unsaved(page).waitFor({ state: 'detached' });
    assert.deepEqual(
      await read(context, `quote_line_items?quote_id=eq.${quote}&select=unit_price,quantity`),
      [{ unit_price: 140_000, quantity: 3 }],
    );
    await context.close();
  });

  test('a cell of a list is edited, kept, and sent; what a colleague changed meanwhile is for the user to choose', async () => {
    const { page, context } = await visit(browser);
    const name = `Offline ${Date.now()}`;
    const lead = await addRow(context, 'leads', { first_name: name, source: 'Fair' });
    await open(page, 'a', `/leads?q=${encodeURIComponent(name)}`);
    const edit = async (source: string) => {
      await page.locator('tbody [data-edit="source"]').first().focus();
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'Edit Source' });
      await form.getByLabel('Source').fill(source);
      await page.keyboard.press('Enter');
      await form.waitFor({ state: 'detached' });
      await page.locator('tbody').getByText(source, { exact: true }).waitFor();
    };
    const sourceOf = async () => (await read(context, `leads?id=eq.${lead}&select=source`))[0]?.source;
    await page.locator('tbody [data-edit="source"]').getByText('Fair').waitFor();
    await context.setOffline(true);
    await edit('Radio');
    await page.getByText(/1 change is stored/).waitFor();
    await keepScreen(page, 'list-offline-desk');
    assert.equal(await sourceOf(), 'Fair');
    await context.setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await page.getByText(/change is stored|Saving/).waitFor({ state: 'detached' });
    await untilEqual(sourceOf, 'Radio');

    await context.setOffline(true);
    await edit('Website');
    await patch(context, `leads?id=eq.${lead}`, { source: 'Referral' });
    await context.setOffline(false);
    const choice = page.getByRole('alert').filter({ hasText: 'Someone else changed this record' });
    await choice.getByText(/Website.*Referral/).waitFor();
    await choice.getByRole('button', { name: 'Keep mine' }).click();
    await choice.waitFor({ state: 'detached' });
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await page.getByText(/change is stored|Saving/).waitFor({ state: 'detached' });
    await untilEqual(sourceOf, 'Website');
    await context.close();
  });

  test('a booth is scanned out, and sent when there is a connection again', async () => {
    const { page, context } = await visit(browser, { viewport: SIZES.phone });
    const name = `Offline booth ${Date.now()}`;
    const assignment = await bookTomorrow(context, name);
    await open(page, 'a', '/inventory');
    await page.getByRole('link', { name }).first().waitFor();
    await page.getByRole('button', { name: 'Scan' }).click();
    await page.getByRole('dialog').getByText('Check out', { exact: true }).click();
    await context.setOffline(true);
    await page.getByLabel('Or type a tag or name').fill(name);
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('Checked out, not saved yet').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'scan-offline-phone');
    await page.getByLabel('Or type a tag or name').fill('no such thing');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('The server cannot be reached').waitFor();
    await page.getByRole('button', { name: 'Close' }).first().click();
    await page.getByText('1 change is stored').waitFor();
    assert.equal(await statusOf(context, assignment), 'reserved');
    await context.setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await untilEqual(() => statusOf(context, assignment), 'checked_out');
    await context.close();
  });

  test('the application opens to what it holds, says so, and offers to try again', async () => {
    const { page, context } = await visit(browser);
    const last_name = `Held ${Date.now()}`;
    await addRow(context, 'leads', { first_name: 'Hilda', last_name });
    await open(page, 'a', '/leads');
    await page.getByText(last_name).first().waitFor();
    await page.getByRole('link', { name: 'Today', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: /Olivia/ }).waitFor();
    await storedPage(page);
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: /Olivia/ }).waitFor();
    await page.getByText('You are offline.').waitFor();
    await page.getByRole('link', { name: 'Leads', exact: true }).click();
    await page.getByText(last_name).first().waitFor();
    await assertAccessible(page);
    // Never opened before: a few seconds, then words.
    await page.goto(addressOf('a', '/templates'));
    await page.getByRole('alert').getByText('The server cannot be reached').first().waitFor();
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    assert.equal(await page.locator('[aria-busy="true"]').count(), 0);
    await keepScreen(page, 'offline-not-held-desk');
    await context.setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await page
      .getByRole('alert')
      .getByText('The server cannot be reached')
      .first()
      .waitFor({ state: 'detached' });
    await context.close();
  });
});

function unsaved(page: Page) {
  return page.getByText('Not saved yet', { exact: true });
}

async function setPrice(page: Page, price: string): Promise<void> {
  const input = page.getByLabel('Price', { exact: true });
  await input.fill(price);
  await input.press('Tab');
}

function priceOf(page: Page): Promise<string> {
  return page.getByLabel('Price', { exact: true }).inputValue();
}

async function read(context: BrowserContext, query: string): Promise<Record<string, unknown>[]> {
  return (await context.request.get(addressOf('a', `/rest/v1/${query}`))).json();
}

/** Prices of a quote's lines, in minor units, as the server has them. */
async function lines(context: BrowserContext, quote: string): Promise<unknown[]> {
  const rows = await read(
    context,
    `quote_line_items?quote_id=eq.${quote}&select=unit_price&order=sort_order`,
  );
  return rows.map(({ unit_price }) => unit_price);
}

async function statusOf(context: BrowserContext, assignment: string): Promise<unknown> {
  const [row] = await read(context, `booth_assignments?id=eq.${assignment}&select=status`);
  return row?.status;
}

async function patch(context: BrowserContext, row: string, changes: object): Promise<void> {
  const answer = await context.request.patch(addressOf('a', `/rest/v1/${row}`), {
    headers: { origin: new URL(addressOf('a')).origin },
    data: changes,
  });
  assert.ok(answer.ok(), await answer.text());
}

/** Books a booth of its own for tomorrow. @returns the assignment's id */
async function bookTomorrow(context: BrowserContext, name: string): Promise<string> {
  const booth_type_id = await addRow(context, 'booth_types', { name });
  const booth_id = await addRow(context, 'booths', { name, booth_type_id, status: 'ready' });
  const account_id = await addRow(context, 'accounts', { name });
  const event_date = dayIn(1);
  const event_id = await addRow(context, 'events', { title: name, account_id, start_date: event_date });
  const times = { event_date, start_time: '12:00', end_time: '14:00' };
  const event_date_id = await addRow(context, 'event_dates', { event_id, ...times });
  return addRow(context, 'booth_assignments', { event_id, event_date_id, booth_id });
}
