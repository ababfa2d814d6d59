import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, open, visit } from './browser';

describe('on paper', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a screen is printed without its frame, dark on white, and a list with all its lines of a page', async () => {
    const { page, context, problems } = await visit(browser);
    await page.emulateMedia({ colorScheme: 'dark' });
    await open(page, 'a', '/accounts?view=all');
    const total = Number.parseInt((await page.getByText(/^\d+ /).last().textContent()) ?? '', 10);
    const onScreen = await page.locator('tbody tr').count();
    await begin(page);
    for (const role of ['navigation', 'searchbox'] as const)
      assert.equal(await page.getByRole(role).count(), 0);
    const lines = await page.locator('tbody tr').count();
    assert.ok(lines > onScreen, `${lines} lines where ${onScreen} are in view`);
    assert.equal(lines, Math.min(100, total));
    // One below the other: the last lies as far down as all before it are high.
    const [first, last] = [page.locator('tbody tr').first(), page.locator('tbody tr').last()];
    const [top, bottom] = [await first.boundingBox(), await last.boundingBox()];
    assert.ok(top && bottom && bottom.y - top.y >= (lines - 1) * 40);
    const color = await page.locator('h1').evaluate((title) => getComputedStyle(title).color);
    assert.match(color, /^rgb\((\d|[1-9]\d), /, 'dark letters');
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark');
    assert.deepEqual(problems, []);
    await context.close();
  });
});

/** What a browser does before it prints. */
async function begin(page: Page): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
}
