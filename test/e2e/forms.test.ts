// Forms ask what a person knows, and pickers create what they do not find: with the mouse, the keyboard, on a phone, in German.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { addressOf, assertAccessible, keepScreen, launchBrowser, open, SIZES, visit } from './browser';

describe('forms and pickers', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a new lead asks seven things; a reason belongs to a lost lead; the source comes from the company’s list', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/leads');
    await page.keyboard.press('n');
    const form = page.getByRole('dialog', { name: 'New: Lead' });
    const first = form.getByLabel('First name');
    // The first field has the focus.
    await first.and(page.locator(':focus')).waitFor();
    assert.equal(await form.locator('input:not([type="hidden"])').count(), 7);
    assert.equal(await form.getByLabel('Lost reason').count(), 0);
    await keepScreen(page, 'form-lead-desk');
    await assertAccessible(page);
    await first.fill('Greta');
    await form.getByLabel('Source').fill('Trade fair 2028');
    await page.getByRole('option', { name: 'Create “Trade fair 2028”' }).click();
    await form.getByRole('button', { name: 'More details' }).click();
    assert.equal(await form.getByLabel('Owner').inputValue(), await nameOf(context));
    await form.getByLabel('Status').click();
    await page.getByRole('option', { name: 'Lost', exact: true }).click();
    await form.getByLabel('Lost reason').fill('Too far away');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { level: 1, name: 'Greta' }).waitFor();
    const [lead] = await rows(context, 'leads?select=source,lost_reason&first_name=eq.Greta');
    assert.deepEqual(lead, { source: 'Trade fair 2028', lost_reason: 'Too far away' });
    await open(page, 'a', '/settings?tab=pipeline');
    await page.getByText('Trade fair 2028').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a new event has its date, and creates the account and the place that it does not find', async () => {
    const { page, context, problems } = await visit(browser);
    await open(page, 'a', '/events');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'New: Event' });
    await form.getByLabel('Title').fill('Harvest ball');
    await form.getByLabel('Date').fill('2031-10-04');
    await form.getByLabel('Start').fill('17:00');
    // A birthday usually lasts three hours; a typed end stays.
    await form.getByLabel('Event type').fill('Birthday');
    await page.getByRole('option', { name: 'Birthday' }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('input')].some(({ value }) => value === '20:00'),
    );
    // By keyboard: type a name that is not there, choose to create it, save, and be back where one was.
    const account = form.getByRole('combobox', { name: 'Account' }).or(form.getByLabel('Account')).first();
    await account.fill('Orchard Society');
    await page.getByRole('option', { name: 'Create “Orchard Society”' }).waitFor();
    assert.equal(await page.getByRole('option').count(), 1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const creation = page.getByRole('dialog', { name: 'New: Account' });
    await creation.getByLabel('Name').waitFor();
    assert.equal(await creation.getByLabel('Name').inputValue(), 'Orchard Society');
    await keepScreen(page, 'form-create-account');
    await assertAccessible(page);
    await page.keyboard.press('Control+Enter');
    await creation.waitFor({ state: 'detached' });
    await page.waitForFunction(
      (value) => [...document.querySelectorAll('input')].some((input) => input.value === value),
      'Orchard Society',
    );
    assert.equal(await account.inputValue(), 'Orchard Society');
    await page.waitForFunction((input) => input === document.activeElement, await account.elementHandle());
    // Escape closes the upper form only.
    const place = form.getByLabel('Venue');
    await place.fill('The Barn');
    await page.getByRole('option', { name: 'Create “The Barn”' }).click();
    await page
      .getByRole('dialog', { name: /^New: / })
      .last()
      .getByLabel('Name')
      .waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelectorAll('[aria-modal="true"]').length === 1);
    assert.equal(await form.getByLabel('Title').inputValue(), 'Harvest ball');
    await place.fill('The Barn');
    await page.getByRole('option', { name: 'Create “The Barn”' }).click();
    await page
      .getByRole('dialog', { name: /^New: / })
      .last()
      .getByRole('button', { name: 'Save' })
      .click();
    await page.waitForFunction(() => document.querySelectorAll('[aria-modal="true"]').length === 1);
    await keepScreen(page, 'form-event-desk');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Harvest ball' }).waitFor();
    const [event] = await rows(
      context,
      'events?select=start_date,accounts!events_account_id_fkey(name),event_dates(start_time,end_time,locations(name))&title=eq.Harvest%20ball',
    );
    assert.deepEqual(event, {
      start_date: '2031-10-04',
      accounts: { name: 'Orchard Society' },
      event_dates: [{ start_time: '17:00:00', end_time: '20:00:00', locations: { name: 'The Barn' } }],
    });
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('an opportunity needs an account or a contact, and a refused value is said at its field', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/pipeline');
    await page.keyboard.press('n');
    const form = page.getByRole('dialog', { name: 'New: Opportunity' });
    await form.getByLabel('Name').fill('Mayor’s gala');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Choose one: Account').waitFor();
    await form.getByRole('button', { name: 'More details' }).click();
    await form.getByLabel('Guests').fill('3000000000');
    await form.getByLabel('Contact').fill('Wanda Newcomer');
    await page.getByRole('option', { name: 'Create “Wanda Newcomer”' }).click();
    const contact = page.getByRole('dialog', { name: 'New: Contact' });
    assert.equal(await contact.getByLabel('First name').inputValue(), 'Wanda');
    assert.equal(await contact.getByLabel('Last name').inputValue(), 'Newcomer');
    await contact.getByRole('button', { name: 'Save' }).click();
    await contact.waitFor({ state: 'detached' });
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('“Guests” is too large').first().waitFor();
    await keepScreen(page, 'form-refused');
    await form.getByLabel('Guests').fill('300');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mayor’s gala' }).waitFor();
    await context.close();
  });

  test('who may not create an event type is not offered it; on a phone and in German the form fits', async () => {
    const sales = await visit(browser, { person: 'sales', viewport: SIZES.phone });
    await sales.context.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(sales.page, 'a', '/leads');
    await sales.page.getByRole('button', { name: 'Neu', exact: true }).click();
    const form = sales.page.getByRole('dialog');
    await form.getByLabel('Vorname').waitFor();
    await keepScreen(sales.page, 'form-lead-phone-german');
    await form.getByLabel('Art der Veranstaltung').fill('Zirkusfest');
    await sales.page.getByText('Nichts gefunden').first().waitFor();
    assert.equal(await sales.page.getByRole('option', { name: /anlegen/ }).count(), 0);
    const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    assert.equal(await sales.page.evaluate(over), 0);
    await sales.context.close();
  });

  test('the shortcuts are listed, and dialogs begin in their first field', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByText('Save or confirm').waitFor();
    await keepScreen(page, 'shortcuts-desk');
    await assertAccessible(page);
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.getByRole('dialog', { name: 'Search' }).waitFor();
    await page.keyboard.press('Escape');
    await open(page, 'a', '/accounts');
    await page.keyboard.press('/');
    await page.getByLabel('Search Accounts').and(page.locator(':focus')).waitFor();
    await context.close();
  });
});

async function rows(context: BrowserContext, path: string): Promise<Record<string, unknown>[]> {
  return (await context.request.get(addressOf('a', `/rest/v1/${path}`))).json();
}

async function nameOf(context: BrowserContext): Promise<string> {
  const { user } = await (await context.request.get(addressOf('a', '/api/session'))).json();
  const { people } = await (await context.request.get(addressOf('a', '/api/people'))).json();
  return people.find(({ id }: { id: string }) => id === user.id).displayName;
}
