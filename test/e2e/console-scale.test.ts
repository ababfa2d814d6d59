// The console with many tenants and data sources: what a first visit loads, what is in the page, and what is read again after a change.
// None of it depends on the clock; `npm run bench -- console` measures frames.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { openInstance } from '@/cli/instance';
import { fillFleet } from '../support/fleet';
import { until } from '../support/until';
import { assertAccessible, keepScreen, launchBrowser, SIZES } from './browser';
import { openConsole, visitConsole } from './console';
import { loadConsole } from './first-load';
import { type RunningInstance, startInstance } from './instance';

const FLEET = { tenants: 1_500, sources: 200 };
/** As `npm run bench -- console` limits it. */
const FIRST_LOAD_KB = 250;
/** Rows of a screen that shows fourteen of them, with those just outside it. */
const MOST_ROWS = 40;

describe('the console with many tenants and data sources', () => {
  let directory: string;
  let instance: RunningInstance;
  let application: pg.Client;
  let browser: Browser;
  let operator: Awaited<ReturnType<typeof visitConsole>>;
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'marquee-e2e-scale-'));
    instance = await startInstance(directory, { empty: true });
    process.env.MARQUEE_E2E_URL = instance.url;
    process.env.MARQUEE_E2E_PASSWORD = instance.password;
    process.env.MARQUEE_STATE_DIRECTORY = directory;
    const opened = await openInstance();
    application = new pg.Client({ connectionString: opened.configuration.APPLICATION_DATABASE_URL });
    await application.connect();
    await fillFleet(opened, application, { like: 'shared-1', ...FLEET, serverOf: () => null });
    await opened.close();
    browser = await launchBrowser();
    operator = await visitConsole(browser, { ahead: 30_000 });
  });
  after(async () => {
    await browser?.close();
    await application?.end();
    await instance?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('a first visit loads little', async () => {
    const { bytes, parts } = await loadConsole(operator.page);
    assert.ok(bytes / 1024 <= FIRST_LOAD_KB, JSON.stringify(parts));
  });

  for (const [screen, name, search] of [
    ['/tenants', 'Tenants', 'tenant-0149'],
    ['/data-sources', 'Data sources', 'fleet-019'],
  ] as const) {
    test(`${name}: only rows in view are in the page, down to the last, and a search finds others`, async () => {
      const { page } = operator;
      await openConsole(page, screen);
      const list = page.getByRole('region', { name });
      await list.locator('tbody a').first().waitFor();
      const rows = () => list.locator('tbody tr').count();
      assert.ok((await rows()) <= MOST_ROWS);
      await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
      const total = Number(await list.getByRole('table').getAttribute('aria-rowcount'));
      assert.ok(total > FLEET.sources);
      await list.locator(`tr[aria-rowindex="${total}"] a`).first().waitFor();
      assert.ok((await rows()) <= MOST_ROWS);
      await page.getByRole('searchbox').fill(search);
      await list.locator('table[aria-rowcount="11"]').waitFor();
      await list.getByRole('link', { name: /9$/ }).first().waitFor();
    });
  }

  test('after a change of one tenant only the parts in view are read again, and the row is another', async () => {
    const { page } = operator;
    await openConsole(page, '/tenants');
    const list = page.getByRole('region', { name: 'Tenants' });
    const row = list.locator('tr', { hasText: 'Tenant 00003' });
    await row.getByText('Active').waitFor();
    const answers: number[] = [];
    page.on('requestfinished', async (request) => {
      if (!request.url().includes('/api/operator/tenants?')) return;
      answers.push((await request.sizes()).responseBodySize);
    });
    // Those that have their values: the others are filled in the next frames, each by an element of its own.
    const others = await list.locator('tbody tr[aria-rowindex]').elementHandles();
    await application.query(`update tenants set status = 'suspended' where subdomain = 'tenant-00003'`);
    await row.getByText('Suspended').waitFor();
    await until(() => answers.length > 0, 'the answer to be counted');
    assert.ok(answers.length <= 2, `${answers.length} answers`);
    assert.ok(
      answers.every((bytes) => bytes < 40_000),
      String(answers),
    );
    const kept = await Promise.all(others.map((other) => other.evaluate((element) => element.isConnected)));
    assert.ok(kept.every(Boolean), 'rows stay in the page');
  });

  test('the map shows groups; a group, a search and a phone show their sources', async () => {
    const { page, problems } = operator;
    await openConsole(page, '/map');
    const map = page.getByRole('region', { name: 'Map' });
    const sources = map.locator('[data-source]');
    await map.getByRole('button', { name: 'Expand eu-central' }).waitFor();
    assert.equal(await sources.count(), 0);
    await keepScreen(page, 'console-map-closed-desk');
    await map.getByRole('button', { name: 'Expand eu-central' }).click();
    await sources.first().waitFor();
    assert.ok((await sources.count()) <= 40, 'only what is in view');
    await assertAccessible(page);
    await keepScreen(page, 'console-map-group-desk');
    await assertNothingHidesLines(page);
    await page.getByRole('searchbox').fill('tenant-00123');
    await map.locator('[data-found][data-source="fleet-0123"]').waitFor();
    await keepScreen(page, 'console-map-found-desk');
    await page.setViewportSize(SIZES.phone);
    await openConsole(page, '/map');
    await map.getByRole('button', { name: 'Expand eu-central' }).click();
    await sources.first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= SIZES.phone.width, `${width} px wide`);
    await keepScreen(page, 'console-map-group-phone');
    await page.setViewportSize(SIZES.desk);
    assert.deepEqual(problems, []);
  });
});

/** Lines are above the boxes of groups: where one passes through a box, it is what is seen there. */
async function assertNothingHidesLines(page: Page): Promise<void> {
  const layersOf = (selector: string) =>
    page
      .locator(selector)
      .evaluateAll((elements) => elements.map((element) => Number(getComputedStyle(element).zIndex) || 0));
  const groups = await layersOf('.react-flow__node-box');
  const lines = await layersOf('svg[data-lines]');
  const sources = await layersOf('.react-flow__node-source');
  const all = JSON.stringify({ groups, lines, sources });
  assert.ok(lines.length > 0);
  assert.ok(Math.max(...groups) < Math.min(...lines), all);
  assert.ok(Math.max(...lines) < Math.min(...sources), all);
}
