// An event's contract and messages: made from templates, sent, signed at the client's own page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import {
  addRow,
  addressOf,
  assertAccessible,
  keepScreen,
  launchBrowser,
  open,
  SIZES,
  visit,
} from './browser';

describe('contracts and messages of an event', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  /** An event with a client who has an address, and no date yet. */
  const addEvent = async (context: BrowserContext, title: string) => {
    const account_id = await addRow(context, 'accounts', { name: `Client of ${title}` });
    const primary_contact_id = await addRow(context, 'contacts', {
      first_name: 'Paula',
      last_name: 'Papers',
      email: `paula-${crypto.randomUUID()}@client.example`,
    });
    return addRow(context, 'events', { title, account_id, primary_contact_id });
  };

  test('a contract is made from a template, sent by mail, signed on a phone, and shown as signed', async () => {
    const { page, context, problems } = await visit(browser);
    const title = `Contract party ${Date.now()}`;
    const eventId = await addEvent(context, title);
    const template = `House rules ${Date.now()}`;
    await addRow(context, 'templates', {
      type: 'contract',
      name: template,
      content: '<p>{{account.name}} books {{event.title}} on {{event.date}}.</p>',
    });
    await open(page, 'a', `/events/${eventId}?tab=contract`);
    await page.getByRole('button', { name: 'New contract' }).click();
    const making = page.getByRole('dialog', { name: 'New contract' });
    await making.getByRole('combobox', { name: 'Template' }).click();
    await page.getByRole('option', { name: template }).click();
    // What is missing is said before, and keeps it from being made.
    await making.getByText('Date (on the date of the event or opportunity)').waitFor();
    assert.ok(await making.getByRole('button', { name: 'Create draft' }).isDisabled());
    await assertAccessible(page);
    await making.getByRole('button', { name: 'Cancel' }).click();
    await addRow(context, 'event_dates', {
      event_id: eventId,
      event_date: '2037-08-14',
      start_time: '17:00',
      end_time: '22:00',
    });
    await page.getByRole('button', { name: 'New contract' }).click();
    await making.getByRole('combobox', { name: 'Template' }).click();
    await page.getByRole('option', { name: template }).click();
    const shown = making.frameLocator('iframe');
    await shown.getByText(`books ${title} on August 14, 2037.`).waitFor();
    await keepScreen(page, 'contract-new-desk');
    // Twice, as people do while the answer is on its way: it is made once, and sent once.
    await page.route(/\/api\/contracts(\/[^/]+\/send)?$/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await making.getByRole('button', { name: 'Create draft' }).dblclick();
    const contract = page.getByRole('region', { name: new RegExp(template) });
    await contract.getByText('Draft').waitFor();

    await contract.getByRole('button', { name: /^Send for signature/ }).click();
    const sending = page.getByRole('dialog', { name: /for signature/ });
    await sending.getByLabel('Message').fill('See you soon');
    await assertAccessible(page);
    await sending.getByRole('button', { name: 'Send for signature' }).dblclick();
    const link = await sending.getByLabel('Client link', { exact: true }).inputValue();
    await sending.getByRole('button', { name: 'Close' }).last().click();
    await contract.getByText('Sent', { exact: true }).waitFor();
    for (const made of ['contracts?select=id', 'communications?select=id&type=eq.email']) {
      const rows = await context.request.get(addressOf('a', `/rest/v1/${made}&event_id=eq.${eventId}`));
      assert.equal((await rows.json()).length, 1, made);
    }
    await assertAccessible(page);
    await keepScreen(page, 'event-contract-desk');

    const client = await visit(browser, { person: '', viewport: SIZES.phone });
    await client.page.goto(addressOf('a', new URL(link).pathname.replace(/^\/t\/a/, '')), {
      waitUntil: 'networkidle',
    });
    await client.page.frameLocator('iframe').getByText(`books ${title}`).waitFor();
    await assertAccessible(client.page);
    await keepScreen(client.page, 'client-contract-phone');
    await client.page.getByLabel('Your full name').fill('Paula Papers');
    await client.page.getByRole('checkbox').check();
    await client.page.getByText('Draw', { exact: true }).click();
    await drawStroke(client.page);
    // Nothing is left of a signature that was wiped off, or left for a typed one.
    const noSignature = client.page.getByText('Add your signature.');
    await client.page.getByRole('button', { name: 'Clear' }).click();
    await client.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await noSignature.waitFor();
    await drawStroke(client.page);
    await noSignature.waitFor({ state: 'detached' });
    await client.page.getByText('Type', { exact: true }).click();
    await client.page.getByText('Draw', { exact: true }).click();
    await noSignature.waitFor();
    // What was drawn on a wide screen is whole on a narrow one.
    await client.page.setViewportSize({ width: 844, height: 390 });
    await drawStroke(client.page);
    await client.page.setViewportSize(SIZES.phone);
    await drawStroke(client.page, 0.6);
    const sent = client.page.waitForRequest((request) => request.method() === 'POST');
    await client.page.getByRole('button', { name: 'Sign', exact: true }).click();
    await assertDrawn((await sent).postDataJSON().signature.png);
    await client.page.getByText('Thank you, Paula Papers!').waitFor();
    await client.page.reload();
    const copy = client.page.getByRole('link', { name: 'Download signed agreement (PDF)' });
    const pdf = await client.context.request.get((await copy.getAttribute('href')) ?? '');
    const theirs = await pdf.body();
    assert.match(theirs.toString('latin1'), /^%PDF/);
    assert.deepEqual(client.problems, []);
    await client.context.close();

    await page.reload();
    await contract.getByText(/signed by Paula Papers/).waitFor();
    const signed = contract.getByRole('link', { name: /^Signed PDF/ });
    const kept = await context.request.get(
      new URL((await signed.getAttribute('href')) ?? '', link).toString(),
    );
    assert.deepEqual(await kept.body(), theirs);
    await page.getByRole('tab', { name: 'Messages' }).click();
    const mail = page.getByRole('region', { name: new RegExp(`${template} .* from `) });
    await mail.getByText('See you soon').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a mail is written from a template, kept while it is written, sent, and shown with how far it came', async () => {
    const { page, context, problems } = await visit(browser, { viewport: SIZES.phone });
    await page.emulateMedia({ colorScheme: 'dark' });
    const eventId = await addEvent(context, `Mail party ${Date.now()}`);
    const template = `Directions ${Date.now()}`;
    await addRow(context, 'templates', {
      type: 'email',
      name: template,
      subject: 'Directions to {{event.title}}',
      content: 'Dear {{contact.first_name}},\nplease tell us where to park. {{event.location}}',
    });
    await addRow(context, 'communications', {
      type: 'email',
      status: 'failed',
      subject: 'Never arrived',
      body: 'Hello',
      to_address: 'wrong@client.example',
      failure_reason: 'The mail server refused the mail (550).',
      event_id: eventId,
    });
    await open(page, 'a', `/events/${eventId}?tab=messages`);
    const failed = page.getByRole('region', { name: 'Never arrived' });
    await failed.getByText('Bounced').waitFor();
    await failed.getByText(/Check the address with the client/).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'event-messages-phone');

    await page.getByRole('button', { name: 'Write email' }).click();
    const form = page.getByRole('dialog', { name: 'Write email' });
    await form.getByLabel('Template').click();
    await page.getByRole('option', { name: template }).click();
    const preview = form.frameLocator('iframe');
    await preview.getByText('Dear Paula,').waitFor();
    await form.getByText('Venue (on the date of the event or opportunity)').waitFor();
    assert.ok(await form.getByRole('button', { name: 'Send' }).isDisabled());
    await form
      .getByRole('textbox', { name: 'Text' })
      .fill('Dear {{contact.first_name}},\nplease park behind the hall.');
    // A reload takes nothing of it.
    await page.waitForFunction(() =>
      Object.values(localStorage).some((kept) => kept.includes('please park')),
    );
    await page.reload();
    await page.getByRole('button', { name: 'Write email' }).click();
    await preview.getByText('please park behind the hall.').waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'event-mail-phone');
    await form.getByRole('button', { name: 'Send' }).click();
    await form.waitFor({ state: 'detached' });
    const sent = page.getByRole('region', { name: /^Directions to Mail party/ });
    await sent.getByText(/please park behind the hall/).waitFor();
    await sent.getByText('Sent', { exact: true }).waitFor();

    // Also a mail whose job is gone is sent again.
    await failed.getByRole('button', { name: 'Send again' }).click();
    await failed.getByText('Sent', { exact: true }).waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });
});

/** Draws a curve over a fifth of the signature pad. @param from its left end, as a share of the pad's width */
async function drawStroke(page: Page, from = 0.1): Promise<void> {
  const pad = page.getByRole('img', { name: /Sign here/ });
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  assert.ok(box);
  const at = (share: number) =>
    [box.x + box.width * (from + share / 5), box.y + box.height * (0.5 + Math.sin(share * 9) / 5)] as const;
  await page.mouse.move(...at(0));
  await page.mouse.down();
  for (let step = 1; step <= 20; step++) await page.mouse.move(...at(step / 20));
  await page.mouse.up();
}

/** Fails unless a PNG (data URL) shows ink, from the left stroke to the right one, on a transparent ground. */
async function assertDrawn(png: string): Promise<void> {
  const picture = sharp(Buffer.from(png.replace('data:image/png;base64,', ''), 'base64'));
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const inked = Array.from({ length: info.width * info.height }, (_, index) => index).filter(
    (index) => (data[index * 4 + 3] ?? 0) > 128,
  );
  const columns = inked.map((index) => (index % info.width) / info.width);
  const share = inked.length / (info.width * info.height);
  assert.ok(share > 0.001 && share < 0.2, `${share} of it is ink`);
  const [left, right] = [Math.min(...columns), Math.max(...columns)];
  assert.ok(left < 0.15 && right > 0.75, `the ink reaches from ${left} to ${right}`);
}
