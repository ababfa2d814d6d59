import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible, keepScreen, launchBrowser, SIZES, type Visit } from './browser';
import { openConsole, SERVICE, visitConsole } from './console';

const SCREENS =
  'attention requests erasures tenants/d data-sources/shared-1 backups schema-rollouts alerts health health/shared-1 jobs audit audit?tab=chain keys operators support settings cost'.split(
    ' ',
  );

describe('the console’s operations', () => {
  let browser: Browser;
  let window: Visit & { leave: () => Promise<void> };
  let page: Page;
  before(async () => {
    browser = await launchBrowser();
    window = await visitConsole(browser);
    page = window.page;
  });
  after(async () => {
    await window?.leave();
    await browser.close();
  });

  async function idOf(name: string): Promise<string> {
    const answer = await window.context.request.get(`${SERVICE()}/api/operator/backups/tenants`);
    const { rows }: { rows: { id: string; name: string }[] } = await answer.json();
    return rows.find((row) => row.name === name)?.id ?? '';
  }

  for (const [size, viewport, language] of [
    ['desk', SIZES.desk, 'en'],
    ['phone', SIZES.phone, 'de'],
  ] as const) {
    test(`every screen is accessible and fits: ${size}`, async () => {
      await page.setViewportSize(viewport);
      await page.goto(`${SERVICE()}/operator`);
      await page.evaluate((value) => localStorage.setItem('marquee.language', value), language);
      for (const screen of [...SCREENS, `backups/${await idOf('Daylight Events')}`]) {
        await openConsole(page, `/${screen}`);
        assert.equal(await page.locator('html').getAttribute('lang'), language);
        await assertAccessible(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= viewport.width, `${screen}: ${width} px wide`);
        const name = screen.replace(/[\da-f-]{36}/, 'tenant').replace(/\W+/g, '-');
        await keepScreen(page, `console-${name}-${size}`);
        assert.deepEqual(window.problems, [], screen);
      }
    });
  }

  test('a tenant’s page names limits and audit records in German', async () => {
    await page.evaluate(() => localStorage.setItem('marquee.language', 'de'));
    await openConsole(page, '/tenants/d');
    await page.getByText('Größte Antwort').waitFor();
    const records = page.getByRole('region', { name: 'Audit-Log' }).locator('time');
    await records.first().waitFor();
    const text = (await page.locator('main').textContent()) ?? '';
    assert.deepEqual(
      text.match(/queueTimeoutMs|maxResult|[a-z_]+\.(insert|update|created|sign_in)|user:[\da-f]{8}/g),
      null,
    );
  });

  test('a backup is made and restored as a new tenant', async () => {
    await page.setViewportSize(SIZES.desk);
    await page.evaluate(() => localStorage.setItem('marquee.language', 'en'));
    await openConsole(page, '/backups');
    await page.getByRole('link', { name: 'Daylight Events' }).click();
    await page.getByRole('heading', { level: 1, name: 'Daylight Events' }).waitFor();
    const work = page.getByRole('region', { name: 'Recent work' });
    await page.getByRole('button', { name: 'Back up', exact: true }).click();
    await work.getByText(/rows backed up/).waitFor();
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByLabel('Subdomain of the new tenant').fill('d-copy');
    await assertAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Restore', exact: true }).click();
    await work.getByText(/restored as a new, suspended tenant/).waitFor();
    await keepScreen(page, 'console-tenant-backups-desk');
    assert.deepEqual(window.problems, []);
  });

  test('the chain is verified', async () => {
    await openConsole(page, '/audit?tab=chain');
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText(/Nothing was changed/).waitFor();
    assert.deepEqual(window.problems, []);
  });

  test('keys are rotated: of secrets, of tokens, of checkpoints', async () => {
    await openConsole(page, '/keys');
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    await page.getByText(/all secrets are now encrypted with/).waitFor();
    await page.getByRole('button', { name: 'Make the next key', exact: true }).click();
    await page.getByText('Signs next').waitFor();
    const signing = page.getByRole('table', { name: 'Signing keys' }).getByRole('row');
    const before = await signing.count();
    await page.getByRole('button', { name: 'Make the next key for checkpoints' }).click();
    await signing.nth(before).waitFor();
    await keepScreen(page, 'console-keys-rotated-desk');
    assert.deepEqual(window.problems, []);
  });

  test('a schema rollout is planned: nothing is pending', async () => {
    await openConsole(page, '/schema-rollouts');
    await page.getByRole('button', { name: 'Plan a rollout' }).click();
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('row', { name: /shared-1 .*Up to date/ }).waitFor();
    assert.ok(await page.getByRole('button', { name: /^Start: 0/ }).isDisabled());
    await assertAccessible(page);
    await keepScreen(page, 'console-schema-plan-desk');
    assert.deepEqual(window.problems, []);
  });
});
