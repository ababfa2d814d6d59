import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TOTP } from 'otpauth';
import type { Browser } from 'playwright-core';
import { assertAccessible, keepScreen, launchBrowser, password, SIZES, visit } from './browser';
import { SERVICE } from './console';

describe('the operator’s console', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('an operator signs in, sets up a second factor, and searches the tenants', async () => {
    const { page, context, problems } = await visit(browser, { person: '' });
    await page.goto(`${SERVICE()}/operator/tenants`);
    await page.getByRole('heading', { name: 'Operator console' }).waitFor();
    await assertAccessible(page);
    await page.getByLabel('Email').fill('operator@marquee.example');
    await page.getByLabel('Password', { exact: true }).fill(password());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Set up' }).click();
    const secret = (await page.locator('code').first().textContent())?.replaceAll(' ', '') ?? '';
    await page.locator('input[autocomplete="one-time-code"]').first().click();
    // The instance has used the code of this period when it started.
    await page.keyboard.type(new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 }));
    await page.getByLabel('Current password').fill(password());
    await keepScreen(page, 'console-factor-desk');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('button', { name: 'I have saved the codes' }).click();
    await page.getByRole('cell', { name: 'Aperture Photo Booths' }).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'console-tenants-desk');
    await page.getByRole('searchbox').fill('candid');
    await page.getByRole('cell', { name: 'Aperture Photo Booths' }).waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'Candid Corner' }).waitFor();
    await page.setViewportSize(SIZES.phone);
    await assertAccessible(page);
    await keepScreen(page, 'console-tenants-phone');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= SIZES.phone.width, `${width} px wide`);
    // What the page reads by itself says for how long it had no input.
    const readsAfter = async (isIdle: (seconds: number) => boolean) => {
      const read = page.waitForRequest((one) =>
        isIdle(Number(one.headers()['x-marquee-idle'] ?? Number.NaN)),
      );
      const refresh = setInterval(() => {
        void page.evaluate(() => window.dispatchEvent(new Event('visibilitychange'))).catch(() => {});
      }, 1_000);
      await read.finally(() => clearInterval(refresh));
    };
    await page.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 120_000;
    });
    await readsAfter((seconds) => seconds >= 120);
    await page.keyboard.press('Shift');
    await readsAfter((seconds) => seconds < 60);
    const removed = await context.request.post(`${SERVICE()}/api/account/second-factor/remove`, {
      headers: { origin: SERVICE() },
      data: { current: password() },
    });
    assert.ok(removed.ok());
    assert.deepEqual(problems, []);
    await context.close();
  });
});
