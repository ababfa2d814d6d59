import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

/** Every list, and a column of it that can be changed for many lines at once. */
const LISTS: [address: string, bulk: boolean][] = [
  ['/accounts', true],
  ['/contacts', true],
  ['/leads', true],
  ['/events', true],
  ['/tasks', true],
  ['/templates', true],
  ['/inventory/equipment', true],
  ['/quotes', false],
  ['/invoices', false],
];

describe('lists', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a value is changed where it stands, by keyboard, and back', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/leads');
    const row = page.locator('tbody tr').first();
    const cell = row.locator('[data-edit="source"]');
    const before_ = (await cell.textContent()) ?? '';
    await cell.focus();
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'Change Source' });
    await form.getByLabel('Source').fill('Radio');
    await assertAccessible(page);
    await keepScreen(page, 'list-inline-edit-desk');
    await page.keyboard.press('Enter');
    await page.getByText('Saved.').waitFor();
    await page.locator('tbody').getByText('Radio', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('tbody').getByText('Radio', { exact: true }).waitFor({ state: 'detached' });
    assert.equal(await cell.textContent(), before_);
    // Escape leaves everything as it was, and the keyboard where it was.
    await cell.focus();
    await page.keyboard.press('Enter');
    await form.waitFor();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    assert.equal(await cell.evaluate((element) => element === document.activeElement), true);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a saved view says all of how a list is looked at, and what is out of sight is not chosen', async () => {
    const { page, context, problems } = await visit(browser);
    const name = `Gideon ${Date.now()}`;
    await open(page, 'a', '/leads?q=gideon');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view' }).click();
    await page.getByLabel('Name of the view').fill(name);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('View saved.').waitFor();
    await open(page, 'a', '/leads?view=all&f=%7B%22status%22%3A%22new%22%7D&q=s');
    await page.locator('tbody').getByRole('checkbox').first().check();
    await page.getByText('1 selected').waitFor();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name }).first().click();
    await page.waitForURL(/\/leads\?q=gideon$/);
    await page.getByText('1 selected').waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Search Leads').inputValue(), 'gideon');
    // Deleted by mistake, it comes back.
    await page.getByRole('button', { name: 'Views' }).click();
    await page
      .getByRole('button', { name: `Delete view “${name}”` })
      .first()
      .click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name }).first().waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a viewer sees values, not buttons', async () => {
    const { page, context } = await visit(browser, { person: 'viewer' });
    await open(page, 'a', '/leads');
    await page.locator('tbody a').first().waitFor();
    assert.equal(await page.locator('[data-edit]').count(), 0);
    await context.close();
  });

  test('on a phone, many are changed at once, and back', async () => {
    const { page, context, problems } = await visit(browser, { viewport: SIZES.phone });
    await open(page, 'a', '/leads');
    for (const line of [0, 1])
      await page
        .getByRole('checkbox', { name: /^Select / })
        .nth(line)
        .check();
    await page.getByText('2 selected').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'list-selected-phone');
    await page.getByRole('button', { name: 'Change …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change 2 entries' });
    await dialog.getByLabel('Field').click();
    await page.getByRole('option', { name: 'Source' }).click();
    await dialog.getByLabel('Source').fill('Street fair');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('2 changed.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Street fair').first().waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('on a phone, every list is sorted, filtered, kept as a view and has its columns chosen', async () => {
    const { page, context, problems } = await visit(browser, { viewport: SIZES.phone });
    for (const [address, bulk] of LISTS) {
      await open(page, 'a', address);
      await page
        .getByRole('checkbox', { name: /^Select / })
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'Views' }).waitFor();
      await page
        .getByRole('checkbox', { name: /^Select / })
        .first()
        .check();
      assert.equal(await page.getByRole('button', { name: 'Change …' }).count(), bulk ? 1 : 0, address);
      await page.getByRole('button', { name: 'Clear selection' }).click();
      await page.getByRole('button', { name: 'List options' }).click();
      const options = page.getByRole('dialog', { name: 'List options' });
      await options.getByLabel('Sort by').waitFor();
      assert.ok((await options.getByRole('checkbox').count()) > 2, address);
      await options.getByRole('button', { name: 'Close' }).click();
      await options.waitFor({ state: 'detached' });
    }
    await open(page, 'a', '/leads');
    await page.getByRole('button', { name: 'List options' }).click();
    const options = page.getByRole('dialog', { name: 'List options' });
    await options.getByLabel('Sort by').click();
    await page.getByRole('option', { name: 'Source' }).click();
    await page.waitForURL(/sort=source/);
    await options.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Lost', exact: true }).click();
    await page.waitForURL(/lost/);
    await options.getByRole('checkbox', { name: 'Source' }).uncheck();
    await assertAccessible(page);
    await keepScreen(page, 'list-options-phone');
    await options.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Lost', { exact: true }).first().waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
});
