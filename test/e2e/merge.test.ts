import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addRow, addressOf, assertAccessible, keepScreen, launchBrowser, open, visit } from './browser';

describe('merging', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('finds two rows of one client, compares them and merges them', async () => {
    const { page, context, problems } = await visit(browser);
    const email = `twice-${Date.now()}@example.com`;
    const kept = await addRow(context, 'accounts', { name: 'Twice Hotel', email, phone: '+1 555 0100' });
    const gone = await addRow(context, 'accounts', { name: 'Twice Hotel Ltd', email, phone: '+1 555 0199' });
    await addRow(context, 'events', { title: 'Party of the duplicate', account_id: gone });

    await open(page, 'a', '/accounts');
    await page.getByRole('button', { name: 'Duplicates' }).click();
    const pair = page
      .locator('div')
      .filter({ hasText: email })
      .filter({ has: page.getByRole('button') })
      .last();
    await pair.getByRole('button', { name: 'Compare' }).click();
    const dialog = page.getByRole('dialog', { name: 'Merge Accounts' });
    await dialog.getByText('1 × Events').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'merge-desk');
    await dialog.getByText('+1 555 0199').click();
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.waitForURL(new RegExp(`/accounts/${kept}`));
    await page.getByRole('heading', { level: 1, name: 'Twice Hotel' }).waitFor();
    await page.getByRole('link', { name: '+1 555 0199' }).waitFor();
    await page.getByText('was merged into this one').waitFor();
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByRole('link', { name: 'Party of the duplicate' }).waitFor();

    await page.goto(addressOf('a', `/accounts/${gone}`));
    await page.getByRole('link', { name: 'Open that record' }).click();
    await page.waitForURL(new RegExp(`/accounts/${kept}`));
    assert.deepEqual(problems, []);
    await context.close();
  });
});
