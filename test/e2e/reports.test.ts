import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, dayIn, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

const REPORTS = ['revenue', 'conversion', 'utilisation', 'profit', 'receivables', 'salesTax'];

describe('reports', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('cover one period, which stays in the address from report to report', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/reports');
    await page.getByRole('combobox', { name: 'Period' }).click();
    await page.getByRole('option', { name: 'Last quarter' }).click();
    await page.waitForURL(/period=last-quarter/);
    for (const tab of ['Conversion', 'Profit', 'Receivables'])
      await page.getByRole('tab', { name: tab }).click();
    await page.waitForURL(/tab=receivables/);
    assert.match(page.url(), /period=last-quarter/);
    await page.reload();
    await page.getByRole('tab', { name: 'Receivables', selected: true }).waitFor();
    assert.equal(await page.getByRole('combobox', { name: 'Period' }).inputValue(), 'Last quarter');

    await page.getByRole('combobox', { name: 'Period' }).click();
    await page.getByRole('option', { name: 'Custom range' }).click();
    await page.getByLabel('First day').fill('2026-02-01');
    await page.getByLabel('Last day').fill('2026-02-14');
    await page.waitForURL(/period=2026-02-01\.\.2026-02-14/);
    await page.getByText('compared with Jan 18 – 31, 2026').waitFor();
    // What cannot be meant is said, and nothing is read for it.
    await page.getByLabel('Last day').fill('2026-01-01');
    await page.getByText('The last day must not be before the first.').waitFor();
    assert.match(page.url(), /period=2026-02-01\.\.2026-02-14/);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('add up to what their files say', async () => {
    const { page, context } = await visit(browser);
    // Twelve months to today: on the first days of a year, it has nothing to show yet.
    const [year = 0, month = 0] = dayIn(0).split('-').map(Number);
    const period = `${new Date(Date.UTC(year - 1, month, 1)).toISOString().slice(0, 10)}..${dayIn(0)}`;
    await open(page, 'a', `/reports?period=${period}`);
    const table = page.getByRole('region', { name: 'Figures' });
    const footer = (await table.locator('tfoot td').allTextContents()).map((text) =>
      text.replace(/[^\d.]/g, ''),
    );
    const [head, ...lines] = await csvOf(page, 'Figures');
    assert.deepEqual(head?.slice(1, 3), ['Invoices', 'Invoiced']);
    const sum = (column: number) => lines.reduce((total, line) => total + Number(line[column]), 0);
    assert.equal(lines.length, 12);
    assert.equal(sum(1), Number(footer[1]));
    assert.equal(Math.round(sum(2) * 100), Math.round(Number(footer[2]) * 100));
    await open(page, 'a', `/reports?tab=profit&period=${period}`);
    const events = await csvOf(page, 'By event');
    // The file has all of them, the table a page.
    const shown = await page.getByRole('region', { name: 'By event' }).locator('tbody tr').count();
    assert.ok(events.length - 1 >= shown && shown > 0);
    await context.close();
  });

  test('are read by keyboard, in German, in the dark and on a phone', async () => {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { page, context, problems } = await visit(browser, { viewport });
      await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
      await page.emulateMedia({ colorScheme: 'dark' });
      for (const tab of REPORTS) {
        await open(page, 'a', `/reports?tab=${tab}&period=2026-01-01..2026-10-31`);
        await page.getByRole('heading', { level: 1, name: 'Berichte' }).waitFor();
        await assertAccessible(page);
        await keepScreen(page, `reports-${tab}-dark-german-${size}`);
        const sideways = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(sideways <= 0, `${tab} is ${sideways} px wider than the screen.`);
      }
      await page.getByRole('tab', { selected: true }).focus();
      await page.keyboard.press('ArrowLeft');
      await page.waitForURL(/tab=receivables/);
      assert.deepEqual(problems, []);
      await context.close();
    }
  });

  test('show profit to those who see pay and cost, and nothing to sales', async () => {
    const viewer = await visit(browser, { person: 'viewer' });
    await open(viewer.page, 'a', '/reports?tab=profit');
    await viewer.page.getByRole('tab', { name: 'Revenue', selected: true }).waitFor();
    assert.equal(await viewer.page.getByRole('tab', { name: 'Profit' }).count(), 0);
    // A viewer reads, and takes nothing along.
    assert.equal(await viewer.page.getByRole('button', { name: 'CSV' }).count(), 0);
    await viewer.context.close();
    const sales = await visit(browser, { person: 'sales' });
    await open(sales.page, 'a', '/reports');
    await sales.page.getByText('Your role does not allow this.').waitFor();
    await sales.context.close();
  });
});

/** The file of a table, by lines and cells; none of ours has a comma in a cell that is compared. */
async function csvOf(page: Page, title: string): Promise<string[][]> {
  const download = page.waitForEvent('download');
  await page
    .locator('section', { has: page.getByRole('heading', { name: title }) })
    .getByRole('button', { name: 'CSV' })
    .click();
  const text = await readFile(await (await download).path(), 'utf8');
  return text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
}
