import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addressOf, assertAccessible, dayIn, launchBrowser, open, SIZES, visit } from './browser';
import { fakeCamera } from './fake-camera';

describe('the warehouse', () => {
  let directory: string;
  let browser: Browser;
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'marquee-camera-'));
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('checks a booth out and in again with the camera', async () => {
    const booth = await boothThatGoesOut(browser);
    const label = addressOf('a', `/inventory/booths/${booth.id}`);
    await using camera = await launchBrowser(await fakeCamera(path.join(directory, 'booth.y4m'), label));
    const { page, context, problems } = await visit(camera, { viewport: SIZES.phone });
    await open(page, 'a', '/inventory');
    await page.getByRole('button', { name: 'Scan' }).click();
    const log = page.getByRole('log');
    await log.getByText('Next check-out').waitFor();
    await assertAccessible(page);
    await page.getByText('Check out', { exact: true }).last().click();
    // The booth's event is some days away: it is asked, and goes out when that is confirmed.
    await log.getByRole('button', { name: 'Check out anyway' }).first().click();
    await log
      .getByText(/^Checked out: /)
      .first()
      .waitFor();
    assert.equal(await statusOf(page, booth.assignment), 'checked_out');
    await page.getByText('Check in', { exact: true }).last().click();
    // Its event is still to come.
    await log
      .getByText(/^Checked in, still reserved: /)
      .first()
      .waitFor();
    assert.equal(await statusOf(page, booth.assignment), 'reserved');
    assert.deepEqual(
      problems.filter((text) => !/status of (404|409)/.test(text)),
      [],
    );
    await context.close();
  });

  test('opens the page of a thing from its label, and takes it back with what is missing', async () => {
    const booth = await boothThatGoesOut(browser);
    const { page, context, problems } = await visit(browser, { viewport: SIZES.phone });
    await open(page, 'a', `/inventory/booths/${booth.id}`);
    await page.getByRole('button', { name: 'Check out' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Check out anyway' }).click();
    await page.getByRole('button', { name: 'Check in' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Missing', { exact: true }).first().click();
    await dialog.getByText('are marked lost').waitFor();
    await dialog.getByRole('button', { name: 'Check in' }).click();
    await page.getByText('checked in. It is still reserved for').waitFor();
    await page.getByText('Incomplete').first().waitFor();
    await page.getByText('Lost', { exact: true }).first().waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Mark ready' }).click();
    await page.getByText('Saved.').waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('prints labels that lead to the things', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/inventory/booths');
    await page.getByRole('button', { name: 'Print labels' }).click();
    const href = await page.getByRole('menuitem', { name: /A4/ }).getAttribute('href');
    const pdf = await context.request.get(href ?? '');
    assert.equal(pdf.status(), 200);
    assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
    await context.close();
  });

  test('finds things by what is typed when there is no camera', async () => {
    const { page, context } = await visit(browser);
    await open(page, 'a', '/inventory');
    await page.getByRole('button', { name: 'Scan' }).click();
    await page.getByText('The camera is not available').waitFor();
    for (const [typed, answer] of [
      ['EQ-0001', /EQ-0001/],
      ['no such thing', /No item has this label/],
    ] as const) {
      await page.getByLabel('Or type a tag or name').fill(typed);
      await page.keyboard.press('Enter');
      await page.getByRole('log').getByText(answer).first().waitFor();
    }
    await context.close();
  });
});

/** A booth that is ready, not out now, and whose next event, more than two days away, has a kit for it. */
async function boothThatGoesOut(browser: Browser): Promise<{ id: string; assignment: string }> {
  const { context } = await visit(browser);
  const read = async (path_: string) =>
    (await context.request.get(addressOf('a', `/rest/v1/${path_}`))).json();
  const out: { booth_id: string }[] = await read('booth_assignments?select=booth_id&status=eq.checked_out');
  const taken = new Set(out.map(({ booth_id }) => booth_id));
  const planned: { id: string; booth_id: string; date: { event_date: string }; kit: object[] }[] = await read(
    `booth_assignments?select=id,booth_id,booth:booths!inner(status),date:event_dates!inner(event_date),kit:equipment_assignments!equipment_assignments_booth_assignment_id_fkey(id)&status=eq.reserved&booths.status=eq.ready&event_dates.event_date=gte.${dayIn(-1)}&order=date(event_date)`,
  );
  const next = planned.filter(
    ({ booth_id }, index) => planned.findIndex((other) => other.booth_id === booth_id) === index,
  );
  const first = next.find(
    ({ booth_id, date, kit }) => !taken.has(booth_id) && date.event_date > dayIn(3) && kit.length > 0,
  );
  assert.ok(first, 'a booth is reserved');
  await context.close();
  return { id: first.booth_id, assignment: first.id };
}

async function statusOf(page: Page, assignment: string): Promise<string> {
  const answer = await page.request.get(
    addressOf('a', `/rest/v1/booth_assignments?select=status&id=eq.${assignment}`),
  );
  return (await answer.json())[0].status;
}
