import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { until } from '../support/until';
import { addressOf, assertAccessible, launchBrowser, open, visit } from './browser';

/** The link of the newest mail to an address, from the directory where mail lies without SMTP. */
function linkMailedTo(email: string): Promise<string> {
  const outbox = path.join(process.env.MARQUEE_E2E_STATE ?? '', 'outbox');
  return until(async () => {
    const names = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.eml')).sort();
    for (const name of names.reverse()) {
      const mail = await readFile(path.join(outbox, name), 'utf8');
      if (!mail.includes(`To: ${email}`)) continue;
      const text = mail.replaceAll('=\n', '').replaceAll('=3D', '=');
      const link = /http:\/\/[^\s"<>]+#[\w.-]+/.exec(text)?.[0];
      if (link) return link;
    }
    return undefined;
  }, `a mail to ${email}`);
}

describe('an account', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('is made by an invitation, and its forgotten password is chosen anew by mail', async () => {
    const email = 'newcomer@a.example';
    const owner = await visit(browser);
    await open(owner.page, 'a', '/settings?tab=people');
    await owner.page.getByRole('button', { name: 'Add person' }).click();
    const dialog = owner.page.getByRole('dialog', { name: 'Add person' });
    await dialog.getByLabel('Name').fill('Nora Newcomer');
    await dialog.getByLabel('Email').fill(email);
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText(`Invitation sent to ${email}.`).waitFor();
    await owner.context.close();

    const { page, context, problems } = await visit(browser, { person: '' });
    const choose = async (password: string, button: string) => {
      await page.getByLabel('New password', { exact: true }).fill(password);
      await page.getByLabel('Confirm new password', { exact: true }).fill(password);
      await page.getByRole('button', { name: button }).click();
    };
    const invitation = await linkMailedTo(email);
    await page.goto(invitation);
    await page.getByRole('heading', { level: 1, name: 'Welcome' }).waitFor();
    assert.equal(new URL(page.url()).hash, '', 'the token leaves the address');
    await assertAccessible(page);
    await choose('a password of my own', 'Join');
    await page.getByRole('button', { name: /Nora Newcomer/ }).waitFor();
    await page.getByRole('button', { name: /Nora Newcomer/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in**');

    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    // The form before this one has an “Email”, too.
    await page.getByRole('heading', { level: 1, name: 'Forgot your password?' }).waitFor();
    await page.getByLabel('Email').fill(email);
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Send link' }).click();
    await page.getByRole('status').waitFor();
    const link = await until(async () => {
      const newest = await linkMailedTo(email);
      return newest !== invitation && newest;
    }, 'another link');
    await page.goto(link);
    await choose('another password of mine', 'Save password');
    await page.getByText('Your password is saved. Sign in with it.').waitFor();
    await page.getByRole('link', { name: 'Back to sign-in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Welcome back' }).waitFor();
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('another password of mine');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: /Nora Newcomer/ }).waitFor();
    assert.deepEqual(problems, []);

    // A link is good once.
    await page.goto(addressOf('a', '/sign-in'));
    await page.goto(link);
    await choose('yet another password', 'Save password');
    await page.getByRole('alert').filter({ hasText: 'used or has expired' }).waitFor();
    await context.close();
  });
});
