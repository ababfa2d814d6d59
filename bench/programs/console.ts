// The operator's console in a real Chromium, served by Marquee itself, of a fleet of 10,000 tenants on 1,000 data sources: what a first
// visit loads, and the frames while lists are opened, scrolled, searched and sorted, and while the map is zoomed, panned, searched and
// used. Each frame is given by the clock and as the processor's time of the page's main thread, because others use the machine too.
import type { Page, Request } from 'playwright-core';
import { launchBrowser } from '../../test/e2e/browser';
import { SERVICE, visitConsole } from '../../test/e2e/console';
import { loadConsole } from '../../test/e2e/first-load';
import { FleetServer } from '../console/fleet-server';
import { framesDuring, type Times } from '../frames';
import { type BenchResult, QUICK, quantile, round3, type Spread, spreadOf } from '../measure';

export const description =
  'the operator’s console with 10,000 tenants and 1,000 data sources: first load, frames of lists and map, answers';

const LIMITS = { worstFrameMs: 50, firstLoadKb: 250 };
const SIZE = QUICK ? { tenants: 1_000, sources: 100 } : { tenants: 10_000, sources: 1_000 };
const ROUNDS = QUICK ? 1 : 2;
const WHEEL_TURNS = 120;
const LAST_ROW_MS = 60_000;
const REPLAYS = QUICK ? 3 : 20;
/** A step goes on for a moment, for what it starts. */
const AFTER_MS = 400;
const ANSWERS = /\/api\/operator\/(tenants|data-sources|map|attention)(\?|$)/;

/** What answered: requests by path, and the bytes of the largest answer. */
type Asked = Map<string, { requests: number; bytes: number; urls: Set<string> }>;

export async function run(): Promise<BenchResult> {
  const fleet = await FleetServer.start(SIZE);
  process.env.MARQUEE_E2E_URL = fleet.instance.url;
  process.env.MARQUEE_E2E_PASSWORD = fleet.instance.password;
  const browser = await launchBrowser();
  try {
    const { page } = await visitConsole(browser, { ahead: 30_000 });
    // tsx names inner functions with a helper that the page does not have.
    await page.addInitScript('globalThis.__name ??= (value) => value');
    const firstLoad = await loadConsole(page);
    const asked: Asked = new Map();
    const steps = new Map<string, Times[]>();
    const step = async (name: string, work: () => Promise<void>) => {
      const times = await framesDuring(browser, page, async () => {
        await work();
        await page.waitForTimeout(AFTER_MS);
      });
      steps.set(name, [...(steps.get(name) ?? []), times]);
    };
    page.on('requestfinished', (request) => void note(asked, request));
    // The first round loads each screen's files.
    for (let round = 0; round <= ROUNDS; round += 1) {
      if (round === 1) steps.clear();
      await useList(page, step, {
        link: 'Tenants',
        name: 'tenants',
        words: 'tenant-0077',
        column: 'Subdomain',
      });
      const before = requestsOf(asked, '/tenants');
      await step('tenants_event', async () => {
        await fleet.application.query(`update tenants set status = case status when 'active' then 'suspended' else 'active' end
          where subdomain = 'tenant-00007'`);
        await page.waitForTimeout(1_500);
      });
      eventRequests.push(requestsOf(asked, '/tenants') - before);
      await useList(page, step, {
        link: 'Data sources',
        name: 'sources',
        words: 'fleet-007',
        column: 'Health',
      });
      await useMap(page, step);
    }
    const frames = [...steps].map(([name, times]) => [name, worstOf(times)] as const);
    const answers = await replay(page, asked);
    const worst = Math.max(...frames.map(([, { clock }]) => clock.max));
    const firstLoadKb = round3(firstLoad.bytes / 1024);
    return {
      worst_frame_ms: worst,
      worst_frame_processor_ms: Math.max(...frames.map(([, { processor }]) => processor.max)),
      p95_frame_ms: round3(
        quantile(
          [...steps.values()].flat().flatMap(({ clockMs }) => clockMs),
          0.95,
        ),
      ),
      first_load_kb: firstLoadKb,
      first_load_requests: firstLoad.requests,
      first_load_parts_kb: Object.fromEntries(
        Object.entries(firstLoad.parts).map(([part, bytes]) => [part, round3(bytes / 1024)]),
      ),
      answer_p95_ms: Math.max(...answers.map(({ p95Ms }) => p95Ms)),
      answer_kb: Math.max(...answers.map(({ kb }) => kb)),
      requests_of_an_event: Math.max(...eventRequests),
      ...SIZE,
      steps: Object.fromEntries(frames.map(([name, { clock, processor }]) => [name, { clock, processor }])),
      answers,
      spread: Object.fromEntries(frames.map(([name, { clock }]) => [`${name}_worst_frame_ms`, clock])),
      within_limits: worst <= LIMITS.worstFrameMs && firstLoadKb <= LIMITS.firstLoadKb,
    };
  } finally {
    await browser.close();
    await fleet.stop();
  }
}

const eventRequests: number[] = [];
type Step = (name: string, work: () => Promise<void>) => Promise<void>;

async function note(asked: Asked, request: Request): Promise<void> {
  const url = new URL(request.url());
  if (!ANSWERS.test(url.pathname + url.search)) return;
  const { responseBodySize } = await request.sizes().catch(() => ({ responseBodySize: 0 }));
  const path = url.pathname.replace('/api/operator', '');
  const known = asked.get(path) ?? { requests: 0, bytes: 0, urls: new Set<string>() };
  known.urls.add(url.pathname + url.search);
  asked.set(path, { ...known, requests: known.requests + 1, bytes: Math.max(known.bytes, responseBodySize) });
}

function requestsOf(asked: Asked, path: string): number {
  return asked.get(path)?.requests ?? 0;
}

async function useList(
  page: Page,
  step: Step,
  { link, name, words, column }: { link: string; name: string; words: string; column: string },
): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: link, exact: true }).hover();
  await page.waitForTimeout(300);
  const list = page.getByRole('region', { name: link });
  const total = async () => Number(await list.getByRole('table').getAttribute('aria-rowcount')) - 1;
  await step(`${name}_open`, async () => {
    await page.getByRole('navigation').getByRole('link', { name: link, exact: true }).click();
    await list.locator('tbody a').first().waitFor();
  });
  await list.hover();
  const height = await list.evaluate((element) => element.scrollHeight);
  await step(`${name}_scroll`, async () => {
    for (let turn = 0; turn < WHEEL_TURNS; turn += 1) await page.mouse.wheel(0, height / WHEEL_TURNS);
    const until = performance.now() + LAST_ROW_MS;
    while (
      !(await list
        .locator(`tr[aria-rowindex="${(await total()) + 1}"] a`)
        .first()
        .isVisible())
    ) {
      if (performance.now() > until) throw new Error(`${link} did not come to its last row.`);
      await page.mouse.wheel(0, height / WHEEL_TURNS);
      await page.waitForTimeout(50);
    }
  });
  const all = await total();
  await step(`${name}_search`, async () => {
    await page.getByRole('searchbox').pressSequentially(words, { delay: 60 });
    while ((await total()) === all) await page.waitForTimeout(20);
  });
  await step(`${name}_search_cleared`, async () => {
    await page.getByRole('searchbox').fill('');
    while ((await total()) !== all) await page.waitForTimeout(20);
  });
  await step(`${name}_sort`, async () => {
    const head = list.getByRole('columnheader', { name: column });
    for (const direction of ['ascending', 'descending']) {
      await head.getByRole('button').click();
      await list.locator(`th[aria-sort="${direction}"]`).waitFor();
      await page.waitForTimeout(300);
    }
  });
}

async function useMap(page: Page, step: Step): Promise<void> {
  const link = page.getByRole('navigation').getByRole('link', { name: 'Map', exact: true });
  await link.hover();
  await page.waitForTimeout(300);
  const canvas = page.getByRole('region', { name: 'Map' });
  await step('map_open', async () => {
    await link.click();
    await canvas
      .getByRole('button', { name: /^(Expand|Collapse) / })
      .first()
      .waitFor();
  });
  await canvas.hover();
  await step('map_group', async () => {
    await canvas.getByRole('button', { name: 'Expand eu-central' }).click();
    await canvas.locator('[data-source]').first().waitFor();
  });
  await step('map_zoom', async () => {
    for (const delta of [-120, -120, -120, 120, 120, 120, 120, 120]) {
      await page.mouse.wheel(0, delta);
      await page.waitForTimeout(60);
    }
  });
  await step('map_pan', async () => {
    const box = await canvas.boundingBox();
    if (!box) throw new Error('The map is not there.');
    const [x, y] = [box.x + box.width - 60, box.y + box.height - 60];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let at = 1; at <= 30; at += 1) await page.mouse.move(x - at * 12, y - at * 8);
    await page.mouse.up();
  });
  await step('map_search', async () => {
    await page
      .getByRole('searchbox', { name: 'Find a data source or tenant' })
      .pressSequentially('fleet-0002', { delay: 60 });
    await canvas.locator('[data-found]').first().waitFor();
  });
  await step('map_tenants', async () => {
    await canvas.getByRole('button', { name: 'Show the tenants of fleet-0002' }).click();
    await page.locator('[data-tenant]').first().waitFor();
  });
  await step('map_search_cleared', async () => {
    await page.getByRole('searchbox', { name: 'Find a data source or tenant' }).fill('');
    await canvas.locator('[data-found]').first().waitFor({ state: 'detached' });
  });
  await step('map_drag', async () => {
    const chip = page.locator('[data-tenant]').first();
    await chip.scrollIntoViewIfNeeded();
    await chip.dragTo(canvas.locator('[data-source]:not([data-source="fleet-0002"])').first());
    await page.getByRole('dialog').waitFor();
  });
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

function worstOf(times: readonly Times[]): { clock: Spread; processor: Spread } {
  const worst = (of: keyof Times) => spreadOf(times.map((one) => Math.max(0, ...one[of])));
  return { clock: worst('clockMs'), processor: worst('processorMs') };
}

/** Sends what the screens asked for again, one request after another. */
async function replay(page: Page, asked: Asked) {
  const answers: { path: string; p95Ms: number; kb: number; requests: number }[] = [];
  for (const [path, { urls, bytes, requests }] of asked) {
    const ms: number[] = [];
    for (const url of [...urls].slice(-10))
      for (let n = 0; n < REPLAYS; n += 1) {
        const started = performance.now();
        const answer = await page.context().request.get(`${SERVICE()}${url}`);
        await answer.body();
        ms.push(performance.now() - started);
      }
    answers.push({ path, p95Ms: round3(quantile(ms, 0.95)), kb: round3(bytes / 1024), requests });
  }
  return answers;
}
