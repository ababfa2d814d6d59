// A file becomes records while one watches, and is taken back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, visit } from './browser';

/** Enough that an import takes some seconds. */
const ROWS = 12_000;

describe('importing', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('is looked at before, shows how far it is and what it refused, and is undone', async () => {
    const { page, context, problems } = await visit(browser);
    const mark = `Imported ${Date.now()}`;
    const lines = Array.from({ length: ROWS }, (_, row) => `${mark} ${row},hello-${row}@imported.example`);
    lines[4] = ',nameless@imported.example';
    await open(page, 'a', '/import');
    // The limit stands there before a file is chosen; what cannot be imported is refused in words.
    await page.getByText(/Up to 64 MB/).waitFor();
    await page.locator('input[type="file"]').setInputFiles({
      name: 'clients.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF'),
    });
    await page.getByText('This is not one CSV file.').waitFor();
    await page.locator('input[type="file"]').setInputFiles({
      name: 'clients.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['Name,E-mail', ...lines].join('\n')),
    });
    const begin = page.getByRole('button', { name: 'Import', exact: true });
    await begin.waitFor();
    // Nothing is written before.
    assert.equal(await countOf(context, mark), 0);
    await assertAccessible(page);
    await keepScreen(page, 'import-preview-desk');
    await begin.click();

    const former = page.getByRole('region', { name: 'Previous imports' });
    await former.getByText('Running', { exact: true }).waitFor();
    const progress = former.getByRole('progressbar');
    await progress.waitFor();
    await keepScreen(page, 'import-running-desk');
    await assertGrows(async () => Number(await progress.getAttribute('aria-valuenow').catch(() => '100')));
    await former.getByText('Done', { exact: true }).waitFor();
    assert.equal(await countOf(context, mark), ROWS - 1);
    await former.getByText(/^Rows that were not imported: Row 6 \(/).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'import-done-desk');

    await former.getByRole('button', { name: 'Undo this import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click();
    await former.getByText('Undone', { exact: true }).waitFor();
    assert.equal(await countOf(context, mark), 0);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a file of another system says how it is read, what exists and why, and is corrected before it is imported', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/import');
    await page.getByRole('combobox', { name: 'What does the file contain?' }).click();
    await page.getByRole('option', { name: 'Leads' }).click();
    await page.locator('input[type="file"]').setInputFiles({
      name: 'honeybook.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        [
          'Name,Email Address,Mobile Phone,Project Date,Notes',
          'Smith, Anna,anna@switch.example,512-555-0150,03/04/2027,Likes gold'.replace(
            'Smith, Anna',
            '"Smith, Anna"',
          ),
          'Ben Jones,not a mail,(000) 000-0000,05/06/2027,',
          'Cara Jones,,(000) 000-0000,07/08/2027,',
          'Anna Smith,ANNA@switch.example,,,',
        ].join('\n'),
      ),
    });
    const begin = page.getByRole('button', { name: 'Import', exact: true });
    await page.getByText('The dates in “Project Date” can be read either way.').waitFor();
    assert.equal(await begin.isDisabled(), true);
    await page.getByText('3 rows will be created').waitFor();
    await page.getByText('Same as row 2 of this file').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'import-reading-desk');
    await page.getByRole('combobox', { name: 'Dates in “Project Date”' }).click();
    await page.getByRole('option', { name: /^Month first/ }).click();
    await page.getByText('The dates in “Project Date” can be read either way.').waitFor({ state: 'hidden' });
    await begin.click();
    const former = page.getByRole('region', { name: 'Previous imports' });
    await former.getByText('3 created, 0 updated, 1 skipped, 0 failed. 1 without a field').waitFor();
    await keepScreen(page, 'import-read-desk');
    await page.setViewportSize({ width: 390, height: 844 });
    await keepScreen(page, 'import-read-phone');
    assert.deepEqual(problems, []);
    await context.close();
  });
});

/** Fails unless a number becomes larger twice before it is 100. */
async function assertGrows(read: () => Promise<number>): Promise<void> {
  const seen = new Set<number>();
  for (let at = await read(); at < 100; at = await read()) {
    seen.add(at);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(seen.size > 1, `Seen: ${[...seen].join(', ')}`);
}

/** Accounts whose name begins so. */
async function countOf(context: BrowserContext, name: string): Promise<number> {
  const answer = await context.request.get(
    addressOf(
      'a',
      `/rest/v1/accounts?name=like.${encodeURIComponent(name)}*&deleted_at=is.null&select=id&limit=1`,
    ),
    { headers: { prefer: 'count=exact' } },
  );
  return Number(answer.headers()['content-range']?.split('/')[1]);
}
