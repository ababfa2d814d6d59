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
    const form = page.getByRole('dialog', { name: 'Edit Source' });
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
    await cell.and(page.locator(':focus')).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('all that match are changed as one job, seen again after a reload, and back', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/leads');
    const mark = `Batch ${Date.now()}`;
    await page.evaluate(async (name) => {
      const leads = Array.from({ length: 420 }, (_, n) => ({ first_name: name, last_name: String(n) }));
      const answer = await fetch(`${location.pathname.replace(/\/leads.*/, '')}/rest/v1/leads`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'return=minimal' },
        body: JSON.stringify(leads),
      });
      if (!answer.ok) throw new Error(await answer.text());
    }, mark);
    await open(page, 'a', `/leads?q=${encodeURIComponent(mark)}`);
    await page.getByText('420 records').waitFor();
    await page.locator('tbody').getByRole('checkbox').first().check();
    await page.getByRole('button', { name: 'Select all that match' }).click();
    await page.getByText('420 selected').waitFor();
    await page.getByRole('button', { name: 'Edit…' }).click();
    const form = page.getByRole('dialog', { name: 'Edit 420 records' });
    await form.getByRole('combobox', { name: 'Field' }).click();
    await page.getByRole('option', { name: 'Source' }).click();
    await form.getByRole('combobox', { name: 'Source' }).last().fill('Radio');
    await page.getByRole('option', { name: 'Radio' }).click();
    await form.getByRole('button', { name: 'Apply' }).dblclick();
    const job = page.getByRole('region', { name: 'Changes of many records' });
    await job.getByText('Source: 420 of 420 updated.').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'list-bulk-change-desk');
    await page.reload();
    await job.getByText('Source: 420 of 420 updated.').waitFor();
    await page.locator('tbody').getByText('Radio', { exact: true }).first().waitFor();
    await job.getByRole('button', { name: 'Undo' }).click();
    await job.getByText('Undone: 420 of 420 restored.').waitFor();
    await page.locator('tbody').getByText('Radio', { exact: true }).first().waitFor({ state: 'detached' });
    await job.getByRole('button', { name: 'Hide' }).click();
    await job.waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a saved view says all of how a list is looked at, and what is out of sight is not chosen', async () => {
    const { page, context, problems } = await visit(browser);
    const name = `Gideon ${Date.now()}`;
    await open(page, 'a', '/leads?q=gideon');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view' }).click();
    await page.getByLabel('View name').fill(name);
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
    await page.getByRole('button', { name: 'Edit…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit 2 records' });
    await dialog.getByRole('combobox', { name: 'Field' }).click();
    await page.getByRole('option', { name: 'Source' }).click();
    await dialog.getByRole('combobox', { name: 'Source' }).fill('Street fair');
    await page.getByRole('option', { name: 'Create “Street fair”' }).click();
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('2 updated.').waitFor();
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
      await page.getByRole('button', { name: 'Clear selection' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Edit…' }).count(), bulk ? 1 : 0, address);
      await page.getByRole('button', { name: 'Clear selection' }).click();
      await page.getByRole('button', { name: 'List options' }).click();
      const options = page.getByRole('dialog', { name: 'List options' });
      await options.getByRole('combobox', { name: 'Sort by' }).waitFor();
      assert.ok((await options.getByRole('checkbox').count()) > 2, address);
      await options.getByRole('button', { name: 'Close' }).click();
      await options.waitFor({ state: 'detached' });
    }
    await open(page, 'a', '/leads');
    await page.getByRole('button', { name: 'List options' }).click();
    const options = page.getByRole('dialog', { name: 'List options' });
    await options.getByRole('combobox', { name: 'Sort by' }).click();
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
