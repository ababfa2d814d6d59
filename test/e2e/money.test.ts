// Plans, payments, corrections and sales tax as an owner sees them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

/** Makes a draft quote of one line over the API, as a deal of its own. @returns its id */
async function addQuote(page: Page, price: number, of: { currency?: string } = {}): Promise<string> {
  const post = async (table: string, data: object) => {
    const answer = await page.request.post(addressOf('a', `/rest/v1/${table}`), {
      headers: { origin: new URL(addressOf('a')).origin, prefer: 'return=representation' },
      data,
    });
    assert.equal(answer.status(), 201, await answer.text());
    return ((await answer.json()) as { id: string }[])[0]?.id ?? '';
  };
  const account_id = await post('accounts', { name: 'Moneypenny' });
  const opportunity_id = await post('opportunities', { name: 'Moneypenny gala', account_id });
  await post('event_dates', {
    opportunity_id,
    event_date: '2031-06-14',
    start_time: '18:00',
    end_time: '23:00',
    timezone: 'America/New_York',
  });
  const quote_id = await post('quotes', { opportunity_id, account_id, ...of });
  await post('quote_line_items', {
    quote_id,
    item_type: 'custom',
    name: 'Booth',
    unit_price: price,
    taxable: false,
  });
  return quote_id;
}

describe('money', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a plan is edited on the quote, followed by the invoice, paid in parts, and a wrong payment is corrected', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    const quote = await addQuote(page, 114_500);
    await open(page, 'a', `/quotes/${quote}`);
    const plan = page.getByRole('region', { name: 'Payment plan' });
    // The company's deposit is there without asking.
    await plan.getByText('Deposit · 50%').waitFor();
    assert.equal(await plan.getByText('$572.50').count(), 2);
    await plan.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the payment plan' });
    await dialog.getByRole('button', { name: 'Add a part' }).click();
    await dialog.getByRole('group', { name: 'Part 2' }).getByLabel('Name').fill('Second payment');
    await keepScreen(page, 'plan-edit');
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await plan.getByText('Second payment · 25%').waitFor();
    assert.equal(await plan.getByText('$286.25').count(), 2);
    await keepScreen(page, 'plan-quote');

    // Accepted, it is the invoice's plan.
    await page.request.patch(addressOf('a', `/rest/v1/quotes?id=eq.${quote}`), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { status: 'sent' },
    });
    await page.request.post(addressOf('a', '/rest/v1/rpc/accept_quote'), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { quote_id: quote, accepted_by_name: 'Miss Moneypenny' },
    });
    await open(page, 'a', `/quotes/${quote}`);
    await page.getByRole('button', { name: 'Open invoice' }).click();
    await page.waitForURL(/\/invoices\//);
    await plan.getByText('14 days before the event').waitFor();
    await page.getByRole('button', { name: 'Issue', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Issue' }).click();

    // The deposit is what the form asks for; a day and a note go with it.
    await page.getByRole('button', { name: 'Record payment' }).click();
    const payment = page.getByRole('dialog', { name: 'Record payment' });
    assert.equal(await payment.getByLabel('Amount').inputValue(), '572.50');
    await payment.getByLabel('Amount').fill('600');
    await payment.getByLabel('Reference').fill('Check 1004');
    await payment.getByLabel('Note').fill('Handed over at the venue');
    await keepScreen(page, 'payment-record-fields');
    await payment.getByRole('button', { name: 'Save' }).click();
    await payment.waitFor({ state: 'hidden' });
    const payments = page.getByRole('region', { name: 'Payments' });
    await payments.getByText('Check 1004 · Handed over at the venue').waitFor();
    await plan.getByText('Paid', { exact: true }).waitFor();
    await plan.getByText('$27.50 paid').waitFor();

    // It was 572.50: both entries stay in sight.
    await payments.getByRole('button', { name: 'Correct…' }).click();
    const correction = page.getByRole('dialog', { name: 'Correct this payment' });
    await correction.getByLabel('Amount').fill('572.50');
    await correction.getByLabel('Why').fill('Typed 600 instead of 572.50');
    await keepScreen(page, 'payment-correct');
    await correction.getByRole('button', { name: 'Correct', exact: true }).click();
    await correction.waitFor({ state: 'hidden' });
    await payments.getByText('Correction · Bank transfer').waitFor();
    await payments.getByText('Corrected').waitFor();
    await page.getByText('$27.50 paid').waitFor({ state: 'detached' });
    await keepScreen(page, 'invoice-plan');
    await assertAccessible(page);

    // What is paid cannot be edited any more.
    await plan.getByRole('button', { name: 'Edit' }).click();
    assert.ok(await dialog.getByRole('group', { name: 'Part 1' }).getByLabel('Name').isDisabled());
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a quote whose last day has passed asks for a later one before it is sent', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    const quote = await addQuote(page, 50_000);
    const old = await page.request.patch(addressOf('a', `/rest/v1/quotes?id=eq.${quote}`), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { issue_date: '2026-01-01', valid_until: '2026-01-15' },
    });
    assert.equal(old.status(), 204, await old.text());
    await open(page, 'a', `/quotes/${quote}`);
    await page.getByRole('button', { name: 'Send…' }).click();
    const dialog = page.getByRole('dialog');
    const run = dialog.getByRole('button', { name: 'Lock quote & create link' });
    await dialog.getByText('This day has passed.').waitFor();
    assert.equal(await run.isDisabled(), true);
    await keepScreen(page, 'quote-send-past');
    await assertAccessible(page);
    await dialog.getByLabel('Valid until').fill('2034-02-03');
    await run.click();
    await dialog.getByLabel('Client link').waitFor();
    const sent = await page.request.get(
      addressOf('a', `/rest/v1/quotes?id=eq.${quote}&select=status,valid_until`),
    );
    assert.deepEqual(await sent.json(), [{ status: 'sent', valid_until: '2034-02-03' }]);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a payment that came through a provider is refunded through it', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    const quote = await addQuote(page, 80_000);
    const headers = { origin: new URL(addressOf('a')).origin };
    const post = async <T>(path: string, data: object): Promise<T> => {
      const answer = await page.request.post(addressOf('a', path), { headers, data });
      assert.equal(answer.status(), 200, await answer.text());
      return (await answer.json()) as T;
    };
    const { url } = await post<{ url: string }>(`/api/quotes/${quote}/send`, {});
    const link = `/api/client/${url.split('/c/')[1]}`;
    const offer = await (await page.request.get(addressOf('a', link))).json();
    const { invoiceId } = await post<{ invoiceId: string }>(`${link}/accept`, {
      ...{ name: 'Miss Moneypenny', consent: true, contentSha256: offer.contentSha256 },
      signature: { kind: 'typed', text: 'Miss Moneypenny' },
    });
    const checkout = new URL((await post<{ url: string }>(`${link}/pay`, {})).url);
    await page.goto(checkout.href);
    await page.getByRole('button', { name: 'Pay as a test' }).click();
    await page.waitForURL(/\/c\//);

    await open(page, 'a', `/invoices/${invoiceId}`);
    const payments = page.getByRole('region', { name: 'Payments' });
    await payments.getByRole('button', { name: 'Refund…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Refund payment' });
    assert.equal(await dialog.getByLabel('Amount').inputValue(), '400.00');
    assert.equal(await dialog.getByLabel('Date received').count(), 0);
    assert.equal(await dialog.getByLabel('Method').count(), 0);
    await dialog.getByLabel('Amount').fill('150');
    await dialog.getByLabel('The client does not owe it again: credit it too').check();
    await keepScreen(page, 'payment-refund-provider');
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Refund', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await payments.getByText('−$150.00').waitFor();
    const refunds = await page.request.get(
      addressOf(
        'a',
        `/rest/v1/payments?invoice_id=eq.${invoiceId}&kind=eq.refund&select=amount,status,provider,provider_id`,
      ),
    );
    const [refund, ...more] = (await refunds.json()) as Record<string, string>[];
    assert.deepEqual(
      [refund?.amount, refund?.status, refund?.provider, more.length],
      [15_000, 'succeeded', 'test', 0],
    );
    assert.match(refund?.provider_id ?? '', /^test_refund_/);
    await payments.getByText(/ · Refunded$/).waitFor();
    const invoices = await page.request.get(
      addressOf('a', `/rest/v1/invoices?id=eq.${invoiceId}&select=paid,credited,balance`),
    );
    assert.deepEqual(await invoices.json(), [{ paid: 40_000, credited: 15_000, balance: 40_000 }]);

    // Given back in cash: what is recorded, and nothing is asked of the provider.
    await payments.getByRole('button', { name: 'Refund…' }).click();
    await dialog.getByLabel('The money went back in another way: only record it').check();
    assert.equal(await dialog.getByLabel('Amount').inputValue(), '250.00');
    await dialog.getByLabel('Date received').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('amounts of a document are typed in its own currency', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    const quote = await addQuote(page, 50_000, { currency: 'JPY' });
    const headers = { origin: new URL(addressOf('a')).origin };
    const rowOf = async (of: string): Promise<Record<string, unknown> | undefined> =>
      (
        (await (await page.request.get(addressOf('a', `/rest/v1/${of}`))).json()) as Record<string, unknown>[]
      )[0];
    await open(page, 'a', `/quotes/${quote}`);
    const lines = page.getByRole('region', { name: 'Line items' });
    const price = lines.getByLabel('Price', { exact: true });
    await price.waitFor();
    assert.equal(await price.inputValue(), '50,000');
    await price.fill('45000');
    await price.blur();
    await lines.getByText('¥45,000').first().waitFor();
    // A line of 300 less, and the document 700.
    const kind = async (input: Locator, choice: string) => {
      await input.click();
      await page.getByRole('option', { name: choice, exact: true }).click();
    };
    const discounts = lines.getByLabel('Discount', { exact: true });
    await kind(lines.getByLabel('Discount type'), 'JPY');
    await discounts.first().fill('300');
    await discounts.first().blur();
    await lines.getByText('¥44,700').first().waitFor();
    await kind(lines.getByLabel('Overall discount'), 'Amount');
    await discounts.last().fill('700');
    await discounts.last().blur();
    await lines.getByText('¥44,000').first().waitFor();
    await keepScreen(page, 'quote-yen');
    assert.deepEqual(await rowOf(`quotes?id=eq.${quote}&select=total,discount_value`), {
      total: 44_000,
      discount_value: 700,
    });
    assert.deepEqual(await rowOf(`quote_line_items?quote_id=eq.${quote}&select=unit_price,discount_value`), {
      unit_price: 45_000,
      discount_value: 300,
    });
    // Lists show it in yen, too.
    await open(page, 'a', '/quotes');
    await page.getByText('¥44,000').first().waitFor();

    await page.request.patch(addressOf('a', `/rest/v1/quotes?id=eq.${quote}`), {
      headers,
      data: { status: 'sent' },
    });
    const rpc = async (name: string, data: object) => {
      const answer = await page.request.post(addressOf('a', `/rest/v1/rpc/${name}`), { headers, data });
      assert.equal(answer.status(), 200, await answer.text());
      return (await answer.json()) as { id: string };
    };
    await rpc('accept_quote', { quote_id: quote, accepted_by_name: 'Miss Moneypenny' });
    const { id } = await rpc('invoice_from_quote', { quote_id: quote });
    await page.request.patch(addressOf('a', `/rest/v1/invoices?id=eq.${id}`), {
      headers,
      data: { status: 'sent' },
    });
    await open(page, 'a', `/invoices/${id}`);
    await page.getByRole('button', { name: 'Issue credit…' }).click();
    const credit = page.getByRole('dialog', { name: 'Credit part of this invoice' });
    await credit.getByText('Up to ¥44,000').waitFor();
    await credit.getByLabel('Amount').fill('1000');
    await credit.getByLabel('Reason').fill('Came late');
    await credit.getByRole('button', { name: 'Save' }).click();
    await credit.waitFor({ state: 'hidden' });
    assert.deepEqual(await rowOf(`invoices?id=eq.${id}&select=credited`), { credited: 1_000 });
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('on a phone, and in German, the plan and its dialog fit', async () => {
    const { page, context } = await visit(browser, { person: 'owner', viewport: SIZES.phone });
    const quote = await addQuote(page, 99_900);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', `/quotes/${quote}`);
    await page
      .getByRole('region', { name: 'Zahlungsplan' })
      .getByRole('button', { name: 'Bearbeiten' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Teil hinzufügen' }).click();
    await keepScreen(page, 'plan-edit-phone');
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(isWide, false);
    await context.close();
  });

  test('sales tax is shown as invoiced and as paid; rounding and the plan’s defaults are settings', async () => {
    const { page, context, problems } = await visit(browser, { person: 'owner' });
    await open(page, 'a', '/reports?tab=salesTax&period=2026-01-01..2026-10-31');
    await page.getByRole('region', { name: 'Sales tax by place and rate' }).first().waitFor();
    await keepScreen(page, 'reports-salesTax');
    await assertAccessible(page);
    await page.getByText('Paid (cash)').click();
    await page.getByText('Payments and refunds count on the day').waitFor();
    await open(page, 'a', '/settings?tab=money');
    await page.getByRole('combobox', { name: 'Round cents' }).waitFor();
    await keepScreen(page, 'settings-money');
    assert.deepEqual(problems, []);
    await context.close();
  });
});
