// A record is deleted, found in the trash with what belonged to it, and restored; a phone number is kept as a number.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, visit } from './browser';

describe('the trash', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('gives a deleted lead back, at a desk and on a phone', async () => {
    const { page, context, problems } = await visit(browser);
    const made = await context.request.post(addressOf('a', '/rest/v1/leads?select=id'), {
      data: { first_name: 'Trudy', last_name: 'Trash', phone: '+1 512 555 0142', message: 'Gold arch' },
      headers: { prefer: 'return=representation', origin: new URL(addressOf('a', '/')).origin },
    });
    assert.equal(made.status(), 201, await made.text());
    const [{ id }] = (await made.json()) as [{ id: string }];
    await open(page, 'a', `/leads/${id}`);
    await page.getByText('(512) 555-0142').first().waitFor();
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('1 deleted.').waitFor();
    await open(page, 'a', '/trash');
    // Other tests delete too.
    await page.getByPlaceholder('Search by name').fill('Trudy Trash');
    await page.getByText('Trudy Trash').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'trash-desk');
    await page.setViewportSize({ width: 390, height: 844 });
    await keepScreen(page, 'trash-phone');
    await page.getByRole('button', { name: 'Restore: Trudy Trash' }).click();
    await page.getByText('“Trudy Trash” is back.').waitFor();
    await page.getByText('Nothing found').waitFor();
    await open(page, 'a', `/leads/${id}`);
    await page.getByText('Gold arch').first().waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
});
