// A discount above what sales may give is not sent before a manager has approved it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addRow, addressOf, assertAccessible, keepScreen, launchBrowser, open, visit } from './browser';

describe('a large discount', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('is refused to sales, approved by a manager, and sent then', async () => {
    const sales = await visit(browser, { person: 'sales' });
    const account_id = await addRow(sales.context, 'accounts', { name: `Bargain hunters ${Date.now()}` });
    const opportunity_id = await addRow(sales.context, 'opportunities', { name: 'A bargain', account_id });
    await addRow(sales.context, 'event_dates', {
      opportunity_id,
      event_date: '2027-09-04',
      start_time: '17:00',
      end_time: '22:00',
    });
    const quoteId = await addRow(sales.context, 'quotes', { opportunity_id, account_id });
    await addRow(sales.context, 'quote_line_items', {
      quote_id: quoteId,
      item_type: 'custom',
      name: 'A booth',
      quantity: 1,
      unit_price: 100_000,
    });
    await open(sales.page, 'a', `/quotes/${quoteId}`);
    const line = sales.page.getByRole('textbox', { name: 'Item' });
    await line.waitFor();
    await sales.page.getByLabel('Overall discount').first().click();
    await sales.page.getByRole('option', { name: 'Percent' }).click();
    const percent = sales.page.getByLabel('Discount', { exact: true });
    await percent.fill('35');
    await percent.press('Tab');
    await sales.page.getByText(/^More than the 20% that sales may give/).waitFor();
    assert.equal(await sales.page.getByRole('button', { name: 'Approve discount' }).count(), 0);
    await assertAccessible(sales.page);

    const sending = sales.page.getByRole('dialog');
    await sales.page.getByRole('button', { name: 'Send…' }).click();
    await sending.getByRole('button', { name: 'Lock quote & create link' }).click();
    await sending.getByText(/your limit is 20%/).waitFor();
    assert.equal(await statusOf(quoteId, sales.context), 'draft');
    await sales.page.keyboard.press('Escape');
    await sending.waitFor({ state: 'detached' });

    const manager = await visit(browser, { person: 'manager' });
    await open(manager.page, 'a', `/quotes/${quoteId}`);
    await manager.page.getByText(/^More than the 20%/).waitFor();
    await keepScreen(manager.page, 'quote-discount-approval-desk');
    await manager.page.getByRole('button', { name: 'Approve discount' }).click();
    await manager.page.getByText('Approved up to 35%').waitFor();
    assert.deepEqual(manager.problems, []);
    await manager.context.close();

    await open(sales.page, 'a', `/quotes/${quoteId}`);
    await sales.page.getByText('Approved up to 35%').waitFor();
    await sales.page.getByRole('button', { name: 'Send…' }).click();
    await sending.getByRole('button', { name: 'Lock quote & create link' }).click();
    assert.match(await sales.page.getByLabel('Client link').inputValue(), /\/c\/.{20,}/);
    assert.equal(await statusOf(quoteId, sales.context), 'sent');
    await sales.context.close();
  });
});

async function statusOf(id: string, context: Awaited<ReturnType<typeof visit>>['context']): Promise<string> {
  const answer = await context.request.get(addressOf('a', `/rest/v1/quotes?id=eq.${id}&select=status`));
  return (await answer.json())[0].status;
}
