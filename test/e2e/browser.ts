import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium as engine, type Page } from 'playwright-core';

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
  // axe would wait for ever in a frame that runs no scripts. Its content was written by a user.
  const axe = new AxeBuilder({ page }).exclude('iframe[sandbox=""]');
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const findings = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`),
    );
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
