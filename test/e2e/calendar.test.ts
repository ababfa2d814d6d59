import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
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

/** A Wednesday with nothing else near it. */
const DAY = '2029-03-07';

describe('the calendar', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('a date that is dragged shows what moves along, moves by the hour too, and comes back with undo', async () => {
    const { page, context, problems } = await visit(browser);
    const { title, dateId, booth } = await addBooked(context, DAY, '12:00', '14:00');
    await open(page, 'a', `/events?as=week&day=${DAY}`);
    await drag(page, title, { days: 1, hours: 2 });
    const dialog = page.getByRole('dialog', { name: `Move “${title}”?` });
    await dialog.getByText(`Booths: ${booth.name}`).waitFor();
    assert.equal(await readDate(context, dateId), `${DAY} 12:00:00 14:00:00`, 'nothing has happened yet');
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Move event' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await readDate(context, dateId), '2029-03-08 14:00:00 16:00:00');
    const undone = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await page.getByRole('button', { name: 'Undo' }).click();
    await undone;
    assert.equal(await readDate(context, dateId), `${DAY} 12:00:00 14:00:00`);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('what is in the way is named, and the date stays where it is', async () => {
    const { page, context } = await visit(browser);
    const first = await addBooked(context, '2029-04-04', '12:00', '14:00');
    const other = await addBooked(context, '2029-04-05', '12:00', '14:00', first.booth);
    await open(page, 'a', '/events?as=week&day=2029-04-04');
    await drag(page, first.title, { days: 1, hours: 0 });
    const dialog = page.getByRole('dialog', { name: `Move “${first.title}”?` });
    await dialog.getByText(`${first.booth.name}: booked for ${other.title}`).waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Move event' }).isDisabled(), true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await readDate(context, first.dateId), '2029-04-04 12:00:00 14:00:00');
    await context.close();
  });

  test('a click on a day adds an event there; tentative is hatched; a booth and several days are shown', async () => {
    const { page, context, problems } = await visit(browser);
    const firm = await addBooked(context, '2029-05-09', '12:00', '00:00');
    await setStatus(context, firm.eventId, 'confirmed');
    for (const event_date of ['2029-05-15', '2029-05-16', '2029-05-17'])
      await addRow(context, 'event_dates', {
        ...{ event_id: firm.eventId, event_date, start_time: '00:00', end_time: '00:00' },
      });
    await open(page, 'a', '/events?as=month&day=2029-05-09');
    const legend = page.getByRole('list', { name: 'What colors and patterns mean' });
    await legend.getByText('Tentative').waitFor();
    const main = page.locator('main');
    await main.getByText(firm.title).nth(1).waitFor();
    assert.equal(await main.getByText(firm.title).count(), 2, 'one evening, and three days as one');
    await page.locator('[data-date="2029-05-23"]').first().click();
    const form = page.getByRole('dialog', { name: /New.*event/i });
    assert.equal(await form.getByLabel(/^Date/).inputValue(), '2029-05-23');
    await keepScreen(page, 'calendar-add-desk');
    const title = `Clicked ${Date.now()}`;
    await form.getByLabel('Title').fill(title);
    await form
      .getByRole('combobox', { name: /Account|Client/ })
      .first()
      .click();
    await page.getByRole('option').first().click();
    await form
      .getByRole('button', { name: /^(Save|Create|Add)/ })
      .first()
      .click();
    await page.waitForURL(/\/events\/[0-9a-f-]{36}/);
    await open(page, 'a', '/events?as=month&day=2029-05-09');
    await main.getByText(title).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'calendar-month-desk');
    // Only what one booth does.
    await page.getByRole('combobox', { name: 'All booths' }).fill(firm.booth.name);
    await page.getByRole('option', { name: firm.booth.name }).click();
    await main.getByText(title).waitFor({ state: 'detached' });
    await main.getByText(firm.title).first().waitFor();
    await page.setViewportSize(SIZES.phone);
    await open(page, 'a', '/events?as=week&day=2029-05-16');
    await main.getByText(firm.title).first().waitFor();
    await keepScreen(page, 'calendar-week-phone');
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('where one has leafed to is there again after a reload, in German too', async () => {
    const { page, context, problems } = await visit(browser);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', '/events?as=month&day=2029-03-07');
    await page.getByText('März 2029', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Nächster Monat' }).click();
    await page.getByText('April 2029', { exact: true }).waitFor();
    await page.waitForURL(/day=2029-04/);
    await page.reload({ waitUntil: 'networkidle' });
    await page.getByText('April 2029', { exact: true }).waitFor();
    await page.locator('main').getByText('Heute', { exact: true }).click();
    await page.getByText('April 2029', { exact: true }).waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
    await context.close();
  });
});

/** An event at one time, with a booth: its own unless another is given. */
async function addBooked(
  context: BrowserContext,
  event_date: string,
  start_time: string,
  end_time: string,
  given?: { id: string; name: string },
) {
  const name = `${Date.now()}`.slice(-7);
  const title = `Party ${name}`;
  const account_id = await addRow(context, 'accounts', { name: `Calendar ${name}` });
  const event_id = await addRow(context, 'events', { account_id, title });
  const event_date_id = await addRow(context, 'event_dates', { event_id, event_date, start_time, end_time });
  const [type] = await (await context.request.get(addressOf('a', '/rest/v1/booth_types?limit=1'))).json();
  const booth = given ?? {
    name: `Booth ${name}`,
    id: await addRow(context, 'booths', { name: `Booth ${name}`, booth_type_id: type.id }),
  };
  await addRow(context, 'booth_assignments', { event_id, event_date_id, booth_id: booth.id });
  return { title, eventId: event_id, dateId: event_date_id, booth };
}

async function setStatus(context: BrowserContext, id: string, status: string): Promise<void> {
  const answer = await context.request.patch(addressOf('a', `/rest/v1/events?id=eq.${id}`), {
    headers: { origin: new URL(addressOf('a')).origin },
    data: { status },
  });
  assert.equal(answer.status(), 204, await answer.text());
}

async function readDate(context: BrowserContext, id: string): Promise<string> {
  const query = `event_dates?id=eq.${id}&select=event_date,start_time,end_time`;
  const [row] = await (await context.request.get(addressOf('a', `/rest/v1/${query}`))).json();
  return `${row.event_date} ${row.start_time} ${row.end_time}`;
}

/** Takes an entry of the week by its head and lets it go some columns and hours on. */
async function drag(
  page: Page,
  title: string,
  { days, hours }: { days: number; hours: number },
): Promise<void> {
  const entry = page.getByText(title, { exact: true });
  await entry.waitFor();
  const at = await entry.boundingBox();
  const columns = page.getByRole('columnheader');
  const [one, next] = [await columns.nth(0).boundingBox(), await columns.nth(1).boundingBox()];
  const [noon, later] = [
    await page.getByText('12pm', { exact: true }).boundingBox(),
    await page.getByText('1pm', { exact: true }).boundingBox(),
  ];
  assert.ok(at && one && next && noon && later);
  const from = { x: at.x + 12, y: at.y + 4 };
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const to = { x: from.x + days * (next.x - one.x), y: from.y + hours * (later.y - noon.y) };
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 8 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.mouse.up();
}
