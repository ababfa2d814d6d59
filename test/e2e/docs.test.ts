// The API's reference at /docs, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { addressOf, keepScreen, launchBrowser, visit } from './browser';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

describe('the API’s reference', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  test('shows every operation, sends a request signed with an API key, and nothing leaves the origin', async () => {
    const { origin } = new URL(addressOf('a'));
    const owner = await visit(browser);
    const made = await owner.context.request.post(addressOf('a', '/api/keys'), {
      headers: { origin },
      data: { name: `Reference ${Date.now()}`, kind: 'scoped', role: 'viewer' },
    });
    const { key } = await made.json();
    const { paths } = await (await owner.context.request.get(addressOf('a', '/api/openapi.json'))).json();
    await owner.context.close();

    const { page, context, problems } = await visit(browser, { person: '' });
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
        elsewhere.push(request.url());
    });
    await page.goto(addressOf('a', '/docs'));
    await page.getByLabel('Bearer Token').fill(key);
    const closed = page.getByRole('button', { name: /^Open Group/ });
    const operation = (method: string, path: string) => `/${method.toUpperCase()}${path}`;
    await page.getByRole('link', { name: 'Introduction' }).waitFor();
    for (let group = await closed.count(); group > 0; group--) await closed.first().click();
    const links = await page
      .locator('a[href^="#tag/"]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    const shown = new Set(links.map((link) => link?.replace(/^#tag\/[^/]+/, '')));
    const described = Object.entries<object>(paths).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) =>
        operation(method, 'servers' in item ? path : `/api${path}`),
      ),
    );
    assert.ok(described.length > 200);
    assert.deepEqual(
      described.filter((one) => !shown.has(one)),
      [],
    );
    await keepScreen(page, 'docs-desk');

    await page.locator('a[href="#tag/rows/GET/rest/v1/"]').first().click();
    await page.getByRole('button', { name: 'Test Request (get /rest/v1/)' }).click();
    const answered = page.waitForResponse((response) => response.url().includes('/rest/v1'));
    await page.getByRole('button', { name: /^Send/ }).first().click();
    const answer = await answered;
    assert.equal(answer.url(), addressOf('a', '/rest/v1/'));
    assert.equal(answer.request().headers().authorization, `Bearer ${key}`);
    assert.equal(answer.status(), 200);
    await page.getByText('200 OK').first().waitFor();
    await keepScreen(page, 'docs-sent-desk');
    assert.equal(
      await page.evaluate((secret) => JSON.stringify({ ...localStorage }).includes(secret), key),
      false,
    );
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(problems, []);
    await context.close();
  });
});
