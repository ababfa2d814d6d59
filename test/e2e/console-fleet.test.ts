// The operator's work in the console from a new tenant to a lost database, with a Marquee and a customer's PostgreSQL of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { TOTP } from 'otpauth';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';
import { assertAccessible, keepScreen, launchBrowser, SIZES, visit } from './browser';
import { confirm, openConsole, tabTo, visitConsole } from './console';
import { type RunningInstance, startInstance } from './instance';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** As a DBA runs the script; where it is not installed the driver runs it. */
const PSQL = '/usr/lib/postgresql/15/bin/psql';
/** A busy machine copies slowly. */
const SLOW = { timeout: 60_000 };
const EDDA = 'edda@marquee.example';

describe('the console in daily work', () => {
  let directory: string;
  let state: string;
  let instance: RunningInstance;
  let customer: EmbeddedServer;
  let browser: Browser;
  let otto: Awaited<ReturnType<typeof visitConsole>>;
  let edda: Awaited<ReturnType<typeof visitConsole>>;
  let page: Page;

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'marquee-console-'));
    state = path.join(directory, 'state');
    [instance, customer, browser] = await Promise.all([
      startInstance(state, { empty: true }),
      startEmbeddedServer({ dataDirectory: path.join(directory, 'customer'), durable: false }),
      launchBrowser(),
    ]);
    // The start has used the code of this half minute.
    otto = await visitConsole(browser, { service: instance, ahead: 30_000 });
    page = otto.page;
  });
  after(async () => {
    await browser?.close();
    await customer?.kill('SIGQUIT');
    await instance?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const go = (screen: string, where = page) => openConsole(where, screen, instance.url);
  const onServer = async (text: string, database = 'crm') => {
    const client = new pg.Client({ connectionString: customer.url(database) });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  /** A URL of the customer's database. */
  const urlOf = (login: string, secret: string) => {
    const url = new URL(customer.url('crm'));
    [url.username, url.password] = [login, secret];
    return url.href;
  };
  const marquee = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['scripts/run.mjs', 'src/cli/main.ts', ...args], {
      cwd: ROOT,
      env: { ...process.env, MARQUEE_STATE_DIRECTORY: state },
    });
  /** Starts a move from the list of moves. */
  const planMove = async (tenant: string, to: string, where = page) => {
    await go('/moves', where);
    await where.getByRole('button', { name: 'Move a tenant' }).click();
    await choose(where, 'Tenant', tenant);
    await choose(where, 'To data source', to);
    await where.getByRole('button', { name: 'Continue' }).click();
  };
  const choose = async (where: Page, label: string, option: string) => {
    await where.getByRole('dialog').getByLabel(label, { exact: true }).fill(option);
    await where.getByRole('option', { name: option }).first().click();
  };

  test('with the keyboard alone a tenant is created, and its first owner signs in to the CRM', async () => {
    await go('/tenants');
    await tabTo(page, page.getByRole('button', { name: 'Create tenant' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    const type = async (label: string, text: string) => {
      await tabTo(page, dialog.getByLabel(label));
      await page.keyboard.type(text);
    };
    await type('Name of the company', 'Fresh Flash');
    await type('Subdomain', 'fresh');
    await type('Required region', 'local');
    await page.keyboard.press('Enter');
    // The best place is chosen, and says why.
    await dialog.getByText(/^It goes here: local, /).waitFor();
    assert.ok(
      await dialog
        .getByRole('radio', { name: /^shared-/ })
        .first()
        .isChecked(),
    );
    await tabTo(page, dialog.getByRole('button', { name: 'Next' }));
    await page.keyboard.press('Enter');
    await type('Email of the first owner', 'fay@fresh.example');
    await page.keyboard.press('Enter');
    await dialog.getByText('Fresh Flash is ready.').waitFor();
    await assertAccessible(page);
    const given = (await dialog.locator('pre').first().textContent()) ?? '';
    await page.keyboard.press('Escape');
    await page.getByRole('cell', { name: 'Fresh Flash' }).waitFor();

    const first = await visit(browser, { person: '' });
    await first.page.goto(`${instance.url}/t/fresh/`);
    await first.page.getByLabel('Email').fill('fay@fresh.example');
    await first.page.getByLabel('Password', { exact: true }).fill(given);
    await first.page.getByRole('button', { name: 'Sign in' }).click();
    await first.page.getByLabel('Temporary password').fill(given);
    await first.page.getByLabel('New password', { exact: true }).fill('flash in the pan 1');
    await first.page.getByLabel('Confirm new password').fill('flash in the pan 1');
    await first.page.keyboard.press('Enter');
    await first.page.getByRole('heading', { level: 1 }).waitFor();
    await first.page.getByRole('link', { name: 'Leads', exact: true }).waitFor();
    assert.deepEqual([otto.problems, first.problems], [[], []]);
    await first.context.close();
  });

  test('a customer’s database is added: wrong password, wrong roles, then by the printed script', async () => {
    await onServer("create role dba login createrole password 'p'", 'postgres');
    await onServer('create database crm owner dba', 'postgres');
    await onServer(
      "create role weak login password 'p'; create role mighty login createrole bypassrls password 'p'; grant create on database crm to mighty; grant create on schema public to mighty",
    );
    await go('/data-sources');
    await page.getByRole('button', { name: 'Add data source' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Customer’s database' }).click();
    await dialog.getByLabel('Name').fill('customer-x');
    const url = dialog.getByLabel('PostgreSQL URL of its owner');
    await url.fill(urlOf('marquee', 'a-wrong-password-of-24'));
    await dialog.getByText('allow its network 127.0.0.1/32').waitFor();
    await dialog.getByLabel('Allowed private networks').fill('127.0.0.0/8');
    await dialog.getByText('What to do:').first().waitFor();
    await dialog
      .getByText(/refused the login/)
      .first()
      .waitFor();
    await url.fill(urlOf('weak', 'p'));
    await dialog.getByText(/lacks CREATEROLE; CREATE on the database/).waitFor();
    await dialog.getByText(/What to do: Grant it, or have a DBA run the script/).waitFor();
    await url.fill(urlOf('mighty', 'p'));
    await dialog.getByText(/bypasses row-level security/).waitFor();
    await url.fill(urlOf('marquee', 'made-up-for-this-test'));
    await dialog.getByRole('button', { name: 'Script for the customer’s DBA' }).click();
    const script = (await dialog.locator('pre').textContent()) ?? '';
    assert.ok(!script.includes('made-up-for-this-test'));
    await assertAccessible(page);
    await keepScreen(page, 'console-byod-desk');
    if (existsSync(PSQL)) {
      const running = promisify(execFile)(PSQL, [
        urlOf('dba', 'p'),
        '-q',
        '-v',
        'ON_ERROR_STOP=1',
        '-f',
        '-',
      ]);
      running.child.stdin?.end(script);
      await running;
    } else await onServer(script);
    await dialog.getByRole('button', { name: 'Test again' }).click();
    await dialog
      .getByText(/refused the login/)
      .first()
      .waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Test again' }).waitFor();
    assert.equal(await dialog.getByText('failed', { exact: true }).count(), 0);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText('customer-x was added.').waitFor(SLOW);
    await dialog.getByRole('link', { name: 'Open its page' }).click();
    await page.getByRole('heading', { level: 1, name: 'customer-x' }).waitFor();
    await page.getByText('Healthy').first().waitFor();

    // It takes a tenant.
    await go('/tenants');
    await page.getByRole('button', { name: 'Create tenant' }).click();
    await dialog.getByLabel('Name of the company').fill('Xenia Booths');
    await dialog.getByLabel('Subdomain').fill('xenia');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await choose(page, 'Or a data source that is not shared', 'customer-x');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByLabel('Email of the first owner').fill('xenia@xenia.example');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByText('Xenia Booths is ready.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('row', { name: /Xenia Booths .*customer-x/ }).waitFor();
    assert.deepEqual(otto.problems.filter(unexpected), []);
  });

  test('two operators and a command line at one move: each is told by whom it was changed', async () => {
    const added = await otto.post<{ password: string }>('/operator/operators', {
      ...{ email: EDDA, name: 'Edda Engineer', role: 'owner' },
    });
    edda = await visitConsole(browser, { service: instance, email: EDDA, firstPassword: added.password });
    // Which shared source is the best place depends on their load.
    const tenant = await page.context().request.get(`${instance.url}/api/operator/tenants/fresh`);
    const { source } = (await tenant.json()) as { source: string };
    const other = source === 'shared-1' ? 'shared-2' : 'shared-1';
    await planMove('fresh', other);
    await page.getByText('The move can begin').waitFor(SLOW);
    await planMove('fresh', 'dedicated-e', edda.page);
    await edda.page.getByText('The move can begin').waitFor(SLOW);
    await confirm(page, 'fresh', 'Start the move');
    await page.getByText('Ready to cut over').waitFor(SLOW);
    // Both have dragged the same tenant.
    await confirm(edda.page, 'fresh', 'Start the move');
    await edda.page.getByText('The tenant is being moved already: Otto Operator began it.').waitFor();
    await planMove('fresh', 'dedicated-e', edda.page);
    await edda.page.getByText('The tenant is being moved already: Otto Operator began it.').waitFor();

    // Both look at the move, and both want it cut over.
    const address = new URL(page.url()).pathname.replace('/operator', '');
    await go(address, edda.page);
    for (const window of [page, edda.page]) {
      await window.getByRole('button', { name: 'Cut over now' }).click();
      await window.getByLabel('Type this name to confirm').fill('fresh');
    }
    await page.getByRole('dialog').getByRole('button', { name: 'Cut over now' }).click();
    await page.getByText('Moved, can be rolled back').first().waitFor(SLOW);
    await edda.page.getByRole('dialog').getByRole('button', { name: 'Cut over now' }).click();
    await edda.page.getByText('Otto Operator: Cut over now').waitFor();

    // With the keyboard alone it goes back.
    await page.bringToFront();
    await tabTo(page, page.getByRole('button', { name: 'Roll back' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByLabel('Type this name to confirm'));
    await page.keyboard.type('fresh');
    await page.keyboard.press('Enter');
    await page.getByText('Rolled back').first().waitFor(SLOW);

    // A move that the command line aborts while a dialog about it is open.
    // The former move ends a moment after the rollback, and refuses another one until then; each opening checks anew.
    for (let isPossible = false; !isPossible; ) {
      await planMove('fresh', other);
      const verdict = page.getByText(/^The move can(not)? begin$/);
      const refusal = page.getByRole('dialog').getByRole('alert');
      await verdict.or(refusal).first().waitFor(SLOW);
      isPossible = await page.getByText('The move can begin', { exact: true }).isVisible();
    }
    await confirm(page, 'fresh', 'Start the move');
    await page.getByText('Ready to cut over').waitFor(SLOW);
    await page.getByRole('button', { name: 'Cut over now' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type this name to confirm').fill('fresh');
    await marquee('move', 'abort', 'fresh');
    await dialog.getByText(/^Meanwhile cli:\S+ gave the command “Abort” for this move\.$/).waitFor(SLOW);
    assert.equal(await dialog.getByLabel('Type this name to confirm').inputValue(), 'fresh');
    await dialog.getByRole('button', { name: 'Cut over now' }).click();
    await dialog.getByText(/^cli:\S+ gave the command “abort” for this move meanwhile\./).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Aborted').first().waitFor(SLOW);
    assert.equal(await page.getByRole('button', { name: 'Cut over now' }).count(), 0);
    assert.deepEqual([otto.problems, edda.problems].flat().filter(unexpected), []);
  });

  test('a lost database is seen on every page by the stream, and again when it is back', async () => {
    // The list of data sources does not read again by itself: it shows what the stream announces.
    await go('/data-sources');
    const pages = new Map([['/data-sources', page]]);
    for (const screen of ['/map', '/attention', '/health']) {
      const window = await otto.context.newPage();
      await go(screen, window);
      pages.set(screen, window);
    }
    const shownAt = (screen: string, name: string) =>
      ({
        '/map': (of: Page) => of.locator(`[data-source="customer-x"][data-state="${name.toLowerCase()}"]`),
        '/health': (of: Page) => of.getByRole('row', { name: new RegExp(`customer-x ${name}`) }),
        '/data-sources': (of: Page) => of.getByRole('row', { name: new RegExp(`customer-x ${name}`) }),
        '/attention': (of: Page) =>
          of
            .getByRole('article')
            .filter({ hasText: 'customer-x' })
            .filter({ hasText: 'unhealthy' })
            .filter({ hasText: 'Data sources' }),
      })[screen] as (of: Page) => ReturnType<Page['locator']>;
    for (const [screen, window] of pages)
      if (screen !== '/attention') await shownAt(screen, 'Healthy')(window).waitFor();
    await customer.kill('SIGKILL');
    for (const [screen, window] of pages) await shownAt(screen, 'Unhealthy')(window).waitFor();
    const attention = pages.get('/attention') as Page;
    await shownAt('/attention', '')(attention).getByText('marquee health customer-x').waitFor();
    await assertAccessible(attention);
    await attention.setViewportSize(SIZES.phone);
    await keepScreen(attention, 'console-attention-phone');
    const width = await attention.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= SIZES.phone.width, `${width} px wide`);
    await customer.start();
    for (const [screen, window] of pages)
      await shownAt(screen, 'Healthy')(window).waitFor(screen === '/attention' ? { state: 'detached' } : {});
    for (const window of pages.values()) if (window !== page) await window.close();
    assert.deepEqual(otto.problems.filter(unexpected), []);
  });

  test('a database that hangs or is none: the connection test ends and says so', async () => {
    await go('/data-sources/customer-x');
    const badge = page.getByRole('heading', { level: 1 }).locator('xpath=..');
    process.kill(customer.pid as number, 'SIGSTOP');
    try {
      await page.getByRole('button', { name: 'Test its logins' }).click();
      await page.getByText('did not answer in time').first().waitFor();
      await badge.getByText('Unhealthy').waitFor();
    } finally {
      process.kill(customer.pid as number, 'SIGCONT');
    }
    await badge.getByText('Healthy', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Test its logins' }).click();
    await page.getByText('did not answer in time').first().waitFor({ state: 'detached' });

    const garbage = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\nThis is no PostgreSQL.');
    }).listen(0, '127.0.0.1');
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await go('/data-sources');
    await page.getByRole('button', { name: 'Add data source' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('odd');
    for (const [server, said] of [
      [garbage, /is not PostgreSQL’s protocol/],
      [silent, /did not answer in time/],
    ] as const) {
      const { port } = server.address() as AddressInfo;
      await dialog
        .getByLabel('PostgreSQL URL of its owner')
        .fill(`postgresql://owner:secret-of-it@127.0.0.1:${port}/crm`);
      await dialog.getByText(said).first().waitFor();
      assert.equal(await dialog.getByText('secret-of-it').count(), 0);
    }
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    for (const server of [garbage, silent]) server.close();
    assert.deepEqual(otto.problems.filter(unexpected), []);
  });

  test('a schema rollout halts at a database that refuses, goes on once it is retried or resumed, and another one is stopped', async () => {
    /** The database lacks the text of one function. */
    const fallBehind = () =>
      onServer(
        'delete from tenancy.function_files where path = (select min(path) from tenancy.function_files)',
      );
    const refuse = () =>
      onServer(`
        create function public.refuse() returns event_trigger language plpgsql as 'begin raise exception ''Not today''; end';
        create event trigger refuse on ddl_command_start execute function public.refuse()`);
    const allow = () => onServer('drop event trigger refuse; drop function public.refuse()');
    const start = async ({ allowDrift = false } = {}) => {
      await fallBehind();
      if (!allowDrift) await refuse();
      await page.getByRole('button', { name: 'Plan a rollout' }).click();
      if (allowDrift) await page.getByLabel('Migrate databases too that were changed by hand').check();
      await page.getByRole('button', { name: 'Show the plan' }).click();
      await page.getByRole('row', { name: /customer-x .*To migrate/ }).waitFor();
      await page.getByRole('button', { name: 'Start: 1 database' }).click();
      await page.getByText('Halted at customer-x').waitFor(SLOW);
    };
    await go('/schema-rollouts');
    await start();
    await assertAccessible(page);
    await keepScreen(page, 'console-schema-halted-desk');
    await allow();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Completed', { exact: true }).first().waitFor(SLOW);
    // A gate halts it after the migration. Where drift is refused it halts before: an index that is not valid differs from the version.
    const setValid = (isValid: boolean) =>
      onServer(`update pg_index set indisvalid = ${isValid} where indexrelid = (
        select min(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'public'::regnamespace and not i.indisunique and i.indislive and i.indisready)`);
    await setValid(false);
    await start({ allowDrift: true });
    await page.getByText(/^An index is not valid/).waitFor();
    await setValid(true);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    const rollouts = page.getByRole('table', { name: 'All rollouts' });
    await rollouts.getByText('Completed', { exact: true }).nth(1).waitFor(SLOW);
    await start();
    await page.getByRole('button', { name: 'Stop the rollout' }).click();
    const dialog = page.getByRole('dialog');
    const version = (await dialog.locator('code').first().textContent()) ?? '';
    await confirm(page, version, 'Stop the rollout');
    await page.getByText('Stopped', { exact: true }).first().waitFor();
    await allow();
    assert.deepEqual(otto.problems.filter(unexpected), []);
  });

  test('a connection that is cut: the page says of when it is, and catches up', async () => {
    await go('/tenants');
    await page.getByRole('searchbox').fill('late');
    await page.getByText('Nothing found').waitFor();
    await page.getByRole('button', { name: 'Create tenant' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the company').fill('Typed while it was cut');
    await otto.context.setOffline(true);
    try {
      await page.getByText(/^Connection lost: what you see is from \d+:\d\d:\d\d/).waitFor();
      await keepScreen(page, 'console-lost-desk');
      await edda.post('/operator/tenants', { name: 'Latecomer', subdomain: 'late', source: 'shared-1' });
    } finally {
      await otto.context.setOffline(false);
    }
    await page.getByText(/^Connection lost/).waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'Latecomer' }).waitFor();
    assert.equal(await dialog.getByLabel('Name of the company').inputValue(), 'Typed while it was cut');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'late');
  });

  test('a role that changes: buttons go, and a click is refused in words', async () => {
    const { page: window } = edda;
    await go('/tenants', window);
    await window.getByRole('searchbox').fill('fresh');
    await window.getByRole('checkbox', { name: 'Select' }).first().check();
    const { operators } = await otto.context.request
      .get(`${instance.url}/api/operator/operators`)
      .then((answer) => answer.json());
    const { id } = operators.find(({ email }: { email: string }) => email === EDDA);
    const changed = await otto.context.request.patch(`${instance.url}/api/operator/operators/${id}`, {
      headers: { origin: instance.url },
      data: { role: 'auditor' },
    });
    assert.ok(changed.ok(), await changed.text());
    // Their sessions have ended: they sign in again at the same place.
    const dialog = window.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(instance.password);
    assert.equal(await dialog.getByLabel('Company').count(), 0);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    // What the page believes of the role is held back, as on a slow network.
    const held = Promise.withResolvers<void>();
    await window.route('**/api/operator/me', async (route) => {
      await held.promise;
      await route.continue();
    });
    const code = new TOTP({ secret: edda.secret }).generate({ timestamp: Date.now() + 30_000 });
    await dialog.locator('input[autocomplete="one-time-code"]').first().click();
    await window.keyboard.type(code);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await window.getByRole('searchbox').inputValue(), 'fresh');
    await window.getByRole('button', { name: 'Suspend' }).click();
    await window.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await window
      .getByText(/This needs an operator who is/)
      .first()
      .waitFor();
    held.resolve();
    await window.getByRole('button', { name: 'Create tenant' }).waitFor({ state: 'detached' });
    await window.getByRole('cell', { name: 'Fresh Flash' }).waitFor();
    assert.deepEqual(edda.problems.filter(unexpected), []);
  });

  test('the server restarts: the page connects again by itself, with what was typed', async () => {
    await go('/tenants');
    await page.getByRole('button', { name: 'Create tenant' }).click();
    const name = page.getByRole('dialog').getByLabel('Name of the company');
    await name.fill('Typed before the restart');
    const { port } = new URL(instance.url);
    await instance.kill();
    await page.getByText(/^Connection lost: what you see is from/).waitFor();
    instance = await startInstance(state, { port: Number(port), empty: true });
    await page.getByText(/^Connection lost/).waitFor({ state: 'detached', ...SLOW });
    assert.equal(await name.inputValue(), 'Typed before the restart');
    await page.keyboard.press('Escape');
    await page.getByRole('cell', { name: 'Fresh Flash' }).waitFor();
  });
});

/** Refusals that a test provokes are written to the browser's console, too. */
function unexpected(problem: string): boolean {
  return !/status of 4(03|09)/.test(problem);
}
