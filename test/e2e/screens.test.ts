import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addressOf,
  assertAccessible,
  keepScreen,
  launchBrowser,
  open,
  SIZES,
  type Visit,
  visit,
} from './browser';
import { DIALOGS, SCREENS } from './every-screen';

/** All that a dark screen does differently. */
const COLOURS = ['color-contrast'];
/** Kept as pictures in the dark too. */
const DARK = ['today', 'event', 'availability', 'pipeline', 'quote', 'crew', 'reports', 'palette'];

describe('every screen', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [size, viewport] of Object.entries(SIZES)) {
    describe(`is accessible in light and dark, fits and is free of errors (${size})`, () => {
      let visitor: Visit;
      before(async () => {
        visitor = await visit(browser, { viewport });
      });
      after(() => visitor.context.close());

      for (const { name, address, recordOf, show } of [...SCREENS, ...DIALOGS]) {
        test(name, async () => {
          const { page, problems, context } = visitor;
          problems.length = 0;
          await page.emulateMedia({ colorScheme: 'light' });
          const screen = recordOf ? address.replace('ID', await idOf(context, recordOf)) : address;
          await open(page, 'a', screen);
          await page.locator('h1').first().waitFor();
          await show?.(page);
          await assertAccessible(page);
          await assertFits(page);
          await keepScreen(page, `${name}-${size}`);
          // A phone's screens have the same colours.
          if (size === 'desk' || DARK.includes(name)) {
            await page.emulateMedia({ colorScheme: 'dark' });
            await assertAccessible(page, COLOURS);
          }
          if (DARK.includes(name)) await keepScreen(page, `${name}-dark-${size}`);
          assert.deepEqual(problems, []);
        });
      }
    });
  }

  test('is accessible and fits where a client opens it', async () => {
    const { context: office } = await visit(browser);
    const sent = await office.request.post(
      addressOf('a', `/api/quotes/${await idOf(office, 'quotes?status=eq.sent')}/send`),
      { headers: { origin: new URL(addressOf('a')).origin }, data: {} },
    );
    assert.equal(sent.status(), 200, await sent.text());
    const { pathname } = new URL((await sent.json()).url);
    await office.close();
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { page, context, problems } = await visit(browser, { person: '', viewport });
      await open(page, 'a', pathname.replace(/^\/t\/a/, ''));
      await page.getByLabel('Your full name').waitFor();
      await assertAccessible(page);
      await assertFits(page);
      await keepScreen(page, `client-offer-${size}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await assertAccessible(page, COLOURS);
      assert.deepEqual(problems, []);
      await context.close();
    }
  });

  test('speaks German', async () => {
    const { page, context, problems } = await visit(browser);
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await open(page, 'a', '/accounts');
    await page
      .getByRole('heading', { level: 1, name: 'Konten' })
      .or(page.getByRole('heading', { level: 1, name: 'Kunden' }))
      .waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    assert.deepEqual(problems, []);
    await context.close();
  });
});

async function assertFits(page: Page): Promise<void> {
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(sideways <= 0, `The page is ${sideways} px wider than the screen.`);
}

async function idOf(window: BrowserContext, query: string): Promise<string> {
  const answer = await window.request.get(addressOf('a', `/rest/v1/${query}&select=id&limit=1`));
  const [row] = (await answer.json()) as { id: string }[];
  assert.ok(row, `There is no ${query}.`);
  return row.id;
}
