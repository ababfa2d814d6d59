import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { until, untilEqual } from '../support/until';
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

describe('planning the crew', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('an open place is filled from the rota by keyboard, and given back', async () => {
    const { page, context, problems } = await visit(browser);
    const title = `Rota test ${Date.now()}`;
    const event = await eventWithoutCrew(context, title);
    await open(page, 'a', '/crew');
    await page.getByRole('button', { name: title }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    const invite = dialog.getByRole('button', { name: /^Invite / }).first();
    await invite.waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'crew-assign-desk');
    await invite.focus();
    await page.keyboard.press('Enter');
    await page.getByText(/ invited\.$/).waitFor();
    await dialog.getByText('1 of 1 invited').waitFor();
    await until(async () => (await assignmentsOf(context, event.id)).length === 1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByText('0 of 1 invited').waitFor();
    await untilEqual(() => assignmentsOf(context, event.id), []);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await forget(context, event.id);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('a shift of yesterday is in the own schedule until it ends', async () => {
    const owner = await visit(browser);
    const staff = await visit(browser, { person: 'staff' });
    const user = await whoIs(staff.context);
    const account_id = await firstId(owner.context, 'accounts?select=id&limit=1');
    const staff_role_id = await firstId(owner.context, 'staff_roles?select=id&type=eq.event_staff&limit=1');
    const addShift = async (title: string, teardown_minutes: number) => {
      const event_id = await addRow(owner.context, 'events', { title, account_id });
      const event_date_id = await addRow(owner.context, 'event_dates', {
        ...{ event_id, event_date: dayIn(-1), start_time: '00:00', end_time: '00:30' },
        teardown_minutes,
      });
      await addRow(owner.context, 'event_staff_assignments', {
        ...{ event_id, event_date_id, staff_role_id, user_id: user.id },
      });
      return event_id;
    };
    const name = `Night ${Date.now()}`;
    const events = [await addShift(`${name} over`, 0), await addShift(`${name} lasts`, 2880)];
    await open(staff.page, 'a', '/crew?tab=mine');
    await staff.page.getByRole('link', { name: `${name} lasts` }).waitFor();
    assert.equal(await staff.page.getByRole('link', { name: `${name} over` }).count(), 0);
    for (const event of events) await forget(owner.context, event);
    await staff.context.close();
    await owner.context.close();
  });

  test('who enters time off is shown as away, and cannot be assigned', async () => {
    const owner = await visit(browser);
    const staff = await visit(browser, { person: 'staff', viewport: SIZES.phone });
    const user = await whoIs(staff.context);
    const event = await eventWithoutCrew(owner.context, 'Holiday test gala', user.id);
    await open(staff.page, 'a', '/crew?tab=timeOff');
    await staff.page.getByRole('button', { name: 'Add time off' }).click();
    const form = staff.page.getByRole('dialog');
    await form.getByLabel('First day').fill(event.day);
    await form.getByLabel('Last day').fill(event.day);
    await form.getByLabel('Note').fill('At the lake');
    await assertAccessible(staff.page);
    await keepScreen(staff.page, 'crew-enter-time-off-phone');
    await form.getByRole('button', { name: 'Save' }).click();
    await staff.page.getByText('Time off added.').waitFor();
    await staff.page.getByText('At the lake').waitFor();

    await open(owner.page, 'a', '/crew');
    await owner.page.getByText('Away', { exact: true }).first().waitFor();
    await keepScreen(owner.page, 'crew-away-desk');
    await owner.page.getByRole('button', { name: /Holiday test gala/ }).click();
    const line = owner.page.getByRole('dialog').getByRole('listitem').filter({ hasText: user.displayName });
    await line.getByText('Away:').waitFor();
    assert.equal(await line.getByRole('button').count(), 0);
    // The database refuses a direct request too.
    const refused = await owner.context.request.post(addressOf('a', '/rest/v1/event_staff_assignments'), {
      headers: { origin: new URL(addressOf('a')).origin },
      data: { event_id: event.id, event_date_id: event.date, user_id: user.id, staff_role_id: event.role },
    });
    assert.equal(refused.status(), 409);
    assert.match((await refused.json()).message, /has time off/);

    await staff.page
      .getByRole('button', { name: /^Remove time off/ })
      .first()
      .click();
    await staff.page.getByText('Time off removed.').waitFor();
    await forget(owner.context, event.id);
    assert.deepEqual(owner.problems, []);
    assert.deepEqual(staff.problems, []);
    await staff.context.close();
    await owner.context.close();
  });

  test('pay is everyone’s for managers, one’s own for the crew', async () => {
    const { page, context, problems } = await visit(browser);
    // Not this year: on its first days no shift is over yet.
    const pay = `/crew?tab=pay&period=${dayIn(-90)}..${dayIn(0)}`;
    await open(page, 'a', pay);
    await page.getByRole('heading', { name: 'Pay by person' }).waitFor();
    const people = page.getByRole('region', { name: 'Pay by person' }).locator('tbody tr');
    await people.nth(1).waitFor();
    const [first] = await people.allInnerTexts();
    await people.first().getByRole('button').click();
    await page.waitForURL(/person=/);
    await page.getByRole('heading', { name: /’s shifts$/ }).waitFor();
    const shifts = page.getByRole('region', { name: /’s shifts$/ }).locator('tbody tr');
    // The shifts are those of the sum.
    const sum = Number(first?.split('\t')[1]);
    await shifts.nth(sum - 1).waitFor();
    assert.equal(await shifts.count(), sum);
    assert.deepEqual(problems, []);
    await context.close();

    const staff = await visit(browser, { person: 'staff', viewport: SIZES.phone });
    await open(staff.page, 'a', pay);
    await staff.page.getByRole('heading', { name: /’s shifts$/ }).waitFor();
    assert.equal(await staff.page.getByRole('heading', { name: 'Pay by person' }).count(), 0);
    await assertAccessible(staff.page);
    await keepScreen(staff.page, 'crew-own-pay-phone');
    assert.deepEqual(staff.problems, []);
    await staff.context.close();
  });

  test('an event’s history says who changed what', async () => {
    const { page, context, problems } = await visit(browser);
    const event = await eventWithoutCrew(context, 'History test gala');
    await change(context, `events?id=eq.${event.id}`, { title: 'History test ball', guest_count: 120 });
    await change(context, `event_dates?id=eq.${event.date}`, { start_time: '19:00' });
    for (let guests = 0; guests < 40; guests++) {
      await change(context, `events?id=eq.${event.id}`, { guest_count: guests });
    }
    await open(page, 'a', `/events/${event.id}?tab=history`);
    const items = page.getByRole('tabpanel').getByText(/^(Event|Date)/);
    await items.nth(29).waitFor();
    assert.equal(await items.count(), 30);
    await page.getByRole('button', { name: 'Show earlier changes' }).click();
    await page.getByText('History test gala').first().waitFor();
    await page.getByText('History test ball').nth(1).waitFor();
    await page.getByText(/6:00.PM/).waitFor();
    await page.getByText(/7:00.PM/).waitFor();
    // What was made, what was changed here, and what followed by itself: the days of the event.
    assert.ok((await items.count()) >= 44);
    assert.equal(await page.getByRole('button', { name: 'Show earlier changes' }).count(), 0);
    await assertAccessible(page);
    await forget(context, event.id);
    assert.deepEqual(problems, []);
    await context.close();
  });
});

interface TestEvent {
  id: string;
  date: string;
  day: string;
  role: string;
}

/** A confirmed event in the days that the rota shows, with no crew asked yet. */
async function eventWithoutCrew(
  context: BrowserContext,
  title: string,
  /** A crew member who has no shift on that day. */
  free?: string,
): Promise<TestEvent> {
  // The first of the demo's crew has no shift in four days, and in five.
  const days = [4, 5, 3, 2].map(dayIn);
  const taken = free ? await daysOf(context, free) : new Set<string>();
  const day = days.find((one) => !taken.has(one));
  assert.ok(day, 'the demo company has a free day this week');
  const account_id = await firstId(context, 'accounts?select=id&limit=1');
  const role = await firstId(
    context,
    'staff_roles?select=id&type=eq.event_staff&is_active=is.true&order=display_order&limit=1',
  );
  const id = await addRow(context, 'events', { title, account_id, status: 'confirmed' });
  const date = await addRow(context, 'event_dates', {
    event_id: id,
    event_date: day,
    start_time: '18:00',
    end_time: '22:00',
    timezone: 'America/New_York',
  });
  return { id, date, day, role };
}

/** Days on which the user has a shift. */
async function daysOf(context: BrowserContext, user: string): Promise<Set<string>> {
  const query = `event_staff_assignments?select=event_dates(event_date)&user_id=eq.${user}`;
  const rows: { event_dates: { event_date: string } | null }[] = await (
    await context.request.get(addressOf('a', `/rest/v1/${query}`))
  ).json();
  return new Set(rows.map(({ event_dates }) => event_dates?.event_date ?? ''));
}

const headers = () => ({ origin: new URL(addressOf('a')).origin, prefer: 'return=representation' });

async function firstId(context: BrowserContext, query: string): Promise<string> {
  const [row] = await (await context.request.get(addressOf('a', `/rest/v1/${query}`))).json();
  assert.ok(row, query);
  return row.id;
}

async function change(context: BrowserContext, query: string, data: object): Promise<void> {
  const answer = await context.request.patch(addressOf('a', `/rest/v1/${query}`), {
    headers: headers(),
    data,
  });
  assert.equal(answer.status(), 200, await answer.text());
}

async function forget(context: BrowserContext, event: string): Promise<void> {
  await context.request.delete(addressOf('a', `/rest/v1/events?id=eq.${event}`), { headers: headers() });
}

async function assignmentsOf(context: BrowserContext, event: string): Promise<unknown[]> {
  const answer = await context.request.get(
    addressOf('a', `/rest/v1/event_staff_assignments?select=id&event_id=eq.${event}`),
  );
  return answer.json();
}

async function whoIs(context: BrowserContext): Promise<{ id: string; displayName: string }> {
  return (await (await context.request.get(addressOf('a', '/api/session'))).json()).user;
}
