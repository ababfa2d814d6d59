// What an owner does every day, in a real browser: names typed into pickers, a record's history in words.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addRow, addressOf, assertAccessible, keepScreen, launchBrowser, open, visit } from './browser';

describe('an owner', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('types a name and presses Enter at once: the record is chosen, and what does not exist is not lost', async () => {
    const { page, context, problems } = await visit(browser);
    const name = `Zephyr ${Date.now()} Weddings`;
    await addRow(context, 'accounts', { name });
    await open(page, 'a', '/events');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'New: Event' });
    const account = dialog.getByRole('combobox', { name: 'Account' });
    await account.click();
    await account.pressSequentially(name.toLowerCase().slice(0, -4));
    await account.press('Enter');
    await page.waitForFunction(
      (chosen) => [...document.querySelectorAll('input')].some(({ value }) => value === chosen),
      name,
    );
    await account.fill('Zephyr Corp');
    await dialog.getByRole('textbox', { name: 'Title' }).click();
    await dialog.getByText('“Zephyr Corp” was not chosen.').waitFor();
    await keepScreen(page, 'picker-unchosen');
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('reads who changed what of a lead, in words', async () => {
    const { page, context, problems } = await visit(browser);
    const lead = await addRow(context, 'leads', { first_name: 'Mia', email: 'mia@example.com' });
    const changed = await context.request.patch(addressOf('a', `/rest/v1/leads?id=eq.${lead}`), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { first_name: 'Maya', event_date: '2032-10-09' },
    });
    assert.equal(changed.status(), 204);
    await open(page, 'a', `/leads/${lead}?tab=history`);
    for (const words of ['Lead changed', 'First name:', 'Maya', 'Oct 9, 2032', 'Created'])
      await page.getByText(words).first().waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'lead-history');
    assert.deepEqual(problems, []);
    await context.close();
  });
});
