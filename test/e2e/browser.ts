import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium as engine, type Page } from 'playwright-core';
import { dateIn, shiftDate } from '@/lib/crm/dates';
import { until } from '../support/until';

export const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** Answers that belong to what a test does on purpose. */
const EXPECTED = /favicon|status of 401/;

/** A Chromium out of the npm package: nothing else has to be installed. @param flags further ones of its command line */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  return engine.launch({
    executablePath: await chromium.executablePath(),
    // Its own flags are for one-shot functions: a single process would hide what a real browser does.
    args: [
      ...chromium.args.filter((flag) => !/single-process|no-zygote|headless/.test(flag)),
      '--no-sandbox',
      // Software graphics stop for good after the blurred overlays of a dialog over a drawer, and with video.
      '--disable-gpu',
      ...flags,
    ],
    headless: true,
  });
}

/** The address of a demo company: `/t/a` rather than a subdomain, which not every resolver finds. */
export function addressOf(company: string, page = '/'): string {
  return `${baseUrl()}/t/${company}${page === '/' ? '' : page}`;
}

function baseUrl(): string {
  const given = process.env.MARQUEE_E2E_URL;
  if (!given) throw new Error('Run this with: npm run test:e2e');
  return given;
}

export function password(): string {
  return process.env.MARQUEE_E2E_PASSWORD ?? '';
}

/** A window signed in as one of a company's people, and what went wrong in it. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  /** Console errors and uncaught exceptions so far. */
  problems: string[];
}

/** @param person such as `owner`, `sales`; empty for no sign-in */
export async function visit(
  browser: Browser,
  { company = 'a', person = 'owner', viewport = SIZES.desk as { width: number; height: number } } = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport, locale: 'en-US', reducedMotion: 'reduce' });
  // A busy machine takes its time; what is wrong is wrong after a minute too.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  if (person) {
    const answer = await context.request.post(addressOf(company, '/api/session'), {
      headers: { origin: baseUrl() },
      data: { email: `${person}@${company}.example`, password: password() },
    });
    assert.equal(answer.status(), 200, await answer.text());
  }
  return { context, page, problems };
}

/** The time zone of the demo's companies. */
const TIME_ZONE = 'America/New_York';

/** ISO date of a day from today, as the demo's companies see it: in the evening that is another day than in UTC. */
export function dayIn(days: number): string {
  return shiftDate(dateIn(TIME_ZONE, new Date()), days);
}

/** Goes to a screen and waits until nothing more is on its way. */
export async function open(page: Page, company: string, screen: string): Promise<void> {
  await page.goto(addressOf(company, screen), { waitUntil: 'networkidle' });
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Fails on what axe calls serious or critical, saying where. @param rules of axe, all of them unless given */
export async function assertAccessible(page: Page, rules?: string[]): Promise<void> {
  // A colour on its way to another is neither.
  await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const ending = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  // Half a megabyte, so once a document.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const findings = await page.evaluate(async (values) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      // Not in the frames: a user has written what stands there, or it is a PDF. Nothing is described that is right.
      ...{ iframes: false, resultTypes: ['violations'] },
      ...(values ? { runOnly: { type: 'rule', values } } : {}),
    });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`),
      );
  }, rules);
  assert.deepEqual(findings, []);
}

/** Keeps a picture, when pictures are asked for. */
export async function keepScreen(page: Page, name: string): Promise<void> {
  const directory = process.env.MARQUEE_E2E_SCREENS;
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: path.join(directory, `${name}.jpg`), type: 'jpeg', quality: 72 });
}

/** A row of tenant A, made by the user who is signed in there. @returns its id */
export async function addRow(context: BrowserContext, table: string, row: object): Promise<string> {
  const answer = await context.request.post(addressOf('a', `/rest/v1/${table}`), {
    headers: { origin: new URL(addressOf('a')).origin, prefer: 'return=representation' },
    data: row,
  });
  assert.equal(answer.status(), 201, await answer.text());
  return (await answer.json())[0].id;
}

/** Deletes a row of tenant A. */
export async function removeRow(context: BrowserContext, table: string, id: string): Promise<void> {
  const answer = await context.request.delete(addressOf('a', `/rest/v1/${table}?id=eq.${id}`), {
    headers: { origin: new URL(addressOf('a')).origin },
  });
  assert.equal(answer.status(), 204, await answer.text());
}

/** A draft quote of tenant A with these lines. @returns its id */
export async function addQuote(context: BrowserContext, lines: object[]): Promise<string> {
  const account_id = await addRow(context, 'accounts', { name: `Lines ${Date.now()}` });
  const opportunity_id = await addRow(context, 'opportunities', { account_id, name: `Lines ${Date.now()}` });
  const id = await addRow(context, 'quotes', { account_id, opportunity_id });
  for (const [sort_order, line] of lines.entries()) {
    await addRow(context, 'quote_line_items', {
      quote_id: id,
      item_type: 'custom',
      quantity: 1,
      sort_order,
      ...line,
    });
  }
  return id;
}

/** Waits until the browser has stored the application's files, so that it opens offline. */
export async function storedPage(page: Page): Promise<void> {
  const isStored = async () => {
    if (navigator.serviceWorker.controller === null) return false;
    const list: string[] = await (await fetch('/offline.json')).json();
    return (await (await caches.open('marquee')).keys()).length > list.length;
  };
  // `waitForFunction` does not wait for what a function promises.
  await until(() => page.evaluate(isStored), 'the files to be stored', { everyMs: 200 });
}
