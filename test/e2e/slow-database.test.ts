import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, launchBrowser, visit } from './browser';

test('while rows are on their way, the frame is there and can be used', async () => {
  const browser = await launchBrowser();
  try {
    const { page, problems } = await visit(browser);
    // A database that does not answer yet; that the server itself does not wait for it is tested with a slow connection.
    const answers: (() => void)[] = [];
    let isSlow = true;
    await page.route('**/rest/v1/**', async (route) => {
      if (isSlow) await new Promise<void>((resolve) => answers.push(resolve));
      await route.continue();
    });
    await page.goto(addressOf('a', '/'), { waitUntil: 'commit' });
    await page.getByRole('heading', { level: 1, name: /Olivia/ }).waitFor();
    await page.locator('main [aria-busy="true"]').first().waitFor();
    await page.getByRole('link', { name: 'Leads', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Leads' }).waitFor();
    assert.ok(answers.length > 0);
    isSlow = false;
    for (const answer of answers) answer();
    await page.locator('tbody a').first().waitFor();
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
});
