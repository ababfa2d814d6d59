import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TOTP } from 'otpauth';
import type { APIRequestContext, Browser, BrowserContext } from 'playwright-core';
import {
  addRow,
  addressOf,
  assertAccessible,
  keepScreen,
  launchBrowser,
  open,
  password,
  SIZES,
  visit,
} from './browser';

const SERVICE = new URL(addressOf('a')).origin;

/** Otto Operator of the demo, with a second factor; `leave` takes it away again. @param ahead ms: a code of a period works once */
async function operatorIn(context: BrowserContext, { ahead = 0 } = {}) {
  const { request } = context;
  const post = async (path: string, data: object = {}) => {
    const answer = await request.post(`${SERVICE}/api${path}`, { headers: { origin: SERVICE }, data });
    const text = await answer.text();
    assert.ok(answer.ok(), `${path}: ${answer.status()} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  await post('/session', { email: 'operator@marquee.example', password: password() });
  const { secret, token } = await post('/account/second-factor');
  const code = new TOTP({ secret }).generate({ timestamp: Date.now() + ahead });
  await post('/account/second-factor/confirm', { token, code, current: password() });
  return { post, leave: () => post('/account/second-factor/remove', { current: password() }) };
}

async function nameOf(request: APIRequestContext, id: string): Promise<string> {
  const answer = await request.get(`${addressOf('a')}/rest/v1/accounts?select=name&id=eq.${id}`);
  return (await answer.json())[0]?.name;
}

describe('support', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('asks, is allowed, changes a record under its own name, and is ended by the owner', async () => {
    const owner = await visit(browser);
    const account = await addRow(owner.context, 'accounts', { name: 'Helped Ltd' });
    const operator = await browser.newContext();
    const { post, leave } = await operatorIn(operator);
    const reason = 'Invoice 17 shows a wrong total';
    const asked = await post('/operator/support-access', { tenant: 'a', reason, hours: 2, role: 'manager' });

    await open(owner.page, 'a', '/settings?tab=supportAccess');
    const entry = owner.page
      .getByRole('region', { name: 'Otto Operator' })
      .filter({ hasText: 'Waiting for you' });
    await entry.getByText(reason).waitFor();
    await entry.getByText('Manager for 2 hours').waitFor();
    await assertAccessible(owner.page);
    await keepScreen(owner.page, 'support-asked-desk');
    await entry.getByRole('button', { name: 'Allow for 2 hours' }).click();
    await owner.page.getByText('Never signed in').first().waitFor();

    const { token } = await post(`/operator/support-access/${asked.id}/token`);
    const support = await visit(browser, { person: '' });
    await support.page.goto(`${addressOf('a')}/support#${token}`);
    await support.page.getByRole('heading', { level: 1, name: 'Support access' }).waitFor();
    assert.equal(new URL(support.page.url()).hash, '', 'the token leaves the address');
    await assertAccessible(support.page);
    await keepScreen(support.page, 'support-begin-desk');
    await support.page.getByRole('button', { name: 'Begin' }).click();
    const mine = support.page
      .getByRole('status')
      .filter({ hasText: 'You are here for support as Otto Operator' });
    await mine.waitFor();
    await open(support.page, 'a', `/accounts/${account}`);
    await mine.waitFor();
    await assertAccessible(support.page);
    await keepScreen(support.page, 'support-bar-desk');
    await support.page.setViewportSize(SIZES.phone);
    await keepScreen(support.page, 'support-bar-phone');

    const changed = await support.context.request.patch(
      `${addressOf('a')}/rest/v1/accounts?id=eq.${account}`,
      { headers: { origin: SERVICE }, data: { name: 'Helped & Sons' } },
    );
    assert.ok(changed.ok(), await changed.text());
    assert.equal(await nameOf(owner.context.request, account), 'Helped & Sons');

    await open(owner.page, 'a', `/accounts/${account}?tab=history`);
    const theirs = owner.page
      .getByRole('status')
      .filter({ hasText: 'Otto Operator from support has access until' });
    await theirs.waitFor();
    await owner.page.getByText('Otto Operator (support)').first().waitFor();
    await keepScreen(owner.page, 'support-history-desk');

    await owner.page.setViewportSize(SIZES.phone);
    await open(owner.page, 'a', '/settings?tab=supportAccess');
    await owner.page.getByText('Last signed in').first().waitFor();
    await assertAccessible(owner.page);
    await keepScreen(owner.page, 'support-open-phone');
    await theirs.getByRole('button', { name: 'End' }).click();
    await theirs.waitFor({ state: 'detached' });
    await owner.page.getByText('Ended', { exact: true }).first().waitFor();
    const refused = await support.context.request.get(`${addressOf('a')}/api/people`);
    assert.equal(refused.status(), 401);

    // Without an answer, and not at all: the owner decides.
    await owner.page.setViewportSize(SIZES.desk);
    await owner.page.getByRole('radio', { name: 'Never' }).click();
    await owner.page.getByText('Saved').first().waitFor();
    const declined = await operator.request.post(`${SERVICE}/api/operator/support-access`, {
      headers: { origin: SERVICE },
      data: { tenant: 'a', reason, hours: 1 },
    });
    assert.equal((await declined.json()).code, 'support_access_refused');
    await owner.page.getByRole('radio', { name: 'Only when we allow it' }).click();
    await owner.page.getByRole('radio', { name: 'Only when we allow it', checked: true }).waitFor();
    await keepScreen(owner.page, 'support-over-desk');
    assert.deepEqual(owner.problems, []);

    await leave();
    for (const { context } of [owner, support]) await context.close();
    await operator.close();
  });

  test('ends its own access, and reads so in German', async () => {
    const owner = await visit(browser, { company: 'b' });
    const operator = await browser.newContext();
    const { post, leave } = await operatorIn(operator, { ahead: 30_000 });
    const asked = await post('/operator/support-access', {
      tenant: 'b',
      reason: 'Ein Beleg fehlt',
      hours: 1,
    });
    const answer = await owner.context.request.post(
      addressOf('b', `/api/support-access/${asked.id}/answer`),
      { headers: { origin: SERVICE }, data: { allow: true } },
    );
    assert.equal(answer.status(), 200, await answer.text());
    const { token } = await post(`/operator/support-access/${asked.id}/token`);
    const { page, context } = await visit(browser, { person: '' });
    await page.addInitScript(() => localStorage.setItem('marquee.language', 'de'));
    await page.goto(`${addressOf('b')}/support#${token}`);
    await page.getByRole('button', { name: 'Beginnen' }).click();
    const bar = page.getByRole('status').filter({ hasText: 'Sie sind als Otto Operator vom Support hier' });
    await bar.waitFor();
    await keepScreen(page, 'support-bar-german-desk');
    await bar.getByRole('button', { name: 'Beenden' }).click();
    await page.waitForURL('**/sign-in**');
    const list = await owner.context.request.get(addressOf('b', '/api/support-access'));
    assert.equal((await list.json()).accesses[0].state, 'over');
    await leave();
    for (const one of [context, owner.context, operator]) await one.close();
  });
});
