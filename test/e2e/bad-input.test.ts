import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { addressOf, launchBrowser, open, password, visit } from './browser';

const origin = () => new URL(addressOf('a')).origin;

describe('what goes wrong in a working day', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a session that ends mid-edit: one signs in over the screen and saves what was typed', async () => {
    const { page, context } = await visit(browser);
    await editAnAccount(page, await addAccount(context));
    await page.getByLabel('Industry').fill('Typed before the session ended');
    await context.clearCookies();
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog').filter({ has: page.getByLabel('Password', { exact: true }) });
    await dialog.getByLabel('Password', { exact: true }).fill(password());
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Industry').inputValue(), 'Typed before the session ended');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByText('Typed before the session ended').waitFor();
    await context.close();
  });

  test('a session that ends is noticed by whatever is asked for next; signing in leads to where one was', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', `/events?view=all&q=gala`);
    await page.locator('tbody a').first().click();
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByRole('button', { name: 'Write' }).first().click();
    await context.clearCookies();
    // Only what is not a row is asked for: the preview of the mail.
    await page.route('**/rest/v1/**', (route) => route.abort());
    await page.getByLabel('Subject').fill('Your evening');
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor();
    await page.unroute('**/rest/v1/**');
    await page.goto(addressOf('a', '/leads?q=gala&sort=-created_at'));
    await page.getByLabel('Email').fill('owner@a.example');
    await page.getByLabel('Password', { exact: true }).fill(password());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(/\/leads\?q=gala&sort=-created_at$/);
    assert.equal(await page.getByLabel('Search Leads').inputValue(), 'gala');
    await context.close();
  });

  test('two editors of different fields: both changes stand, and it is said', async () => {
    const [one, two] = [await visit(browser), await visit(browser, { person: 'manager' })];
    const id = await addAccount(one.context);
    await editAnAccount(one.page, id);
    await editAnAccount(two.page, id);
    await one.page.getByLabel('Phone').fill('+1 555 0303');
    await one.page.getByRole('button', { name: 'Save' }).click();
    await one.page.getByText('Saved.').waitFor();
    await two.page.getByLabel('Industry').fill('Hotels');
    await two.page.getByRole('button', { name: 'Save' }).click();
    await two.page.getByText('Both changes were saved.').waitFor();
    await two.page.getByText('Saved.', { exact: true }).waitFor();
    const [account] = await read(one.context, `accounts?select=phone,industry&id=eq.${id}`);
    assert.deepEqual(account, { phone: '+1 555 0303', industry: 'Hotels' });
    await Promise.all([one.context.close(), two.context.close()]);
  });

  test('permission lost mid-edit: it is refused in words, and what was typed is still there', async () => {
    const [owner, sales] = [await visit(browser), await visit(browser, { person: 'sales' })];
    const id = await addAccount(owner.context);
    await editAnAccount(sales.page, id);
    await sales.page.getByLabel('Industry').fill('Typed as sales');
    const { people } = await (await owner.context.request.get(addressOf('a', '/api/people'))).json();
    const person = people.find(({ email }: { email: string }) => email === 'sales@a.example');
    const become = (role: string) =>
      owner.context.request.patch(addressOf('a', `/api/people/${person.id}`), {
        headers: { origin: origin() },
        data: { role },
      });
    assert.ok((await become('viewer')).ok());
    try {
      await sales.page.getByRole('button', { name: 'Save' }).click();
      const refused = sales.page.getByText('Your role does not allow this.');
      const signIn = sales.page.getByRole('button', { name: 'Sign in' });
      await refused.or(signIn).first().waitFor();
      if (await signIn.isVisible()) {
        // A change of role ends the session.
        await sales.page.getByRole('dialog').last().getByLabel('Password', { exact: true }).fill(password());
        await signIn.click();
        await signIn.waitFor({ state: 'detached' });
        await sales.page.getByRole('button', { name: 'Save' }).click();
        await refused.first().waitFor();
      }
      assert.equal(await sales.page.getByLabel('Industry').inputValue(), 'Typed as sales');
      const [account] = await read(owner.context, `accounts?select=industry&id=eq.${id}`);
      assert.equal(account?.industry, null);
    } finally {
      assert.ok((await become('sales')).ok());
    }
    await Promise.all([owner.context.close(), sales.context.close()]);
  });

  test('an enormous paste: refused in words, the page stays alive', async () => {
    const { page, context } = await visit(browser);
    await editAnAccount(page, await addAccount(context));
    // As pasting does it: at once, not key by key.
    await page.getByLabel('Notes').last().focus();
    await page.keyboard.insertText('word '.repeat(300_000));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('at most 1,000,000 characters').waitFor();
    await page.getByLabel('Notes').last().fill('short');
    await page.getByLabel('Name').first().fill('x'.repeat(60_000));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/Too long: at most [\d,]+ characters/).waitFor();
    await page.getByLabel('Name').first().fill('A name again');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'A name again' }).waitFor();
    await context.close();
  });

  test('back, forward and reload anywhere lead to where one was', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/accounts?q=hotel');
    await page.locator('tbody a').first().click();
    await page.getByRole('tab', { name: 'Money' }).click();
    await page.reload({ waitUntil: 'networkidle' });
    assert.equal(await page.getByRole('tab', { name: 'Money' }).getAttribute('aria-selected'), 'true');
    await page.goBack();
    await page.getByLabel('Search Accounts').waitFor();
    assert.equal(await page.getByLabel('Search Accounts').inputValue(), 'hotel');
    await page.goForward();
    await page.getByRole('tab', { name: 'Money' }).waitFor();
    for (const screen of [
      '/events?as=week',
      '/availability',
      '/inventory?tab=packages',
      '/settings?tab=pipeline',
      '/reports',
    ]) {
      await open(page, 'a', screen);
      const before = await page.getByRole('heading', { level: 1 }).textContent();
      await page.reload({ waitUntil: 'networkidle' });
      assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), before);
      assert.ok(page.url().endsWith(screen), `${page.url()} is still ${screen}`);
    }
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('two tabs: one sees what the other saved, and signing out in one is noticed in the other', async () => {
    const { page: one, context } = await visit(browser);
    const id = await addAccount(context);
    const two = await context.newPage();
    for (const page of [one, two]) await open(page, 'a', `/accounts/${id}`);
    await editAnAccount(one, id);
    await one.getByLabel('Industry').fill('From the first tab');
    await one.getByRole('button', { name: 'Save' }).click();
    await one.getByText('Saved.').waitFor();
    await two.getByText('From the first tab').waitFor({ timeout: 45_000 });
    await one.bringToFront();
    await one.getByRole('button', { name: /Olivia Owner/ }).click();
    await one.getByRole('menuitem', { name: 'Sign out' }).click();
    await one.getByRole('heading', { level: 1, name: 'Welcome back' }).waitFor();
    await two.getByRole('tab', { name: 'Events' }).click();
    await two.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor({ timeout: 45_000 });
    await context.close();
  });
});

async function addAccount(context: BrowserContext): Promise<string> {
  const answer = await context.request.post(addressOf('a', '/rest/v1/accounts'), {
    headers: { origin: origin(), prefer: 'return=representation' },
    data: { name: `Bad day ${Date.now()}` },
  });
  assert.equal(answer.status(), 201, await answer.text());
  return (await answer.json())[0].id;
}

async function read(context: BrowserContext, path: string): Promise<Record<string, unknown>[]> {
  return (await context.request.get(addressOf('a', `/rest/v1/${path}`))).json();
}

async function editAnAccount(page: Page, id: string): Promise<void> {
  await open(page, 'a', `/accounts/${id}`);
  await page.getByRole('button', { name: 'Edit' }).first().click();
  await page.getByLabel('Industry').waitFor();
}
