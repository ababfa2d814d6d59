import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import {
  addressOf,
  assertAccessible,
  keepScreen,
  launchBrowser,
  open,
  password,
  SIZES,
  visit,
} from './browser';

describe('signing in', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('leads to where one wanted to go, and out again', async () => {
    const { page, context, problems } = await visit(browser, { person: '' });
    await page.goto(addressOf('a', '/accounts'));
    await page.waitForURL('**/sign-in?**');
    await assertAccessible(page);
    await keepScreen(page, 'sign-in-desk');
    await page.getByLabel('Email').fill('owner@a.example');
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The email or password is incorrect.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor();
    await page.getByRole('button', { name: /Olivia Owner/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in**');
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('fits a phone', async () => {
    const { page, context } = await visit(browser, { person: '', viewport: SIZES.phone });
    await page.goto(addressOf('a', '/sign-in'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'sign-in-phone');
    await context.close();
  });

  test('is asked for again over the screen when the session ends, and nothing typed is lost', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/tasks');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'New: Task' });
    await form.getByLabel('Title').fill('Call the venue about the ramp');
    await context.clearCookies();
    await form.getByRole('button', { name: 'Save' }).click();
    const again = page.getByRole('dialog', { name: 'Please sign in again' });
    await again.getByLabel('Password', { exact: true }).fill(password());
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.waitFor({ state: 'hidden' });
    assert.equal(await form.getByLabel('Title').inputValue(), 'Call the venue about the ramp');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByLabel('Search Tasks').fill('ramp');
    await page.getByRole('button', { name: 'Call the venue about the ramp' }).waitFor();
    await context.close();
  });

  test('as one company shows nothing of another', async () => {
    const { page, context } = await visit(browser, { company: 'a' });
    await page.goto(addressOf('b', '/accounts'));
    await page.waitForURL('**/t/b/sign-in**');
    await context.close();
  });

  test('as a viewer offers nothing that changes', async () => {
    const { page, context } = await visit(browser, { person: 'viewer' });
    await open(page, 'a', '/accounts');
    await page.getByRole('heading', { name: 'Accounts' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'New', exact: true }).count(), 0);
    await context.close();
  });

  test('shows each role what it is for', async () => {
    const { page, context } = await visit(browser, { person: 'staff' });
    await open(page, 'a', '/');
    const navigation = page.getByRole('navigation', { name: 'Main navigation' });
    await navigation.getByRole('link', { name: 'Crew' }).waitFor();
    for (const hidden of ['Invoices', 'Pipeline', 'Settings', 'Reports']) {
      assert.equal(await navigation.getByRole('link', { name: hidden }).count(), 0, hidden);
    }
    await context.close();
  });
});
