// A real Chromium against the Marquee that scripts/test-e2e.ts started.
import { after } from 'node:test';
import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

const base = process.env.MARQUEE_E2E_URL ?? 'http://localhost:3000';
const password = process.env.MARQUEE_E2E_PASSWORD ?? 'photobooth';

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface SignedIn {
  page: Page;
  /** Errors of the console and of scripts, with where they came from. */
  problems: string[];
  /** Goes to a screen and waits until it has its data. */
  open(path: string): Promise<void>;
}

/** A browser of its own, signed in as a person of tenant A. */
export async function signIn(role: string, viewport: { width: number; height: number }): Promise<SignedIn> {
  const browser: Browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, '--no-sandbox'],
    headless: true,
  });
  after(() => browser.close());
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', locale: 'en-US' });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
  const open = async (path: string) => {
    await page.goto(`${base}/t/a${path}`);
    await page.waitForLoadState('networkidle');
  };
  await open('/sign-in');
  await page.getByLabel('E-mail').fill(`${role}@a.example`);
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: /Good (morning|afternoon|evening)/ }).waitFor();
  return { page, problems, open };
}
