import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { CLIENT, startIdentityProvider } from '../support/identity-provider';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

const provider = await startIdentityProvider([addressOf('b', '/api/session/single-sign-on/callback')]);

describe('single sign-on', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('an owner sets it up, a new person signs in with it, and an unknown one reads why not', async () => {
    const owner = await visit(browser, { company: 'b' });
    const { page } = owner;
    await open(page, 'b', '/settings?tab=singleSignOn');
    const redirect = await page.getByLabel('Redirect address', { exact: true }).inputValue();
    assert.equal(redirect, addressOf('b', '/api/session/single-sign-on/callback'));
    await page.getByLabel('Issuer').fill('http://127.0.0.1:9');
    await page.getByLabel('Client ID').fill(CLIENT.client_id);
    await page.getByLabel('Client secret').fill(CLIENT.client_secret);
    await page.getByLabel('Name on the sign-in page').fill('Contoso');
    await page.getByLabel('Claim with the groups of a person').fill('groups');
    await page.getByRole('button', { name: 'Add group' }).click();
    await page.getByLabel('Group', { exact: true }).fill('crm-sales');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').filter({ hasText: 'No identity provider was found' }).waitFor();
    await assertAccessible(page);
    await page.getByLabel('Issuer').fill(provider.issuer);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('A secret is stored.').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'single-sign-on-desk');
    await page.setViewportSize(SIZES.phone);
    await keepScreen(page, 'single-sign-on-phone');
    await owner.context.close();

    const guest = await visit(browser, { person: '' });
    provider.people.sara = {
      email: 'sara@contoso.example',
      email_verified: false,
      name: 'Sara Sales',
      groups: ['crm-sales'],
    };
    provider.next = { subject: 'sara', amr: ['pwd'] };
    await guest.page.goto(addressOf('b', '/sign-in?from=%2Fcontacts'));
    await guest.page.getByRole('link', { name: 'Continue with Contoso' }).click();
    await guest.page.getByRole('alert').filter({ hasText: 'You have no access here yet' }).waitFor();
    await assertAccessible(guest.page);
    await keepScreen(guest.page, 'sign-in-single-sign-on-desk');
    provider.people.sara.email_verified = true;
    await guest.page.goto(addressOf('b', '/sign-in?from=%2Fcontacts'));
    await guest.page.getByRole('link', { name: 'Continue with Contoso' }).click();
    await guest.page.getByRole('heading', { level: 1, name: 'Contacts' }).waitFor();
    await guest.page.getByRole('button', { name: /Sara Sales/ }).waitFor();
    assert.deepEqual(guest.problems, []);
    await guest.context.close();

    const again = await visit(browser, { company: 'b' });
    await open(again.page, 'b', '/settings?tab=singleSignOn');
    await again.page.getByRole('button', { name: 'Remove single sign-on' }).click();
    const question = again.page.getByRole('dialog', { name: 'Remove single sign-on?' });
    await question.getByRole('button', { name: 'Remove single sign-on' }).click();
    await again.page.getByRole('button', { name: 'Remove single sign-on' }).waitFor({ state: 'detached' });
    await again.context.close();
  });
});
