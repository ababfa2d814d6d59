// The operator's console in a browser: who signs in there, and its screens.
import assert from 'node:assert/strict';
import { TOTP } from 'otpauth';
import type { Browser, Locator, Page } from 'playwright-core';
import { password, SIZES, type Visit, visit } from './browser';

export const SERVICE = () => new URL(process.env.MARQUEE_E2E_URL ?? '').origin;

/** Another Marquee than the shared one. */
interface Service {
  url: string;
  password: string;
}

interface OperatorWindow extends Visit {
  /** Of the second factor. */
  secret: string;
  /** A request of this operator. @param path below `/api` */
  post<Answer>(path: string, data?: object): Promise<Answer>;
  /** Takes the second factor away again, and closes the window. */
  leave: () => Promise<void>;
}

interface Visitor {
  viewport?: { width: number; height: number };
  /** How much later the code of the second factor is, ms: each works once. */
  ahead?: number;
  service?: Service;
  email?: string;
  /** Given out by another operator: it is changed to the service's. */
  firstPassword?: string;
}

/** A window of the demo's operator, or of another one, with a second factor. */
export async function visitConsole(
  browser: Browser,
  { viewport = SIZES.desk, ahead = 0, email = 'operator@marquee.example', ...visitor }: Visitor = {},
): Promise<OperatorWindow> {
  const { service = { url: SERVICE(), password: password() }, firstPassword } = visitor;
  const window = await visit(browser, { person: '', viewport });
  const post = async (path: string, data: object = {}) => {
    const answer = await window.context.request.post(`${service.url}/api${path}`, {
      headers: { origin: service.url },
      data,
    });
    const text = await answer.text();
    assert.ok(answer.ok(), `${path}: ${answer.status()} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  await post('/session', { email, password: firstPassword ?? service.password });
  if (firstPassword) await post('/account/password', { current: firstPassword, password: service.password });
  const { secret, token } = await post('/account/second-factor');
  const code = new TOTP({ secret }).generate({ timestamp: Date.now() + ahead });
  await post('/account/second-factor/confirm', { token, code, current: service.password });
  return {
    ...{ ...window, secret, post },
    leave: async () => {
      await post('/account/second-factor/remove', { current: service.password });
      await window.context.close();
    },
  };
}

/** Goes to a screen of the console and waits for its data. The stream of changes stays open, so the network is never idle. */
export async function openConsole(page: Page, screen: string, service = SERVICE()): Promise<void> {
  await page.goto(`${service}/operator${screen}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Types the name in the dialog of a dangerous step, and goes on. */
export async function confirm(page: Page, name: string, action: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Type this name to confirm').fill(name);
  await dialog.getByRole('button', { name: action }).click();
}

/** Presses Tab until the element has the focus: fails where the keyboard does not reach it. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`The keyboard does not reach ${target}.`);
}
