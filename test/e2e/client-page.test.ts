import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import sharp from 'sharp';
import { until } from '../support/until';
import {
  addRow,
  addressOf,
  assertAccessible,
  dayIn,
  keepScreen,
  launchBrowser,
  open,
  SIZES,
  visit,
} from './browser';

describe('the client’s page', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  const headers = { origin: new URL(addressOf('a')).origin };

  const picture = (background: string) =>
    sharp({ create: { width: 800, height: 600, channels: 3, background } })
      .jpeg()
      .toBuffer();

  /** A draft quote with a package and two extras. */
  const addQuote = async (context: BrowserContext, title: string) => {
    const account_id = await addRow(context, 'accounts', { name: `${title} family` });
    const contact_id = await addRow(context, 'contacts', {
      first_name: 'Clara',
      last_name: 'Page',
      email: 'clara@page.example',
    });
    const opportunity_id = await addRow(context, 'opportunities', { name: title, account_id, contact_id });
    const location_id = await addRow(context, 'locations', {
      name: 'The Old Mill',
      address: '1 Mill Lane',
      city: 'Columbus',
      state: 'OH',
      postal_code: '43215',
    });
    const date = {
      opportunity_id,
      event_date: dayIn(300),
      start_time: '18:00',
      end_time: '23:00',
      location_id,
    };
    await addRow(context, 'event_dates', date);
    const package_id = await addRow(context, 'packages', {
      name: `Classic ${title}`,
      base_price: 114_500,
      description: 'Our most popular open-air booth.',
      includes: ['Attendant', 'Unlimited prints', 'Online gallery'],
    });
    const quote_id = await addRow(context, 'quotes', {
      opportunity_id,
      account_id,
      contact_id,
      deposit_type: 'percent',
      deposit_value: 50,
      terms: 'A deposit of half reserves the date.',
    });
    const line = { quote_id, quantity: 1, tax_rate: 0, taxable: false };
    await addRow(context, 'quote_line_items', {
      ...{ ...line, item_type: 'package', package_id, name: 'Classic booth, 5 hours', unit_price: 114_500 },
      ...{ discount_type: 'percent', discount_value: 10, sort_order: 1 },
    });
    const extra = { ...line, item_type: 'custom', optional: true };
    await addRow(context, 'quote_line_items', {
      ...extra,
      name: 'Guest book',
      unit_price: 20_000,
      sort_order: 2,
    });
    await addRow(context, 'quote_line_items', {
      ...extra,
      name: 'Extra hour',
      unit_price: 15_000,
      sort_order: 3,
    });
    return { package_id, quote_id };
  };

  test('photos, extras with their total, a question that survives a reload, acceptance, a design approved', async () => {
    const { page, context, problems } = await visit(browser);
    const title = `Page party ${Date.now()}`;
    const { quote_id, package_id } = await addQuote(context, title);

    // Photos are added to the package where it is edited.
    await open(page, 'a', '/inventory?tab=packages');
    await page
      .getByRole('textbox', { name: /search/i })
      .first()
      .fill(title);
    await page.getByText(`Classic ${title}`).first().click();
    const drawer = page.getByRole('dialog', { name: /Package/ });
    await drawer.getByText('Photos on the client’s page').waitFor();
    assert.match(await drawer.getByLabel('What’s included').inputValue(), /Unlimited prints/);
    await drawer.locator('input[type=file]').setInputFiles([
      { name: 'booth.jpg', mimeType: 'image/jpeg', buffer: await picture('#7c3aed') },
      { name: 'prints.jpg', mimeType: 'image/jpeg', buffer: await picture('#0ea5e9') },
    ]);
    await drawer.getByRole('link', { name: 'prints.jpg' }).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'package-photos-desk');
    assert.ok(package_id);

    const sent = await context.request.post(addressOf('a', `/api/quotes/${quote_id}/send`), {
      headers,
      data: {},
    });
    const link = new URL((await sent.json()).url).pathname.replace(/^\/t\/a/, '');
    await open(page, 'a', `/quotes/${quote_id}`);
    await page.getByText('Optional extra').first().waitFor();
    await keepScreen(page, 'quote-extras-desk');

    const client = await visit(browser, { person: '', viewport: SIZES.phone });
    await client.page.goto(addressOf('a', link), { waitUntil: 'networkidle' });
    const offered = client.page.getByRole('region', { name: 'What’s included' });
    await offered.getByText('$1,030.50').first().waitFor();
    await client.page.getByText(/6:00\sPM – 11:00\sPM E[SD]T/).waitFor();
    await client.page.getByText('Columbus, OH 43215').waitFor();
    await offered.getByText('Unlimited prints').waitFor();
    assert.equal(await offered.locator('img').count(), 2);
    const shown = () =>
      offered
        .locator('img')
        .evaluateAll((all) => all.every((one) => (one as HTMLImageElement).naturalWidth > 0));
    await offered.locator('img').last().scrollIntoViewIfNeeded();
    await until(shown, 'photos to be loaded');
    await client.page.getByLabel('Your question or message').fill('Is there parking?');
    // Ticks beside a running request show at once, and the last one counts.
    const { promise: isTicked, resolve: ticked } = Promise.withResolvers<void>();
    let saved = 0;
    await client.page.route('**/extras', async (route) => {
      await isTicked;
      await route.fulfill({ response: await route.fetch() });
      saved += 1;
    });
    await client.page.getByLabel(/Guest book/).check();
    await client.page.getByLabel(/Guest book/).uncheck();
    await client.page.getByLabel(/Guest book/).check();
    ticked();
    await until(() => saved === 3, 'the third change to be saved');
    await offered.getByText('$1,230.50').first().waitFor();
    await offered.getByText('$615.25 deposit to reserve the date').waitFor();
    await client.page.reload({ waitUntil: 'networkidle' });
    assert.ok(await client.page.getByLabel(/Guest book/).isChecked());
    assert.equal(await client.page.getByLabel('Your question or message').inputValue(), 'Is there parking?');
    await assertAccessible(client.page);
    await keepScreen(client.page, 'client-offer-phone');
    await client.page.setViewportSize(SIZES.desk);
    await keepScreen(client.page, 'client-offer-desk');
    await client.page.setViewportSize(SIZES.phone);
    await client.page.getByRole('button', { name: 'Send', exact: true }).click();
    await client.page.getByText('Your message was sent.').waitFor();

    await client.page.getByLabel('Your full name').fill('Clara Page');
    await client.page.getByRole('checkbox', { name: /I have read the quote/ }).check();
    await client.page.getByRole('button', { name: 'Accept and sign' }).click();
    await client.page.getByText('Thank you, Clara Page!').waitFor();

    // A proof is uploaded at the event, and the client answers it.
    const events = await context.request.get(
      addressOf('a', `/rest/v1/events?select=id&title=eq.${encodeURIComponent(title)}`),
    );
    const [event] = await events.json();
    const designs = await context.request.get(
      addressOf('a', `/rest/v1/event_design_items?select=id,name&event_id=eq.${event.id}&limit=1`),
    );
    const [design] = await designs.json();
    const form = {
      entity_type: 'event_design_item',
      entity_id: design.id,
      visibility: 'client',
      file: { name: 'strip.jpg', mimeType: 'image/jpeg', buffer: await picture('#f59e0b') },
    };
    assert.equal(
      (await context.request.post(addressOf('a', '/api/attachments'), { headers, multipart: form })).status(),
      201,
    );
    await client.page.reload({ waitUntil: 'networkidle' });
    const answer = client.page.getByRole('article', { name: design.name });
    await answer.getByLabel('What should change? (optional)').fill('Larger names, please.');
    await client.page.reload({ waitUntil: 'networkidle' });
    assert.equal(
      await answer.getByLabel('What should change? (optional)').inputValue(),
      'Larger names, please.',
    );
    await answer.getByRole('button', { name: 'Request changes' }).click();
    await answer.getByText(/Clara Page: Larger names, please\./).waitFor();
    await assertAccessible(client.page);
    await keepScreen(client.page, 'client-design-phone');
    await answer.getByRole('button', { name: 'Approve design' }).click();
    await answer.getByText('Approved by Clara Page').waitFor();
    assert.deepEqual(client.problems, []);
    await client.context.close();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a client declines with a reason that survives a reload', async () => {
    const { context } = await visit(browser);
    const { quote_id } = await addQuote(context, `Declined party ${Date.now()}`);
    const sent = await context.request.post(addressOf('a', `/api/quotes/${quote_id}/send`), {
      headers,
      data: {},
    });
    const link = new URL((await sent.json()).url).pathname.replace(/^\/t\/a/, '');
    const client = await visit(browser, { person: '', viewport: SIZES.phone });
    await client.page.goto(addressOf('a', link), { waitUntil: 'networkidle' });
    await client.page.getByRole('button', { name: 'Decline this quote' }).click();
    await client.page.getByLabel('Reason (optional)').fill('We found another one.');
    await client.page.reload({ waitUntil: 'networkidle' });
    assert.equal(await client.page.getByLabel('Reason (optional)').inputValue(), 'We found another one.');
    await assertAccessible(client.page);
    await client.page.getByRole('button', { name: 'Decline quote' }).click();
    await client.page.getByText('This quote was declined.').waitFor();
    const quotes = await context.request.get(
      addressOf('a', `/rest/v1/quotes?select=status,decline_reason&id=eq.${quote_id}`),
    );
    assert.deepEqual(await quotes.json(), [{ status: 'declined', decline_reason: 'We found another one.' }]);
    assert.deepEqual(client.problems, []);
    await client.context.close();
    await context.close();
  });
});
