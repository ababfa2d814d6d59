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

    const former = page.getByRole('region', { name: 'Former imports' });
    await former.getByText('Running', { exact: true }).waitFor();
    const progress = former.getByRole('progressbar');
    await progress.waitFor();
    await keepScreen(page, 'import-running-desk');
    await assertGrows(async () => Number(await progress.getAttribute('aria-valuenow').catch(() => '100')));
    await former.getByText('Done', { exact: true }).waitFor();
    assert.equal(await countOf(context, mark), ROWS - 1);
    await former.getByText(/^Rows that were not imported: 6 \(/).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'import-done-desk');

    await former.getByRole('button', { name: 'Undo this import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click();
    await former.getByText('Undone', { exact: true }).waitFor();
    assert.equal(await countOf(context, mark), 0);
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
