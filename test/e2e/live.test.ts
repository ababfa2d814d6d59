import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addRow, addressOf, launchBrowser, open, visit } from './browser';

test('what a colleague changes appears on an open screen by itself', async () => {
  const browser = await launchBrowser();
  try {
    const [mine, theirs] = [await visit(browser), await visit(browser, { person: 'manager' })];
    // The first of the list, by name and by age, and the only one of its name.
    const name = `AAA live ${Date.now()}`;
    const id = await addRow(mine.context, 'accounts', { name });
    await open(mine.page, 'a', '/accounts');
    await mine.page.getByRole('link', { name, exact: true }).waitFor();
    const rename = async (to: string) => {
      const answer = await theirs.context.request.patch(addressOf('a', `/rest/v1/accounts?id=eq.${id}`), {
        headers: { origin: new URL(addressOf('a')).origin, prefer: 'return=minimal' },
        data: { name: to },
      });
      assert.equal(answer.status(), 204, await answer.text());
    };
    const renamed = `${name} renamed`;
    await rename(renamed);
    // Sooner than a list reads again by itself, which is once a minute.
    await mine.page.getByRole('link', { name: renamed }).waitFor({ timeout: 20_000 });
    await rename(name);
    await mine.page.getByRole('link', { name, exact: true }).waitFor({ timeout: 20_000 });
    assert.deepEqual(mine.problems, []);
  } finally {
    await browser.close();
  }
});

test('speaks German when asked, and again after a reload', async () => {
  const browser = await launchBrowser();
  try {
    const { page, problems } = await visit(browser);
    await open(page, 'a', '/');
    await page.getByRole('button', { name: /Olivia/ }).click();
    await page.getByRole('menuitem', { name: 'Deutsch' }).click();
    await page.getByRole('link', { name: 'Veranstaltungen' }).first().waitFor();
    await page.reload({ waitUntil: 'networkidle' });
    await page.getByRole('link', { name: 'Veranstaltungen' }).first().waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    // Amounts as Germans write them.
    await page
      .getByText(/\d\.\d{3}/)
      .first()
      .waitFor();
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
});
