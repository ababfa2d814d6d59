// A server that dies and comes back, and a company that moves, while people work. It needs a server of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from './browser';
import { type RunningInstance, startInstance } from './instance';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('a server of one’s own', () => {
  let directory: string;
  let state: string;
  let instance: RunningInstance;
  let browser: Browser;
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'marquee-gone-'));
    state = path.join(directory, 'state');
    instance = await startInstance(state, { empty: true });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await instance.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const signIn = async (): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' });
    context.setDefaultTimeout(60_000);
    const answer = await context.request.post(`${instance.url}/t/a/api/session`, {
      headers: { origin: instance.url },
      data: { email: 'owner@a.example', password: instance.password },
    });
    assert.equal(answer.status(), 200, await answer.text());
    return { context, page: await context.newPage() };
  };
  const addAccount = async (context: BrowserContext, name: string): Promise<string> => {
    const answer = await context.request.post(`${instance.url}/t/a/rest/v1/accounts`, {
      headers: { origin: instance.url, prefer: 'return=representation' },
      data: { name },
    });
    return (await answer.json())[0].id;
  };
  const marquee = async (...args: string[]) =>
    (
      await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'src/cli/main.ts', ...args], {
        cwd: ROOT,
        env: { ...process.env, MARQUEE_STATE_DIRECTORY: state },
      })
    ).stdout;

  test('killed mid-edit, back on the same port: what was typed is kept and saved', async () => {
    const { context, page } = await signIn();
    const id = await addAccount(context, 'Before the crash');
    await page.goto(`${instance.url}/t/a/accounts/${id}`, { waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'Edit' }).first().click();
    await page.getByLabel('Industry').fill('Typed while it died');
    const { port } = new URL(instance.url);
    await instance.kill();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('What you typed is kept on this device.').waitFor();
    instance = await startInstance(state, { port: Number(port), empty: true });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByLabel('Industry').waitFor({ state: 'detached' });
    await page.getByText('Typed while it died').waitFor();
    await context.close();
  });

  test('a company moves to another database while a user works: nothing is noticed, nothing lost', async () => {
    const { context, page } = await signIn();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('response', (answer) => {
      if (answer.status() >= 400)
        errors.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
    const id = await addAccount(context, 'Moving along');
    await page.goto(`${instance.url}/t/a/accounts/${id}`, { waitUntil: 'networkidle' });
    let moving = true;
    const typed: string[] = [];
    const work = (async () => {
      for (let count = 1; moving || count <= 3; count++) {
        await page.getByRole('button', { name: 'Edit' }).first().click();
        await page.getByLabel('Industry').fill(`Edit ${count}`);
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText(`Edit ${count}`, { exact: true }).first().waitFor();
        typed.push(`Edit ${count}`);
        await page.getByLabel('Industry').waitFor({ state: 'detached' });
        const note = `Note ${count}`;
        await page.getByPlaceholder('Write a note for your team').fill(note);
        await page.getByRole('button', { name: 'Add note' }).click();
        await page.getByText(note, { exact: true }).waitFor();
      }
    })();
    try {
      await marquee('move', 'start', 'a', '--to', 'shared-2', '--auto-cut-over');
    } finally {
      moving = false;
    }
    await work;
    assert.match(await marquee('move', 'status', 'a'), /step\s+cut over to the target/);
    assert.deepEqual(errors, []);
    assert.equal(await page.getByText('That did not work').count(), 0);
    const read = async (what: string) =>
      (await context.request.get(`${instance.url}/t/a/rest/v1/${what}`)).json();
    assert.deepEqual(await read(`accounts?select=industry&id=eq.${id}`), [{ industry: typed.at(-1) }]);
    assert.equal((await read(`notes?select=id&entity_id=eq.${id}`)).length, typed.length);
    await context.close();
  });
});
