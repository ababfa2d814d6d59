import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addressOf, dayIn, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

describe('the story of one client', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('from the enquiry to the paid event, through the browser and the client’s own page', async () => {
    const { page, context, problems } = await visit(browser, { person: 'manager' });

    // The enquiry.
    await open(page, 'a', '/leads');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'New: Lead' });
    await form.getByLabel('First name').fill('Philippa');
    await form.getByLabel('Last name').fill('Storybrook');
    await form.getByLabel('Email').fill('philippa@storybrook.example');
    const day = dayIn(200);
    await form.getByLabel('Date').fill(day);
    await form.getByRole('button', { name: 'More details' }).click();
    await form.getByLabel('Guests').fill('140');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Philippa Storybrook' }).waitFor();

    // It becomes a deal.
    await page.getByRole('button', { name: 'Convert' }).click();
    const conversion = page.getByRole('dialog', { name: 'Convert Philippa Storybrook' });
    await conversion.getByText('New contact: Philippa Storybrook').waitFor();
    // It begins in its first field, which has the lead's date.
    const date = conversion.getByLabel('Date');
    assert.equal(await date.inputValue(), day);
    await date.and(page.locator(':focus')).waitFor();
    await conversion.getByLabel('Opportunity name').fill('Storybrook wedding');
    await conversion.getByRole('button', { name: 'Convert' }).click();
    await page.getByRole('heading', { level: 1, name: 'Storybrook wedding' }).waitFor();

    // With the lead's date and a package.
    const dates = page.getByRole('region', { name: 'Dates and venues' });
    await dates.getByText('Scheduled').waitFor();
    await page.getByPlaceholder('Add a package, add-on or product').click();
    await page.getByRole('option').first().click();
    await page.getByRole('textbox', { name: 'Item' }).first().waitFor();

    // The quote, sent.
    await page.getByRole('button', { name: 'Create quote' }).click();
    await page.waitForURL(/\/quotes\//);
    await page.getByRole('button', { name: 'Send…' }).click();
    await page.getByRole('button', { name: 'Lock quote & create link' }).click();
    const link = await page.getByLabel('Client link').inputValue();
    assert.match(link, /\/c\/.{20,}/);

    // The client accepts and signs, on a phone and signed in nowhere.
    const client = await visit(browser, { person: '', viewport: SIZES.phone });
    await client.page.goto(addressOf('a', new URL(link).pathname.replace(/^\/t\/a/, '')), {
      waitUntil: 'networkidle',
    });
    await keepScreen(client.page, 'client-phone');
    await client.page.getByLabel('Your full name').fill('Philippa Storybrook');
    await client.page.getByRole('checkbox').check();
    await client.page.getByRole('button', { name: 'Accept and sign' }).click();
    await client.page.getByText('Thank you, Philippa Storybrook!').waitFor();
    assert.deepEqual(client.problems, []);
    await client.context.close();

    // The event is there with its checklist and its invoice; the money comes in.
    await open(page, 'a', '/events?q=Storybrook');
    await page.locator('tbody a').first().click();
    await page.getByRole('heading', { level: 1, name: /Storybrook/ }).waitFor();
    await page.getByText('Photo Strip Design Approval').waitFor();
    await page.getByRole('tab', { name: 'Money' }).click();
    await page.getByRole('link', { name: /^INV-/ }).click();
    // The deposit that the company's settings ask for, then the rest.
    for (const paid of [0, 1]) {
      await page.getByRole('button', { name: 'Record payment' }).click();
      const payment = page.getByRole('dialog', { name: 'Record payment' });
      await payment.getByRole('button', { name: 'Save' }).click();
      await payment.waitFor({ state: 'hidden' });
      const rows = page.getByRole('region', { name: 'Payments' }).getByText('Payment · Bank transfer');
      await rows.nth(paid).waitFor();
    }

    await open(page, 'a', '/events?q=Storybrook');
    await page.locator('tbody').getByText('Paid in Full').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
});
