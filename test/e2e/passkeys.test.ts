import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { addressOf, assertAccessible, keepScreen, launchBrowser, password, SIZES, visit } from './browser';

/** Passkeys belong to a host name, and browsers know none for 127.0.0.1. */
function named(screen: string): string {
  return addressOf('a', screen).replace('127.0.0.1', 'localhost');
}

/** The virtual authenticator of Chromium's debugger: a device with a fingerprint that always fits. */
async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const debugging = await context.newCDPSession(page);
  await debugging.send('WebAuthn.enable');
  await debugging.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto(named('/sign-in'));
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await signedIn(page);
}

function signedIn(page: Page): Promise<void> {
  return page.waitForURL(({ pathname }) => !pathname.endsWith('/sign-in'));
}

describe('passkeys', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('one is added under Settings, signs in, proves who acts, and is removed', async () => {
    const { page, context, problems } = await visit(browser, { person: '' });
    await addAuthenticator(context, page);
    await signIn(page, 'manager@a.example');
    await page.goto(named('/settings?tab=security'));
    await page.getByText('You have no passkeys').waitFor();
    await page.getByRole('button', { name: 'Add passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add passkey' });
    await dialog.getByLabel('Name').fill('Work laptop');
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const entry = page.getByRole('region', { name: 'Work laptop' });
    await entry.waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'security-desk');
    await page.setViewportSize(SIZES.phone);
    await keepScreen(page, 'security-phone');
    await page.setViewportSize(SIZES.desk);

    await context.clearCookies();
    await page.goto(named('/sign-in'));
    await assertAccessible(page);
    await keepScreen(page, 'sign-in-passkey-desk');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await signedIn(page);

    await page.goto(named('/settings?tab=security'));
    await entry.getByRole('button', { name: 'Remove' }).click();
    const question = page.getByRole('dialog', { name: 'Remove Work laptop?' });
    await question.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('You have no passkeys').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a dangerous action in an older session is confirmed in a dialog, and then done', async () => {
    const { page, context, problems } = await visit(browser, { person: '' });
    await signIn(page, 'admin@a.example');
    // As if the session's last proof were long ago: the first answer says so.
    let refusals = 0;
    await page.route('**/api/keys', async (route) => {
      if (route.request().method() !== 'POST' || refusals > 0) return route.fallback();
      refusals += 1;
      const body = JSON.stringify({ code: 'confirmation_required', title: 'Please confirm that it is you.' });
      return route.fulfill({ status: 403, contentType: 'application/problem+json', body });
    });
    await page.goto(named('/settings?tab=keys'));
    await page.getByRole('button', { name: 'Create key' }).first().click();
    const dialog = page.getByRole('dialog').first();
    await dialog.getByLabel('Name').fill('Confirmed');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    const proof = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await proof.getByLabel('Password', { exact: true }).fill('not my password');
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await proof.getByRole('alert').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'proof-desk');
    await proof.getByLabel('Password', { exact: true }).fill(password());
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await proof.waitFor({ state: 'hidden' });
    await page
      .getByText(/mq_anon_/)
      .or(page.locator('input[value^="mq_anon_"]'))
      .first()
      .waitFor();
    assert.deepEqual(
      problems.filter((problem) => !/403/.test(problem)),
      [],
    );
    await context.close();
  });

  test('recovery codes are counted and renewed', async () => {
    const { page, context } = await visit(browser, { person: '' });
    await signIn(page, 'sales@a.example');
    await page.goto(named('/settings?tab=security'));
    await page.getByRole('button', { name: 'Turn on' }).click();
    const secret = (await page.locator('code').first().textContent())?.replaceAll(' ', '') ?? '';
    const code = new TOTP({ secret }).generate();
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Confirm' }) });
    for (const [index, digit] of [...code].entries()) await form.locator('input').nth(index).fill(digit);
    await form.getByLabel('Current password').fill(password());
    await form.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('button', { name: 'Copy codes' }).waitFor();
    await page.reload();
    await page.getByText('10 recovery codes are left.').waitFor();
    await page.getByRole('button', { name: 'New recovery codes' }).click();
    await page.getByRole('button', { name: 'Copy codes' }).waitFor();
    await assertAccessible(page);
    await page.reload();
    const removal = page.locator('form').filter({ has: page.getByRole('button', { name: 'Turn off' }) });
    await removal.getByLabel('Current password').fill(password());
    await removal.getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
    await context.close();
  });
});
