// From a visitor of the company's web site to a lead, a notification and a mail: in a real browser, at a desk and on a phone.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

const browser = await launchBrowser();
after(() => browser.close());
const origin = new URL(addressOf('a')).origin;
const BOOK = `${origin}/book/a`;
const LIMIT = 60 * 1024;
const DAY = `${new Date().getUTCFullYear() + 1}-06-13`;

/** A web site of the company's, on a port of this machine. */
async function startSite(host: string, page: string): Promise<string> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return `http://${host}:${(server.address() as { port: number }).port}`;
}

const site = await startSite(
  'localhost',
  `<!doctype html><html lang="de"><title>Our site</title><h1>Book us</h1><script src="${BOOK}/embed.js" async></script></html>`,
);
const owner = await visit(browser);
after(() => assert.deepEqual(owner.problems, []));

test('an owner switches the form off and on, and gets its link and the code that embeds it', async () => {
  const { page } = owner;
  // A demo company's form is on.
  assert.equal((await page.request.get(BOOK)).status(), 200);
  await open(page, 'a', '/settings?tab=inquiries');
  await page.getByLabel('Form is switched on').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: BOOK }).waitFor({ state: 'hidden' });
  assert.equal((await page.request.get(BOOK)).status(), 404);
  await page.getByLabel('Form is switched on').check();
  await page.getByLabel('Show whether the day is free').check();
  await page.getByRole('combobox', { name: 'Your websites' }).fill(`${site}/contact`);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: BOOK }).waitFor();
  await page.getByText(`<script src="${BOOK}/embed.js" async></script>`).waitFor();
  await assertAccessible(page);
  await keepScreen(page, 'inquiry-settings');
  await page.setViewportSize(SIZES.phone);
  await keepScreen(page, 'inquiry-settings-phone');
  await page.setViewportSize(SIZES.desk);
});

test('a visitor sends an inquiry by keyboard alone, and learns whether the day is free', async () => {
  const context = await browser.newContext({
    viewport: SIZES.desk,
    locale: 'en-US',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  let bytes = 0;
  page.on('response', async (answer) => {
    const { responseHeadersSize, responseBodySize } = await answer.request().sizes();
    bytes += responseHeadersSize + responseBodySize;
  });
  await page.goto(BOOK);
  await assertAccessible(page);
  await keepScreen(page, 'inquiry-form');
  await page.keyboard.press('Tab');
  await page.getByLabel('First name').focus();
  for (const text of ['Vera', 'Visitor', 'vera@visitor.example', '+1 555 010 0199']) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('W');
  await page.getByLabel('Date').fill(DAY);
  await page.getByText(/This day is (free|probably free|taken)/).waitFor();
  await page.getByLabel('Place').focus();
  for (const text of ['Old Mill', '120', 'Do you have an open-air booth?']) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Space');
  assert.equal(await page.getByRole('checkbox').isChecked(), true);
  await page.keyboard.press('Tab');
  await page.waitForTimeout(2_600);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Thank you' }).waitFor();
  await assertAccessible(page);
  assert.ok(bytes < LIMIT, `${bytes} bytes were transferred`);
  assert.deepEqual(problems, []);
  await keepScreen(page, 'inquiry-thanks');
  await context.close();
});

test('without scripts, on a phone, in German: what is missing is said, and nothing is lost', async () => {
  const context = await browser.newContext({
    viewport: SIZES.phone,
    locale: 'de-DE',
    javaScriptEnabled: false,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(BOOK);
  await keepScreen(page, 'inquiry-form-german-phone');
  const width = await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
  assert.equal(width, 0, 'nothing is wider than the phone');
  await page.getByLabel('Vorname').fill('Karl');
  await page.getByLabel('E-Mail').fill('karl');
  await page.waitForTimeout(2_600);
  await page.getByRole('button', { name: 'Anfrage senden' }).click();
  await page.getByRole('alert').waitFor();
  assert.match(await page.title(), /^Fehler: /);
  assert.equal(await page.getByLabel('Vorname').inputValue(), 'Karl');
  await keepScreen(page, 'inquiry-problems-german-phone');
  await page.getByRole('link', { name: /^E-Mail: / }).click();
  await page.getByLabel('E-Mail').fill('karl@visitor.example');
  await page.getByLabel('Datum').fill(DAY);
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Anfrage senden' }).click();
  await page.getByRole('heading', { name: 'Vielen Dank' }).waitFor();
  await context.close();
});

test('the company’s site shows the form as high as it is; another site may not', async () => {
  const context = await browser.newContext({ viewport: SIZES.desk, locale: 'en-US' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(site);
  const form = page.frameLocator('iframe');
  await form.getByRole('button', { name: 'Anfrage senden' }).waitFor();
  await page.waitForFunction(() => (document.querySelector('iframe')?.offsetHeight ?? 0) > 700);
  await assertAccessible(page);
  await keepScreen(page, 'inquiry-embedded');
  const other = await startSite(
    '127.0.0.1',
    `<!doctype html><title>Other</title><iframe src="${BOOK}?embed=1"></iframe>`,
  );
  await page.goto(other);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.frameLocator('iframe').getByRole('button').count(), 0);
  await context.close();
});

test('the owner hears of it at once: bell, Today, and a lead with everything', async () => {
  const { page } = owner;
  await open(page, 'a', '/');
  await page.getByRole('heading', { name: /new notifications?$/ }).waitFor();
  await keepScreen(page, 'notices-today');
  await page.getByRole('button', { name: /^Notifications, / }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('New inquiry from Vera Visitor').waitFor();
  await assertAccessible(page);
  await keepScreen(page, 'notices-bell');
  await dialog.getByRole('link', { name: /New inquiry from Vera Visitor/ }).click();
  await page.getByRole('heading', { name: 'Vera Visitor' }).waitFor();
  for (const text of ['Old Mill', '120', 'Website']) await page.getByText(text).first().waitFor();
  await keepScreen(page, 'inquiry-lead');
  await page.getByRole('tab', { name: /Messages/ }).click();
  await page.getByText('Website inquiry').first().waitFor();
  await page.getByRole('button', { name: 'Write email' }).click();
  const writing = page.getByRole('dialog', { name: 'Write email' });
  await writing.getByLabel('Subject').fill('Your inquiry for {{event.date}}');
  await writing
    .getByRole('textbox', { name: /Text|Body|Message/ })
    .fill('Hello {{contact.first_name}}, {{quote.total}}');
  await writing.getByText('Quote total (on the quote)').waitFor();
  assert.equal(await writing.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await assertAccessible(page);
  await keepScreen(page, 'mail-dialog');
  await writing
    .getByRole('textbox', { name: /Text|Body|Message/ })
    .fill('Hello {{contact.first_name}},\nthank you for your inquiry.');
  await page.setViewportSize(SIZES.phone);
  await keepScreen(page, 'mail-dialog-phone');
  await page.setViewportSize(SIZES.desk);
  const send = writing.getByRole('button', { name: 'Send' });
  await send.and(page.locator(':enabled')).click();
  await page.getByText('Sent', { exact: true }).first().waitFor();
  await keepScreen(page, 'mail-sent');
});

test('an invoice goes by mail with its PDF and a link, and the client sees it', async () => {
  const { page, context } = owner;
  const answer = await context.request.get(
    addressOf('a', '/rest/v1/invoices?status=in.(sent,partially_paid)&balance=gt.0&select=id&limit=1'),
  );
  const [{ id }] = await answer.json();
  await open(page, 'a', `/invoices/${id}`);
  await page.getByRole('button', { name: /^(Email invoice|Send reminder)$/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Write email' });
  await dialog
    .getByText(/^INV-.*\.pdf$/)
    .first()
    .waitFor();
  await assertAccessible(page);
  await keepScreen(page, 'mail-invoice');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Copy link' }).first().click();
  const link = await page.getByRole('dialog').getByLabel('Client’s link').inputValue();
  const client = await visit(browser, { person: '', viewport: SIZES.phone });
  await client.page.goto(link, { waitUntil: 'networkidle' });
  await client.page.getByRole('button', { name: /^Pay / }).first().waitFor();
  await assertAccessible(client.page);
  await keepScreen(client.page, 'invoice-client-phone');
  assert.deepEqual(client.problems, []);
  await client.context.close();
});
