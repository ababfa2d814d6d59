// The operator's map and moves in a browser: a tenant at work is dragged to another database, watched, cut over, proved and taken back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { assertAccessible, keepScreen, launchBrowser, SIZES } from './browser';
import { confirm, openConsole, visitConsole } from './console';

/** A busy machine copies slowly. */
const SLOW = { timeout: 180_000 };

describe('moves in the console', () => {
  let browser: Browser;
  let operator: Awaited<ReturnType<typeof visitConsole>>;
  before(async () => {
    browser = await launchBrowser();
    // The start of the demo has used the code of this half minute.
    operator = await visitConsole(browser, { ahead: 30_000 });
  });
  after(async () => {
    await operator.leave();
    await browser.close();
  });

  test('a tenant under load is dragged to another database, watched, proved and taken back', async () => {
    const { page, problems } = operator;
    await openConsole(page, '/map');
    await page.getByText('The first five minutes').waitFor();
    await page.locator('[data-source="shared-2"]').waitFor();
    await page.getByRole('switch', { name: 'Demo traffic' }).press('Space');
    await page.getByText('On until').waitFor();
    // Until the first requests, which find everything cold, are no longer among the slowest that are shown.
    await page
      .getByText(/Requests: ([6-9]\d|\d{3})/)
      .first()
      .waitFor(SLOW);
    const chip = page.locator('[data-source="shared-1"] [data-tenant="b"]');
    await chip.waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'console-map-desk');
    await chip.dragTo(page.locator('[data-source="shared-2"]'));
    await page.getByRole('dialog').getByText('The move can begin').waitFor(SLOW);
    await keepScreen(page, 'console-plan-desk');
    await confirm(page, 'b', 'Start the move');
    await page.getByRole('heading', { name: 'b', exact: true }).waitFor();
    await page.getByText('Ready to cut over').waitFor(SLOW);
    await page.getByRole('button', { name: 'Cut over now' }).click();
    await confirm(page, 'b', 'Cut over now');
    await page.getByText('Moved, can be rolled back').first().waitFor(SLOW);
    await page.getByRole('button', { name: 'Show certificate' }).click(SLOW);
    await page.getByText('The signature is valid').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'console-move-desk');
    await page.setViewportSize(SIZES.phone);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= SIZES.phone.width, `${width} px wide`);
    await keepScreen(page, 'console-move-phone');
    await page.setViewportSize(SIZES.desk);
    await page.getByRole('button', { name: 'Roll back' }).click();
    await confirm(page, 'b', 'Roll back');
    await page.getByText('Rolled back').first().waitFor(SLOW);
    await openConsole(page, '/map');
    // No request of the demo's people was lost while the tenant went there and back.
    await page.getByText('Requests: ').first().waitFor();
    assert.equal(await page.getByText(/Failed: [1-9]/).count(), 0);
    await page.getByRole('switch', { name: 'Demo traffic' }).press('Space');
    assert.deepEqual(problems, []);
  });

  test('with the keyboard alone a move is begun from the map and aborted, also on a phone', async () => {
    const { page, problems } = operator;
    await page.setViewportSize(SIZES.phone);
    await openConsole(page, '/map');
    await page.locator('[data-source="shared-1"] [data-tenant="a"]').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Move a…' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To data source').focus();
    await page.keyboard.type('shared-2');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Continue' }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('The move can begin').waitFor(SLOW);
    await dialog.getByLabel('Type this name to confirm').focus();
    await page.keyboard.type('a');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Abort' }).waitFor(SLOW);
    await page.getByRole('button', { name: 'Abort' }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Type this name to confirm').focus();
    await page.keyboard.type('a');
    await page.keyboard.press('Enter');
    await page.getByText('Aborted').first().waitFor(SLOW);
    await openConsole(page, '/moves');
    await page.getByText('shared-1 to shared-2').first().waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'console-moves-phone');
    assert.deepEqual(problems, []);
  });
});
