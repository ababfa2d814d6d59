import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addressOf, launchBrowser, open, visit } from './browser';

describe('editing', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('shows a change at once and takes it back when the server refuses', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/pipeline');
    const card = page.locator('article').first();
    const name = (await card.getAttribute('aria-label')) ?? '';
    await page.route('**/rest/v1/opportunities?**', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    await card.focus();
    await moveToTheRight(page);
    await page.getByRole('alert').getByText('The server cannot be reached').first().waitFor();
    const first = page.locator('[data-kind="open"]').first();
    await first.getByRole('article', { name, exact: true }).first().waitFor();
    await page.unroute('**/rest/v1/opportunities?**');
    await context.close();
  });

  test('moves a deal by keyboard, and back with undo', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/pipeline');
    const [first, second] = [
      page.locator('[data-kind="open"]').nth(0),
      page.locator('[data-kind="open"]').nth(1),
    ];
    const card = first.locator('article').first();
    const name = (await card.getAttribute('aria-label')) ?? '';
    await card.focus();
    await moveToTheRight(page);
    await second.getByRole('article', { name, exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await first.getByRole('article', { name, exact: true }).first().waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('lets two editors of one record settle what stands', async () => {
    const [one, two] = [await visit(browser), await visit(browser, { person: 'manager' })];
    await open(one.page, 'a', '/accounts');
    await one.page.locator('tbody a').first().click();
    await one.page.getByRole('heading', { level: 1 }).waitFor();
    const address = new URL(one.page.url());
    await two.page.goto(address.href, { waitUntil: 'networkidle' });
    for (const { page } of [one, two]) await page.getByRole('button', { name: 'Edit' }).first().click();
    await one.page.getByLabel('Phone').fill('+1 555 0101');
    await two.page.getByLabel('Phone').fill('+1 555 0202');
    await one.page.getByRole('button', { name: 'Save' }).click();
    await one.page.getByText('Saved.').waitFor();
    await two.page.getByRole('button', { name: 'Save' }).click();
    await two.page.getByText('Someone else changed this record').waitFor();
    await two.page.getByText('Theirs: +1 555 0101').click();
    await two.page.getByRole('button', { name: 'Save selected values' }).click();
    await two.page.getByText('Saved.').waitFor();
    await two.page.getByRole('link', { name: '+1 555 0101' }).waitFor();
    await Promise.all([one.context.close(), two.context.close()]);
  });

  test('keeps what was typed when the server is gone, over a reload', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/leads');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByLabel('First name').fill('Wilhelmina');
    await page.route('**/rest/v1/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('What you typed is kept on this device.').waitFor();
    await page.unroute('**/rest/v1/**');
    await page.reload({ waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'New', exact: true }).click();
    assert.equal(await page.getByLabel('First name').inputValue(), 'Wilhelmina');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Wilhelmina' }).waitFor();
    await context.close();
  });

  test('changes many at once, and back', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/leads');
    await page.locator('tbody').getByRole('checkbox').nth(0).check();
    await page.locator('tbody').getByRole('checkbox').nth(1).check();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Edit…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit 2 records' });
    await dialog.getByLabel('Field').click();
    await page.getByRole('option', { name: 'Source' }).click();
    await dialog.getByLabel('Source').fill('Trade fair');
    await page.getByRole('option', { name: 'Trade fair' }).click();
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('2 updated.').waitFor();
    await page.locator('tbody').getByText('Trade fair').nth(1).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('tbody').getByText('Trade fair').first().waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('finds anything with the palette, by keyboard alone', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/');
    await page.keyboard.press('Control+k');
    const answer = await context.request.get(
      addressOf('a', '/rest/v1/events?select=title&order=title&limit=1'),
    );
    const [{ title }] = await answer.json();
    await page.getByPlaceholder('Find an event').fill(title);
    await page.getByText('Event ·').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/[a-z]+\/[0-9a-f-]{36}/);
    await page.getByPlaceholder('Find an event').waitFor({ state: 'hidden' });
    await page.getByRole('heading', { level: 1 }).getByText(title).first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('k');
    await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
    await context.close();
  });

  test('keeps a view of a list for later', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/accounts');
    await page.getByLabel('Search Accounts').fill('hotel');
    await page.waitForURL(/q=hotel/);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view' }).click();
    await page.getByLabel('View name').fill('Hotels');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('View saved.').waitFor();
    await open(page, 'a', '/accounts');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: /^Hotels/ }).click();
    await page.waitForURL(/q=hotel/);
    await context.close();
  });
});

/** Lifts the focused card by keyboard and drops it one column to the right, each step once the one before is announced and over. */
async function moveToTheRight(page: Page): Promise<void> {
  await page.keyboard.press('Space');
  await page.getByText('You have lifted an item').waitFor({ state: 'attached' });
  await page.waitForTimeout(300);
  await page.keyboard.press('ArrowRight');
  await page.getByText('You have moved the item').waitFor({ state: 'attached' });
  await page.waitForTimeout(300);
  await page.keyboard.press('Space');
}
