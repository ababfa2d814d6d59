import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { untilEqual } from '../support/until';
import { addQuote, addRow, addressOf, launchBrowser, open, password, visit } from './browser';

describe('what is typed', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('in German a comma divides: 12,50 is twelve and a half', async () => {
    const { page, context, problems } = await visit(browser);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    const quote = await addQuote(context, [{ name: 'Requisiten', unit_price: 100 }]);
    await open(page, 'a', `/quotes/${quote}`);
    const price = page.getByLabel('Preis', { exact: true });
    assert.equal(await price.inputValue(), '1,00');
    await typeOver(price, '1250,50');
    await page.keyboard.press('Enter');
    await page.getByText('1.250,50').first().waitFor();
    await untilEqual(() => linesOf(context, quote, 'unit_price'), [{ unit_price: 125_050 }]);
    // The key of the number pad writes a point.
    await typeOver(price, '12.50');
    await page.keyboard.press('Enter');
    await page.getByText('12,50').first().waitFor();
    await price.press('Tab');
    assert.equal(await price.inputValue(), '12,50');
    await untilEqual(() => linesOf(context, quote, 'unit_price'), [{ unit_price: 1250 }]);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('is kept when the form is closed at once, and is the next person’s not', async () => {
    const { page, context } = await visit(browser);
    const id = await addRow(context, 'accounts', { name: `Typing ${Date.now()}` });
    await edit(page, id);
    await page.getByLabel('Industry').fill('Half a thought');
    await page.keyboard.press('Escape');
    await page.getByLabel('Industry').waitFor({ state: 'detached' });
    await page.reload({ waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'Edit' }).first().click();
    assert.equal(await page.getByLabel('Industry').inputValue(), 'Half a thought');
    const answer = await context.request.post(addressOf('a', '/api/session'), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { email: 'manager@a.example', password: password() },
    });
    assert.equal(answer.status(), 200);
    await edit(page, id);
    assert.equal(await page.getByLabel('Industry').inputValue(), '');
    await context.close();
  });

  test('days ago does not overwrite what others have saved since', async () => {
    const { page, context } = await visit(browser);
    const id = await addRow(context, 'accounts', { name: `Typing ${Date.now()}`, industry: 'At first' });
    await edit(page, id);
    await page.getByLabel('Industry').fill('Mine');
    await page.keyboard.press('Escape');
    await page.getByLabel('Industry').waitFor({ state: 'detached' });
    await patch(context, `accounts?id=eq.${id}`, { industry: 'Theirs' });
    await edit(page, id);
    assert.equal(await page.getByLabel('Industry').inputValue(), 'Mine');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Theirs: Theirs').waitFor();
    await context.close();
  });

  test('ten megabytes are refused in words, at once', async () => {
    const { page, context, problems } = await visit(browser);
    await edit(page, await addRow(context, 'accounts', { name: `Typing ${Date.now()}` }));
    const notes = page.getByLabel('Notes').last();
    await notes.fill('Before.');
    const started = Date.now();
    await paste(notes, 'word '.repeat(2_000_000));
    await page.getByText('so nothing was pasted').waitFor();
    assert.ok(Date.now() - started < 30_000, `${Date.now() - started} ms`);
    assert.equal(await notes.inputValue(), 'Before.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('going back closes the form and leaves the page; the keyboard begins in the first field', async () => {
    const { page, context } = await visit(browser);
    const id = await addRow(context, 'accounts', { name: `Backwards ${Date.now()}` });
    await open(page, 'a', '/accounts?q=Backwards');
    await page.locator(`a[href$="${id}"]`).click();
    await page.getByRole('button', { name: 'Edit' }).first().click();
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await page.goBack();
    await page.getByLabel('Industry').waitFor({ state: 'detached' });
    await page.waitForURL(`**/accounts/${id}`);
    await page.getByRole('button', { name: 'Edit' }).first().waitFor();
    await page.goBack();
    await page.waitForURL(/q=Backwards/);
    await context.close();
  });

  test('and refused is said where one looks, and the keyboard is put into what is wrong', async () => {
    const { page, context } = await visit(browser);
    await edit(page, await addRow(context, 'accounts', { name: `Typing ${Date.now()}` }));
    // As it was: there is nothing to save, and nothing to refuse.
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByRole('button', { name: 'Edit' }).first().click();
    await page.getByLabel('Notes').last().focus();
    await page.getByLabel('Name').first().fill('');
    await page.getByLabel('Notes').last().focus();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    await page.getByLabel('Name').first().fill('Named');
    await page.route('**/rest/v1/accounts?**', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    await page.getByRole('button', { name: 'Save' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'What you typed is kept' });
    await alert.waitFor();
    const box = await alert.boundingBox();
    assert.ok(box && box.y > 0 && box.y + box.height < 900, JSON.stringify(box));
    await context.close();
  });

  test('and saved is taken back with undo, and so is a deleted note', async () => {
    const { page, context, problems } = await visit(browser);
    const id = await addRow(context, 'accounts', { name: `Typing ${Date.now()}`, industry: 'Before' });
    await edit(page, id);
    await page.getByLabel('Industry').fill('After');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Before', { exact: true }).waitFor();
    await page.getByPlaceholder('Write a note for your team').fill('Call on Monday');
    await page.getByRole('button', { name: 'Add note' }).click();
    const note = page.getByText('Call on Monday', { exact: true }).and(page.locator('p'));
    await note.waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await note.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await note.waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('into a line stays when it cannot be sent, and is sent when it can', async () => {
    const { page, context } = await visit(browser);
    const quote = await addQuote(context, [{ name: 'Backdrop', unit_price: 5000 }]);
    await open(page, 'a', `/quotes/${quote}`);
    await page.route('**/rest/v1/quote_line_items?**', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    const name = page.getByLabel('Item', { exact: true });
    await name.fill('Backdrop with flowers');
    await name.press('Enter');
    await page.getByText('Not saved yet', { exact: true }).waitFor();
    assert.equal(await name.inputValue(), 'Backdrop with flowers');
    await page.unroute('**/rest/v1/quote_line_items?**');
    // It is sent by itself.
    await page.getByText('Not saved yet', { exact: true }).waitFor({ state: 'detached' });
    await untilEqual(() => linesOf(context, quote, 'name'), [{ name: 'Backdrop with flowers' }]);
    await page.getByRole('button', { name: 'Remove Backdrop with flowers' }).click();
    await page.getByText('No line items yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await name.waitFor();
    assert.equal(await name.inputValue(), 'Backdrop with flowers');
    await context.close();
  });

  test('into one of a thousand lines is taken like into one of three', async () => {
    const { page, context, problems } = await visit(browser);
    const quote = await addQuote(context, []);
    const lines = Array.from({ length: 1000 }, (_, index) => ({
      quote_id: quote,
      item_type: 'custom',
      name: `Line ${index}`,
      quantity: 1,
      unit_price: 100,
      sort_order: index,
    }));
    const added = await context.request.post(addressOf('a', '/rest/v1/quote_line_items'), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: lines,
    });
    assert.equal(added.status(), 201);
    await page.goto(addressOf('a', `/quotes/${quote}`));
    const names = page.getByLabel('Item', { exact: true });
    await names.first().waitFor();
    assert.ok((await names.count()) < 100, 'only what is in view has inputs');
    await page.getByText('Line 999', { exact: true }).scrollIntoViewIfNeeded();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('input')].some(({ value }) => value === 'Line 999'),
    );
    await names.last().fill('The last one');
    const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await page.keyboard.press('Enter');
    await saved;
    const last = `quote_line_items?quote_id=eq.${quote}&sort_order=eq.999&select=name`;
    const answer = await context.request.get(addressOf('a', `/rest/v1/${last}`));
    assert.deepEqual(await answer.json(), [{ name: 'The last one' }]);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('and copied from a spreadsheet becomes lines; thousands of them are refused', async () => {
    const { page, context, problems } = await visit(browser);
    const quote = await addQuote(context, [{ name: 'Booth', unit_price: 100_000 }]);
    await open(page, 'a', `/quotes/${quote}`);
    const name = page.getByLabel('Item', { exact: true }).first();
    await paste(name, Array.from({ length: 5_000 }, (_, index) => `Line ${index}\t1\t10`).join('\n'));
    await page.getByText('At most 200 lines').waitFor();
    await paste(name, 'Attendant\t2\t95.50\nAlbum\t1\t40');
    await page.getByLabel('Item', { exact: true }).nth(2).waitFor();
    await untilEqual(
      () => linesOf(context, quote, 'name,quantity,unit_price'),
      [
        { name: 'Booth', quantity: 1, unit_price: 100_000 },
        { name: 'Attendant', quantity: 2, unit_price: 9_550 },
        { name: 'Album', quantity: 1, unit_price: 4_000 },
      ],
    );
    assert.deepEqual(problems, []);
    await context.close();
  });
});

async function edit(page: Page, id: string): Promise<void> {
  await open(page, 'a', `/accounts/${id}`);
  await page.getByRole('button', { name: 'Edit' }).first().click();
  await page.getByLabel('Industry').waitFor();
}

async function typeOver(input: Locator, text: string): Promise<void> {
  await input.click();
  await input.press('ControlOrMeta+a');
  await input.pressSequentially(text);
}

/** As the browser tells of a paste; it goes on unless that was prevented. */
async function paste(into: Locator, text: string): Promise<void> {
  await into.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    (element as HTMLElement).focus();
    if (element.dispatchEvent(event)) document.execCommand('insertText', false, pasted);
  }, text);
}

async function linesOf(context: BrowserContext, quote: string, columns: string): Promise<unknown> {
  const query = `quote_line_items?quote_id=eq.${quote}&select=${columns}&order=sort_order`;
  return (await context.request.get(addressOf('a', `/rest/v1/${query}`))).json();
}

async function patch(context: BrowserContext, row: string, changes: object): Promise<void> {
  const answer = await context.request.patch(addressOf('a', `/rest/v1/${row}`), {
    headers: { origin: new URL(addressOf('a')).origin },
    data: changes,
  });
  assert.ok(answer.ok(), await answer.text());
}
