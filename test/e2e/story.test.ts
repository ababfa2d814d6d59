// From an enquiry to a paid event, through the browser and the client's own page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESKTOP, signIn } from './browser';

test('what is typed into a new lead is there afterwards, found by search, and converted', async () => {
  const { page, problems, open } = await signIn('sales', DESKTOP);
  const name = `Story${Date.now()}`;
  await open('/leads');
  await page.getByRole('button', { name: 'New' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('First name').fill(name);
  await form.getByLabel('Last name').fill('Teller');
  await form.getByLabel('E-mail').fill(`${name.toLowerCase()}@client.example`);
  await form.getByRole('button', { name: /Save|Create|Add/ }).click();
  await form.waitFor({ state: 'hidden' });
  await open('/leads');
  await page
    .getByPlaceholder(/Search/)
    .first()
    .fill(name);
  const row = page.getByText(`${name}`).first();
  await row.waitFor();
  await row.click();
  await page.getByRole('heading', { name: new RegExp(name) }).waitFor();
  await page.getByRole('button', { name: /Convert/ }).click();
  const convert = page.getByRole('dialog');
  await convert.getByRole('button', { name: /Convert/ }).click();
  await convert.waitFor({ state: 'hidden' });
  await open('/accounts');
  await page
    .getByPlaceholder(/Search/)
    .first()
    .fill(name);
  await page.getByText(name).first().waitFor();
  assert.deepEqual(problems, []);
});

test('a viewer sees and cannot change', async () => {
  const { page, open } = await signIn('viewer', DESKTOP);
  await open('/accounts');
  await page.getByRole('heading', { name: 'Accounts' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'New' }).count(), 0);
});
