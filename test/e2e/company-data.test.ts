// An owner sees where the company's data are, asks for an export, and is guided to a database of the company's own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { administer, createTestDatabase } from '../support/postgres';
import { assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

describe('the company’s data', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('where they are; an export is asked for and withdrawn', async () => {
    const { page, problems } = await visit(browser);
    await open(page, 'a', '/settings?tab=data');
    const place = page.getByRole('region', { name: 'Where your data are' });
    await place.getByText('Last proven backup').waitFor();
    await place.getByText(/^PostgreSQL \d/).waitFor();
    assert.doesNotMatch((await place.textContent()) ?? '', /127\.0\.0\.1|localhost/);
    await page.getByRole('button', { name: 'Ask for an export' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Ask for an export' }).click();
    const request = page.getByRole('region', { name: 'An export of all data' });
    await request.getByText('Waiting for the operator').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'company-data-desk');
    await request.getByRole('button', { name: 'Withdraw' }).click();
    await request.getByText('Withdrawn', { exact: true }).waitFor();
    assert.deepEqual(problems, []);
  });

  test('a database of its own: findings as one types, the script, and a request when nothing fails', async () => {
    const adminUrl = await createTestDatabase('own');
    const { hostname, port, pathname } = new URL(adminUrl);
    const { page, problems } = await visit(browser);
    await open(page, 'a', '/settings?tab=data');
    await page.getByRole('button', { name: 'Set it up' }).click();
    const testing = page.getByRole('region', { name: 'See whether it works' });
    const ask = page.getByRole('region', { name: 'Ask the operator' }).getByRole('button');
    // An address that a customer's URL may not lead to.
    await page.getByLabel('Host').fill('10.0.0.1');
    await page.getByLabel('Database', { exact: false }).last().fill(pathname.slice(1));
    await testing.getByText('its address must be on the internet.').waitFor();
    await page.getByLabel('Host').fill(hostname);
    await page.getByRole('textbox', { name: 'Port' }).fill(port);
    await testing.getByText('Have the script run, then test again.').waitFor();
    assert.ok(await ask.isDisabled());
    await assertAccessible(page);
    await keepScreen(page, 'own-database-desk');
    const script = await page
      .getByRole('region', { name: 'Have the script run' })
      .locator('pre')
      .textContent();
    await administer(adminUrl, script ?? '');
    await testing.getByRole('button', { name: 'Test again' }).click();
    await testing.getByText(/^0 failed/).waitFor();
    await keepScreen(page, 'own-database-ready-desk');
    await ask.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Ask the operator' }).click();
    const request = page.getByRole('region', { name: 'A database of our own' });
    await request.getByText('Waiting for the operator').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Set it up' }).count(), 0);
    await request.getByRole('button', { name: 'Withdraw' }).click();
    await request.getByText('Withdrawn', { exact: true }).waitFor();
    assert.deepEqual(problems, []);
  });

  test('findings about a database of its own are in German', async () => {
    const { page, problems } = await visit(browser);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', '/settings?tab=data');
    await page.getByRole('button', { name: 'Einrichten' }).click();
    await page.getByLabel('Host').fill('10.0.0.1');
    await page.getByLabel('Datenbank', { exact: false }).last().fill('crm');
    const testing = page.getByRole('region', { name: 'Prüfen, ob es geht' });
    await testing.getByText('Seine Adresse muss im Internet sein.').waitFor();
    await testing.getByText('10.0.0.1 führt zu keinem Server im Internet.').waitFor();
    assert.deepEqual(problems, []);
  });

  test('admins see it and ask for nothing; on a phone', async () => {
    const { page, problems } = await visit(browser, { person: 'admin', viewport: SIZES.phone });
    await open(page, 'a', '/settings?tab=data');
    await page.getByText('Last proven backup').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Ask for an export' }).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Set it up' }).count(), 0);
    await assertAccessible(page);
    await keepScreen(page, 'company-data-phone');
    assert.deepEqual(problems, []);
  });
});
