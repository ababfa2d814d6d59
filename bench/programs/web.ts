// The web application in a real Chromium, served by Marquee itself: what a first visit loads, how a long list scrolls, how
// long it takes from one screen to another.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { addressOf, launchBrowser, open, visit } from '../../test/e2e/browser';
import { startInstance } from '../../test/e2e/instance';
import { quantile, round3 } from '../measure';

export const description =
  'the web application in a browser: first load, scrolling 10,000 rows, going from screen to screen';

const LIMITS = { firstLoadKb: 250, worstFrameMs: 50, navigateMs: 100 };
const ROWS = 10_000;
const ROWS_A_REQUEST = 1000;
const SCROLLS = 240;
const ROUNDS = 12;
/** Screens gone to in turn, by the name of their link. */
const SCREENS = [
  'Tasks',
  'Events',
  'Crew',
  'Leads',
  'Accounts',
  'Contacts',
  'Quotes',
  'Invoices',
  'Templates',
];

export async function run() {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-web-'));
  const instance = await startInstance(directory);
  process.env.MARQUEE_E2E_URL = instance.url;
  process.env.MARQUEE_E2E_PASSWORD = instance.password;
  const browser = await launchBrowser();
  try {
    const { page } = await visit(browser, { company: 'b' });
    // tsx names inner functions with a helper that the page does not have.
    await page.addInitScript('globalThis.__name ??= (value) => value');
    const firstLoad = await measureFirstLoad(page);
    const navigation = await measureNavigation(page);
    await addAccounts(page);
    const frames = await measureScrolling(page);
    const [firstLoadKb, worstFrame, p95] = [
      round3(firstLoad / 1024),
      round3(Math.max(...frames)),
      round3(quantile(navigation, 0.95)),
    ];
    return {
      first_load_kb: firstLoadKb,
      scroll_worst_frame_ms: worstFrame,
      scroll_p95_frame_ms: round3(quantile(frames, 0.95)),
      scroll_rows: ROWS,
      navigate_p95_ms: p95,
      navigate_median_ms: round3(quantile(navigation, 0.5)),
      within_limits:
        firstLoadKb <= LIMITS.firstLoadKb && worstFrame <= LIMITS.worstFrameMs && p95 <= LIMITS.navigateMs,
    };
  } finally {
    await browser.close();
    await instance.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Bytes of JavaScript, as they come over the wire, until the first screen shows its data. */
async function measureFirstLoad(page: Page): Promise<number> {
  const protocol = await page.context().newCDPSession(page);
  const scripts = new Set<string>();
  let bytes = 0;
  await protocol.send('Network.enable');
  await protocol.send('Network.setCacheDisabled', { cacheDisabled: true });
  protocol.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.mimeType.includes('javascript')) scripts.add(requestId);
  });
  protocol.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await open(page, 'b', '/');
  await protocol.detach();
  return bytes;
}

/** Milliseconds from the click on a link to the frame that shows the screen, once every screen has been loaded. */
async function measureNavigation(page: Page): Promise<number[]> {
  const durations: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of SCREENS) {
      const duration = await page.evaluate(goTo, name);
      // The first round loads the screens.
      if (round === 0) await page.waitForLoadState('networkidle');
      else durations.push(duration);
      await page.waitForTimeout(60);
    }
  }
  return durations;
}

/** In the page: clicks a link of the navigation and waits for the frame after its heading has come. */
function goTo(name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const link = [...document.querySelectorAll<HTMLAnchorElement>('nav a')].find(
      (a) => a.textContent === name,
    );
    if (!link) {
      reject(new Error(`There is no link ${name}.`));
      return;
    }
    const started = performance.now();
    const look = () => {
      if (document.querySelector('h1')?.textContent === name) {
        requestAnimationFrame(() => resolve(performance.now() - started));
      } else if (performance.now() - started > 10_000) {
        reject(new Error(`${name} did not come.`));
      } else requestAnimationFrame(look);
    };
    link.click();
    look();
  });
}

async function addAccounts(page: Page): Promise<void> {
  for (let from = 0; from < ROWS; from += ROWS_A_REQUEST) {
    const rows = Array.from({ length: ROWS_A_REQUEST }, (_, index) => ({
      name: `Client ${String(from + index).padStart(5, '0')}`,
      account_type: index % 3 === 0 ? 'individual' : 'company',
      email: `client${from + index}@example.com`,
      phone: '+1 555 0100',
      billing_city: 'Riverton',
    }));
    const answer = await page.context().request.post(addressOf('b', '/rest/v1/accounts'), {
      data: rows,
      headers: { origin: new URL(addressOf('b')).origin, prefer: 'return=minimal' },
    });
    if (!answer.ok()) throw new Error(`The rows could not be added: ${await answer.text()}`);
  }
}

/** Milliseconds between frames while the list is scrolled from its first row to its last. */
async function measureScrolling(page: Page): Promise<number[]> {
  await open(page, 'b', '/accounts');
  const list = page.getByRole('region', { name: 'List of Accounts' });
  await list.locator('tbody a').first().waitFor();
  await page.waitForTimeout(500);
  return list.evaluate(
    (element, steps) =>
      new Promise<number[]>((resolve) => {
        const frames: number[] = [];
        const step = element.scrollHeight / steps;
        let last = performance.now();
        const next = (now: number) => {
          frames.push(now - last);
          last = now;
          if (frames.length > steps) {
            // The first frame waited for this function.
            resolve(frames.slice(1));
            return;
          }
          element.scrollTop += step;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      }),
    SCROLLS,
  );
}
