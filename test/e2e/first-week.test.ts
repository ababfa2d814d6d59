// A brand-new company in its first week, with nothing read: only what the screens offer, to a paid deposit and a briefed crew.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../support/until';
import { addressOf, assertAccessible, dayIn, keepScreen, launchBrowser, SIZES } from './browser';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** From the first screen to the first quote sent. */
const MOST_CLICKS = 90;
const run = promisify(execFile);

/** A window whose clicks are counted. A field that is typed into counts as one: people click into it. */
class Person {
  clicks = 0;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly problems: string[],
  ) {}

  static async open(browser: Browser, viewport: { width: number; height: number }): Promise<Person> {
    const context = await browser.newContext({
      viewport,
      locale: 'en-US',
      timezoneId: 'America/New_York',
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    const person = new Person(context, page, []);
    page.on('pageerror', (error) => person.problems.push(String(error)));
    return person;
  }

  async click(target: Locator): Promise<void> {
    await target.click();
    this.clicks += 1;
  }

  async type(target: Locator, text: string): Promise<void> {
    await this.click(target);
    await target.fill(text);
  }

  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: typeof name === 'string' });
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name });
  }
}

/** As the operator does. @returns the owner's first password */
async function createCompany(subdomain: string): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    [
      'bin/marquee.mjs',
      ...['tenant', 'create', subdomain, '--name', 'Snapshot Booths'],
      ...['--owner', `dana@${subdomain}.example`, '--json'],
    ],
    { cwd: ROOT, env: { ...process.env, MARQUEE_STATE_DIRECTORY: process.env.MARQUEE_E2E_STATE } },
  );
  return JSON.parse(stdout).owner.password;
}

/** The newest mail to an address, as its reader sees it, once it has arrived. @param about a part of it */
function mailTo(address: string, about: RegExp): Promise<string> {
  const outbox = path.join(process.env.MARQUEE_E2E_STATE ?? '', 'outbox');
  return until(async () => {
    const names = (await readdir(outbox).catch(() => [])).sort().reverse();
    for (const name of names) {
      const mail = await readFile(path.join(outbox, name), 'utf8');
      if (mail.includes(`To: ${address}`) && about.test(decoded(mail))) return decoded(mail);
    }
    return undefined;
  }, `a mail to ${address} about ${about}`);
}

/** Without the line breaks and codes of quoted-printable. */
function decoded(mail: string): string {
  return mail
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** A logo: one blue pixel. */
const LOGO = {
  name: 'logo.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==',
    'base64',
  ),
};

async function setUp(owner: Person, company: string, size: string): Promise<void> {
  const { page } = owner;
  const save = async (dialog: Locator, name: string | RegExp = 'Save') => {
    await owner.click(owner.button(name, dialog));
    await dialog.waitFor({ state: 'hidden' });
  };
  const list = page.getByRole('region', { name: 'Set up your company' });
  await list.getByText('0 of 7 done').waitFor();
  await assertAccessible(page);
  await keepScreen(page, `first-week-checklist-${size}`);

  await owner.click(owner.button('Enter details'));
  const details = owner.dialog('Company details and logo');
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    owner.click(owner.button('Choose logo', details)),
  ]);
  await chooser.setFiles(LOGO);
  await details.getByRole('img', { name: 'Logo' }).waitFor();
  await owner.type(details.getByLabel('Email'), `hello@${company}.example`);
  await owner.type(details.getByLabel('Phone'), '614 555 0142');
  await owner.type(details.getByLabel('Address'), '12 High Street\nColumbus, OH 43215');
  await save(details);

  await owner.click(owner.button('Add booth'));
  const booth = owner.dialog('Your first booth and its packages');
  await owner.click(booth.getByText('Mirror booth', { exact: true }));
  const offered = booth.getByRole('region', { name: 'Mirror booth, 3 hours' });
  await owner.type(offered.getByLabel('Price'), '799');
  await assertAccessible(page);
  await keepScreen(page, `first-week-booth-${size}`);
  await save(booth);

  await owner.click(owner.button('Set tax'));
  const tax = owner.dialog('Currency and tax');
  await owner.type(tax.getByLabel('Tax rate'), '7.5');
  await save(tax);

  await owner.click(owner.button('Choose texts'));
  const texts = owner.dialog('Contract and email texts');
  await texts.getByText('not legal advice').waitFor();
  await owner.click(owner.button('Read: Booth rental agreement', texts));
  await assertAccessible(page);
  await save(texts, 'Use these texts');

  await owner.click(owner.button('Enter payment info'));
  const payment = owner.dialog('How clients pay you');
  await owner.type(
    payment.getByLabel('Payment instructions'),
    'Bank transfer: First Bank of Ohio, account 123456',
  );
  await save(payment);

  await owner.click(owner.button('Invite someone'));
  const invitation = page.getByRole('dialog');
  await owner.type(invitation.getByLabel('Name'), 'Casey Crew');
  await owner.type(invitation.getByLabel('Email'), `casey@${company}.example`);
  await owner.click(owner.button('Add', invitation));
  await invitation.getByText(`casey@${company}.example`).waitFor();
  await owner.click(owner.button('Close', invitation).last());
  await list.getByText('6 of 7 done').waitFor();
  await keepScreen(page, `first-week-last-step-${size}`);
}

/** From the inquiry to the sent quote. @returns the client's link */
async function sendFirstQuote(owner: Person, company: string): Promise<string> {
  const { page } = owner;
  await owner.click(owner.button('Add an inquiry'));
  const inquiry = page.getByRole('dialog');
  await owner.type(inquiry.getByLabel('First name'), 'Jordan');
  await owner.type(inquiry.getByLabel('Last name'), 'Rivera');
  await owner.type(inquiry.getByLabel('Date', { exact: true }), dayIn(30));
  await owner.type(inquiry.getByLabel('Email'), `jordan@${company}.client.example`);
  await owner.click(owner.button('Save', inquiry));
  await page.getByRole('heading', { level: 1, name: 'Jordan Rivera' }).waitFor();

  await owner.click(owner.button('Convert'));
  await owner.click(owner.button('Convert', page.getByRole('dialog')));
  await page.waitForURL(/\/opportunities\//);
  await owner.click(page.getByPlaceholder('Add a package, add-on or product'));
  await owner.click(page.getByRole('option', { name: /Mirror booth, 3 hours/ }));
  await page.getByText('$799.00').first().waitFor();
  await owner.click(owner.button('Create quote'));
  await page.waitForURL(/\/quotes\//);
  await page.getByText('$858.93').first().waitFor();
  await owner.click(owner.button(/^Send/).first());
  const sending = page.getByRole('dialog');
  await owner.click(owner.button(/^(Lock|Send)/, sending));
  return sending.getByLabel(/link/i).first().inputValue();
}

async function acceptAsClient(browser: Browser, link: string, size: string): Promise<void> {
  const client = await Person.open(browser, SIZES.phone);
  const { page } = client;
  await page.goto(link, { waitUntil: 'networkidle' });
  await page.getByText('Snapshot Booths').first().waitFor();
  await page
    .getByText(/429\.4/)
    .first()
    .waitFor();
  await keepScreen(page, `first-week-client-${size}`);
  await client.type(page.getByLabel('Your full name'), 'Jordan Rivera');
  await client.click(page.getByRole('checkbox').last());
  await client.click(client.button('Accept and sign'));
  await page.getByText('Thank you, Jordan Rivera!').waitFor();
  await page.getByText('First Bank of Ohio').waitFor();
  await assertAccessible(page);
  await keepScreen(page, `first-week-accepted-${size}`);
  assert.deepEqual(client.problems, []);
  await client.context.close();
}

async function openEvent(owner: Person, company: string): Promise<void> {
  await owner.page.goto(addressOf(company, '/events'), { waitUntil: 'networkidle' });
  await owner.click(owner.page.getByRole('link', { name: /Jordan Rivera/ }).first());
  await owner.page.getByRole('heading', { level: 1, name: /Jordan Rivera/ }).waitFor();
}

/** Records what the client paid by bank transfer. @param amount as it is typed, in dollars */
async function recordPayment(owner: Person, company: string, amount: string): Promise<void> {
  const { page } = owner;
  await page.goto(addressOf(company, '/invoices'), { waitUntil: 'networkidle' });
  await owner.click(page.getByRole('link', { name: /^INV-/ }).first());
  await owner.click(owner.button('Record payment'));
  const payment = owner.dialog('Record payment');
  await owner.type(payment.getByLabel('Amount'), amount);
  await owner.click(owner.button('Save', payment));
  await payment.waitFor({ state: 'hidden' });
  await page.getByText('Payment recorded.').waitFor();
}

/** Accepts the invitation out of the mail, on a phone. */
async function joinAsCrew(browser: Browser, company: string): Promise<Person> {
  const mail = await mailTo(`casey@${company}.example`, /accept-invitation/);
  const link = /https?:\/\/[^\s"<>]*accept-invitation#[^\s"<>]+/.exec(mail)?.[0] ?? '';
  const crew = await Person.open(browser, SIZES.phone);
  await crew.page.goto(link, { waitUntil: 'networkidle' });
  await crew.type(crew.page.getByLabel('New password', { exact: true }), 'casey-on-the-road');
  await crew.type(crew.page.getByLabel('Confirm new password'), 'casey-on-the-road');
  await crew.page.keyboard.press('Enter');
  await crew.page.getByRole('heading', { level: 1, name: /Casey/ }).waitFor();
  return crew;
}

for (const [size, viewport] of Object.entries(SIZES)) {
  describe(`the first week of a company, ${size}`, () => {
    let browser: Browser;
    before(async () => {
      browser = await launchBrowser();
    });
    after(() => browser.close());

    test('from nothing to a paid deposit, a briefed crew and a paid event', async (context) => {
      const company = `week-${size}`;
      const given = await createCompany(company);
      const owner = await Person.open(browser, viewport);
      const { page } = owner;

      // Day 1: signs in, sets up, sends the first quote.
      await page.goto(addressOf(company), { waitUntil: 'networkidle' });
      await owner.type(page.getByLabel('Email'), `dana@${company}.example`);
      await owner.type(page.getByLabel('Password', { exact: true }), given);
      await owner.click(owner.button('Sign in'));
      await owner.type(page.getByLabel('Temporary password'), given);
      await owner.type(page.getByLabel('New password', { exact: true }), 'dana-in-columbus');
      await owner.type(page.getByLabel('Confirm new password'), 'dana-in-columbus');
      await owner.click(owner.button('Save password'));
      await setUp(owner, company, size);
      const link = await sendFirstQuote(owner, company);
      const { clicks } = owner;
      context.diagnostic(`${size}: ${clicks} clicks from empty to the first quote sent`);
      assert.ok(clicks <= MOST_CLICKS, `${clicks} clicks to the first quote`);

      // The checklist is done and gone.
      await page.goto(addressOf(company), { waitUntil: 'networkidle' });
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await page.getByText('Set up your company').count(), 0);

      // Day 2: the client accepts and pays the deposit by bank transfer.
      await acceptAsClient(browser, link, size);
      await recordPayment(owner, company, '429.47');
      await page.getByText('$429.46').first().waitFor();
      await keepScreen(page, `first-week-deposit-${size}`);

      // Day 3: the crew is assigned, and reads the brief on a phone, without a connection too.
      const crew = await joinAsCrew(browser, company);
      await openEvent(owner, company);
      await assignCrew(owner);
      await openBrief(crew, company);
      await keepScreen(crew.page, `first-week-brief-${size}`);
      await assertAccessible(crew.page);
      await crew.context.setOffline(true);
      await crew.page.reload();
      await crew.page.getByRole('heading', { level: 1, name: /Jordan Rivera/ }).waitFor();
      await crew.page.getByText('No connection').waitFor();
      await crew.context.setOffline(false);
      await owner.click(owner.button(/Next step/));
      await owner.click(page.getByRole('menuitem', { name: 'Mark crew briefed' }));

      // Day 7: the event is over, and the balance paid.
      await owner.click(owner.button(/Next step/));
      await owner.click(page.getByRole('menuitem', { name: 'Mark finished' }));
      await page.getByText('Completed').first().waitFor();
      await recordPayment(owner, company, '429.46');
      await page.getByText('Paid', { exact: true }).first().waitFor();
      await keepScreen(page, `first-week-paid-${size}`);
      assert.deepEqual([...owner.problems, ...crew.problems], []);
      await Promise.all([owner.context.close(), crew.context.close()]);
    });
  });
}

async function assignCrew(owner: Person): Promise<void> {
  const { page } = owner;
  await owner.click(page.getByRole('tab', { name: 'Crew' }));
  await owner.click(owner.button('Add', page.getByRole('region', { name: 'Crew' })));
  const form = page.getByRole('dialog');
  await keepScreen(page, 'first-week-crew-form');
  for (const [field, option] of [
    ['Date', /./],
    ['Person', 'Casey Crew'],
    ['Role', 'Booth attendant'],
  ] as const) {
    await owner.click(form.getByLabel(field, { exact: false }).first());
    await owner.click(page.getByRole('option', { name: option }).first());
  }
  await owner.click(owner.button('Save', form));
  await page.getByRole('region', { name: 'Crew' }).getByText('Casey Crew').waitFor();
}

async function openBrief(crew: Person, company: string): Promise<void> {
  const { page } = crew;
  await page.goto(addressOf(company, '/crew?tab=mine'), { waitUntil: 'networkidle' });
  await crew.click(crew.button('Accept'));
  await crew.click(page.getByRole('link', { name: 'Open brief' }).first());
  await page.getByRole('heading', { level: 1, name: /Jordan Rivera/ }).waitFor();
}
