import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addressOf,
  assertAccessible,
  dayIn,
  keepScreen,
  launchBrowser,
  SIZES,
  storedPage,
  visit,
} from './browser';

describe('the crew’s brief', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('opens without a connection, takes changes, and sends them when there is one again', async () => {
    const { page, context } = await visit(browser, { person: 'staff', viewport: SIZES.phone });
    const shift = await shiftAhead(context);
    await openBrief(page, shift.event_id);
    await assertAccessible(page);
    await keepScreen(page, 'brief-phone');

    await context.setOffline(true);
    await page.reload();
    await page.getByText('No connection').waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const step = page.getByRole('checkbox').first();
    const wasDone = await step.isChecked();
    await step.click();
    await page.getByLabel('Hours worked').fill('6.5');
    await page.getByText('2 changes not sent yet').waitFor();
    // They survive a reload, still without a connection.
    await page.reload();
    await page.getByText('2 changes not sent yet').waitFor();
    assert.equal(await page.getByLabel('Hours worked').inputValue(), '6.5');
    assert.equal(await page.getByRole('checkbox').first().isChecked(), !wasDone);
    await keepScreen(page, 'brief-offline-phone');

    await context.setOffline(false);
    await page.getByText('2 changes not sent yet').waitFor({ state: 'detached' });
    await page.getByText('No connection').waitFor({ state: 'detached' });
    const [saved] = await rows(context, `event_staff_assignments?select=hours_actual&id=eq.${shift.id}`);
    assert.equal(Number(saved?.hours_actual), 6.5);
    await context.close();
  });

  test('shows both when a colleague changed the same while there was no connection', async () => {
    const { page, context } = await visit(browser, { person: 'staff', viewport: SIZES.phone });
    const shift = await shiftAhead(context);
    await openBrief(page, shift.event_id);
    await context.setOffline(true);
    await page.getByLabel('Miles').fill('12');
    await page.getByText('1 change not sent yet').waitFor();
    const office = await visit(browser, { person: 'manager' });
    const change = async (miles: number) =>
      assert.equal(
        (
          await office.context.request.patch(
            addressOf('a', `/rest/v1/event_staff_assignments?id=eq.${shift.id}`),
            {
              headers: { origin: new URL(addressOf('a')).origin },
              data: { miles },
            },
          )
        ).status(),
        204,
      );
    await change(30);
    await context.setOffline(false);
    const alert = page.getByRole('alert').filter({ hasText: 'Someone else changed this record' });
    await alert.getByText(/12.*30/).waitFor();
    await assertAccessible(page);
    await alert.getByRole('button', { name: 'Keep mine' }).click();
    await alert.waitFor({ state: 'detached' });
    await page.getByText('1 change not sent yet').waitFor({ state: 'detached' });
    const [saved] = await rows(context, `event_staff_assignments?select=miles&id=eq.${shift.id}`);
    assert.equal(Number(saved?.miles), 12);
    await Promise.all([context.close(), office.context.close()]);
  });

  test('keeps the briefs of coming shifts before anyone has opened them; nothing after signing out', async () => {
    const { page, context } = await visit(browser, { person: 'staff', viewport: SIZES.phone });
    await page.goto(addressOf('a', '/crew?tab=mine'), { waitUntil: 'networkidle' });
    await page.getByRole('link', { name: 'Briefs on this device' }).click();
    await page.getByRole('heading', { level: 1, name: 'Briefs on this device' }).waitFor();
    await storedPage(page);
    await context.setOffline(true);
    await page.reload();
    const first = page.locator('main a[href*="/brief/"]').first();
    await first.waitFor();
    await context.setOffline(false);
    await page.goto(addressOf('a', '/'), { waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: /Stella Staff/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Welcome back' }).waitFor();
    await page.goto(addressOf('a', '/brief'));
    await page.getByText('No briefs on this device').waitFor();
    await context.close();
  });
});

interface Shift {
  id: string;
  event_id: string;
}

async function rows(context: BrowserContext, path: string): Promise<Record<string, unknown>[]> {
  const answer = await context.request.get(addressOf('a', `/rest/v1/${path}`));
  assert.equal(answer.status(), 200, await answer.text());
  return answer.json();
}

/** The signed-in person's next shift after tomorrow: it is still to come when the day ends meanwhile. */
async function shiftAhead(context: BrowserContext): Promise<Shift> {
  const session = await (await context.request.get(addressOf('a', '/api/session'))).json();
  const [shift] = await rows(
    context,
    `event_staff_assignments?select=id,event_id,date:event_dates!inner(event_date)&user_id=eq.${session.user.id}&status=in.(accepted,confirmed)&event_dates.event_date=gte.${dayIn(2)}&order=date(event_date)&limit=1`,
  );
  assert.ok(shift, 'a crew member has a shift ahead');
  return shift as unknown as Shift;
}

async function openBrief(page: Page, eventId: string): Promise<void> {
  await page.goto(addressOf('a', `/brief/${eventId}`), { waitUntil: 'networkidle' });
  await page.getByLabel('Hours worked').waitFor();
  await storedPage(page);
}
