// Every dialog of the console that no story opens, in both languages: it opens, is accessible, fits, and says nothing in another one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Instance, openInstance } from '@/cli/instance';
import { raiseCondition, titled } from '@/lib/alerts';
import { withAdministrator } from '@/lib/data-sources';
import { de } from '@/web/operator/words/de';
import { en } from '@/web/operator/words/en';
import { assertAccessible, keepScreen, launchBrowser, SIZES } from './browser';
import { openConsole, SERVICE, visitConsole } from './console';

type Words = typeof en;
const LANGUAGES = [
  { language: 'en', size: 'desk', words: en as Words },
  { language: 'de', size: 'phone', words: de as unknown as Words },
] as const;
/** A busy machine copies slowly. */
const SLOW = { timeout: 180_000 };
const MONTH = new Date().toISOString().slice(0, 7);

describe('the dialogs of the console', () => {
  let browser: Browser;
  let instance: Instance;
  let operator: Awaited<ReturnType<typeof visitConsole>>;
  let page: Page;
  before(async () => {
    process.env.MARQUEE_STATE_DIRECTORY = process.env.MARQUEE_E2E_STATE;
    [instance, browser] = await Promise.all([openInstance(), launchBrowser()]);
    operator = await visitConsole(browser, { ahead: 30_000 });
    page = operator.page;
    await addWhatIsThere(instance, operator.post);
  });
  after(async () => {
    await drift('drop index if exists public.accounts_by_phone_of_a_dba');
    await operator?.leave();
    await browser?.close();
    await instance?.close();
  });

  const drift = async (sql: string) => {
    const source = await instance.operations.dataSources.get('shared-2');
    await withAdministrator(instance.operations, source, (admin) => admin.query(sql));
  };

  for (const { language, size, words } of LANGUAGES) {
    const dialog = () => page.getByRole('dialog');
    const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).first();
    const go = (screen: string) => openConsole(page, screen);
    /** Opens a screen and its dialog, looks at it, and closes it. */
    const look = async (name: string, screen: string, open: () => Promise<void>) => {
      await go(screen);
      await open();
      await dialog().waitFor();
      await assertAccessible(page);
      const wide = await dialog().evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
      await keepScreen(page, `console-dialog-${name}-${size}`);
      assert.deepEqual(operator.problems, [], name);
      // The first Escape closes an open list of choices, where the keyboard is in one.
      for (let presses = 0; presses < 2 && (await dialog().count()) > 0; presses += 1) {
        await page.keyboard.press('Escape');
        await dialog()
          .waitFor({ state: 'detached', timeout: 5_000 })
          .catch(() => undefined);
      }
      await dialog().waitFor({ state: 'detached' });
    };
    const inMenu = async (item: string) => {
      await button(words.operators.actionsFor.replace('{{name}}', 'Dora Dialog')).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };

    test(`they open, are accessible and fit: ${language}, ${size}`, async () => {
      await page.setViewportSize(SIZES[size]);
      await page.goto(`${SERVICE()}/operator`);
      await page.evaluate((value) => localStorage.setItem('marquee.language', value), language);

      await look('acknowledge', '/alerts', () => button(words.alerts.acknowledge).click());
      await look('alert-rule', '/alerts?tab=rules', () => button('outside-hours').click());
      await look('alert-rule-fixed', '/alerts?tab=rules', () => button('alert-rules-changed').click());
      await look('hold-release', '/backups?tab=holds', () => button(words.backups.holds.release).click());
      await look('export', '/tenants/d', () => button(words.offboarding.export).click());
      await look('erase', '/tenants/c', () => button(words.offboarding.erase).click());
      await look('suspend', '/tenants/d', () => button(words.tenants.suspend).click());
      await look('budget', '/tenants/d', () => button(words.usage.changeBudget).click());
      await look('create-tenant', '/tenants', () => button(words.tenants.create.open).click());
      await look('add-source', '/data-sources', () => button(words.sources.add.open).click());
      await look('rotate-logins', '/data-sources/shared-1', () =>
        button(words.sourceOperation.rotate).click(),
      );
      await look('accept-request', '/requests', () => button(words.requests.accept).click());
      await look('refuse-request', '/requests', () => button(words.requests.refuse).click());
      await look('add-bill', '/cost', () => button(words.cost.addBill).click());
      await look('correct-bill', '/cost', () => button(words.cost.correct).click());
      await look('add-operator', '/operators', () => button(words.operators.add).click());
      await look('role', '/operators', () => inMenu(words.operators.changeRole));
      await look('remove-operator', '/operators', () => inMenu(words.operators.remove));
      await look('start-move', '/moves', () => button(words.moves.start).click());
      await look('start-rollout', '/moves?tab=rollouts', () => button(words.moves.rollouts.start).click());
      await look('revoke-token-key', '/keys', () => button(words.secretKeys.tokens.revoke).click());
    });

    test(`those that come after another: ${language}, ${size}`, async () => {
      // A first password is shown in the dialog that follows.
      await look('first-password', '/operators', async () => {
        await inMenu(words.operators.reset);
        await assertAccessible(page);
        await keepScreen(page, `console-dialog-reset-${size}`);
        await dialog().getByRole('button', { name: words.operators.reset, exact: true }).click();
        await dialog().locator('pre').waitFor();
      });
      await look('plan-rollout', '/moves?tab=rollouts', async () => {
        await button(words.moves.rollouts.start).click();
        await dialog().getByLabel(words.moves.rollouts.sources, { exact: true }).fill('dedicated-e');
        await page.getByRole('option', { name: 'dedicated-e' }).click();
        await dialog().getByLabel(words.moves.plan.to, { exact: true }).fill('shared-2');
        await page.getByRole('option', { name: 'shared-2' }).click();
        await dialog().getByRole('button', { name: words.moves.next, exact: true }).click();
        await dialog().getByText(words.moves.rollouts.plan, { exact: true }).waitFor();
      });
      await look('accept-drift', '/schema-rollouts', async () => {
        // The first one is looked at as its version has it.
        for (const source of ['shared-1', 'shared-2']) {
          if (source === 'shared-2')
            await drift('create index if not exists accounts_by_phone_of_a_dba on public.accounts (phone)');
          await page.getByLabel(words.schema.source, { exact: true }).fill(source);
          const compared = page.waitForResponse(`**/schema-rollouts/drift/${source}`, SLOW);
          await button(words.schema.drift.look).click();
          await compared;
        }
        await button(words.schema.drift.accept).click(SLOW);
      });
      // A former key is in use only where the operator has replaced one.
      await page.route('**/api/operator/keys/secrets', async (route) => {
        const answer = await route.fetch();
        const body = await answer.json();
        body.stores[0].keys['local:former'] = 2;
        await route.fulfill({ response: answer, json: body });
      });
      await look('retire-key', '/keys', () =>
        button(words.secretKeys.secrets.retire.replace('{{key}}', 'local:former')).click(),
      );
      await page.unroute('**/api/operator/keys/secrets');
    });
  }

  test('a rollout of moves is begun, watched in both languages, and rolled back', async () => {
    await page.setViewportSize(SIZES.desk);
    await page.evaluate(() => localStorage.setItem('marquee.language', 'en'));
    await openConsole(page, '/moves?tab=rollouts');
    await page.getByRole('button', { name: 'Start a rollout' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Leave these data sources', { exact: true }).fill('dedicated-e');
    await page.getByRole('option', { name: 'dedicated-e' }).click();
    await dialog.getByLabel('To data source', { exact: true }).fill('shared-2');
    await page.getByRole('option', { name: 'shared-2' }).click();
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByLabel('Type this name to confirm').fill('shared-2');
    await dialog.getByRole('button', { name: 'Start the rollout' }).click();
    await page.getByText(/^Observed until/).waitFor(SLOW);
    await assertAccessible(page);
    await keepScreen(page, 'console-rollout-desk');
    await page.evaluate(() => localStorage.setItem('marquee.language', 'de'));
    await page.reload();
    await page.getByRole('button', { name: de.moves.rollouts.commands.rollback }).click();
    await dialog.getByLabel(de.console.typeName).waitFor();
    await assertAccessible(page);
    await keepScreen(page, 'console-dialog-rollback-de-desk');
    await dialog.getByLabel(de.console.typeName).fill('shared-2');
    await dialog.getByRole('button', { name: de.moves.rollouts.commands.rollback }).click();
    await page.getByText(de.moves.rollouts.steps.rolled_back, { exact: true }).first().waitFor(SLOW);
    await keepScreen(page, 'console-rollout-back-de-desk');
    assert.deepEqual(operator.problems, []);
  });

  test('charts of use and of health have points, with their units', async () => {
    await page.setViewportSize(SIZES.desk);
    for (const { language, words } of LANGUAGES) {
      await page.evaluate((value) => localStorage.setItem('marquee.language', value), language);
      await openConsole(page, '/tenants/d');
      const use = page.locator('figure', { hasText: words.usage.storage });
      await use.locator('path.recharts-area-area').first().waitFor();
      await use.scrollIntoViewIfNeeded();
      const points = await use.locator('path.recharts-area-area').first().getAttribute('d');
      assert.ok((points ?? '').length > 200, 'many points');
      assert.match((await use.textContent()) ?? '', /\d\s?[kMG]B/, 'the axis has units');
      await keepScreen(page, `console-use-${language}-desk`);
      await page.locator('figure', { hasText: 'USD' }).locator('.recharts-bar-rectangle').first().waitFor();
      await openConsole(page, '/health/shared-1');
      await page.locator('path.recharts-line-curve').first().waitFor();
      await keepScreen(page, `console-health-${language}-desk`);
    }
    assert.deepEqual(operator.problems, []);
  });

  test('an alert, a refusal and what is wrong are said in German', async () => {
    await page.evaluate(() => localStorage.setItem('marquee.language', 'de'));
    await openConsole(page, '/alerts');
    await page.getByText('Daylight Events hat 92 % des Budgets für 2026-11 verbraucht').waitFor();
    await page.getByText('shared-1 ist beeinträchtigt: Der Server antwortet langsam').waitFor();
    await keepScreen(page, 'console-alerts-de-desk');
    await openConsole(page, '/attention?f={"part":"alerts"}');
    await page.getByText('shared-1 ist beeinträchtigt: Der Server antwortet langsam').waitFor();
    await keepScreen(page, 'console-attention-de-desk');
    await openConsole(page, '/health');
    await page.getByRole('button', { name: de.sourceHealth.show }).click();
    await page.getByText('Adresse, TCP, TLS und Anmeldung zusammen').waitFor();
    await keepScreen(page, 'console-thresholds-de-desk');
    // Another operator has acknowledged it meanwhile.
    await openConsole(page, '/alerts');
    await page.getByRole('button', { name: de.alerts.acknowledge }).first().click();
    await instance.operations.pool.query(
      "update alerts set acknowledged_at = now(), acknowledged_by = 'cli:ann' where acknowledged_at is null",
    );
    await page.getByRole('dialog').getByRole('button', { name: de.alerts.acknowledge }).click();
    await page.getByText(/^Es gibt keinen offenen Alarm mit dieser Kennung/).waitFor();
    assert.deepEqual(
      operator.problems.filter((problem) => !/status of 404/.test(problem)),
      [],
    );
  });
});

/** Rows that a fleet at work has: alerts, a request, bills, a hold, a budget, an operator, a former key, a week of use. */
async function addWhatIsThere(
  { operations, application }: Instance,
  post: <Answer>(path: string, data?: object) => Promise<Answer>,
): Promise<void> {
  const tenant = await application.tenants.findBySubdomain('d');
  const source = await operations.dataSources.get('shared-1');
  const tenantId = tenant?.id ?? '';
  for (const [rule, title] of [
    [
      'tenant-near-budget',
      titled('budget_used', { tenant: 'Daylight Events', percent: 92, month: '2026-11' }),
    ],
    [
      'source-degraded',
      titled('source_degraded', { source: 'shared-1', cause: 'slow', title: 'The server answers slowly' }),
    ],
  ] as const)
    await raiseCondition(operations.pool, { rule, cause: 'dialogs', title, findings: [] }, []);
  await operations.customerRequests.create({
    ...{ tenantId, kind: 'export', note: 'Please send us all of our data', requestedBy: crypto.randomUUID() },
  });
  await post('/operator/operators', { email: 'dora@marquee.example', name: 'Dora Dialog', role: 'support' });
  await post('/operator/keys/tokens/rotate', { leadSeconds: 0 });
  for (const month of [MONTH, '2026-10', '2026-09'])
    await post('/operator/cost/bills', { source: 'shared-1', month, amount: '120.00', currency: 'USD' });
  await operations.pool.query(
    `insert into legal_holds (tenant_id, reason, placed_by) values ($1, 'Case 4711', 'cli:ann') on conflict do nothing`,
    [(await application.tenants.findBySubdomain('b'))?.id],
  );
  await operations.pool.query(
    `insert into usage_budgets (tenant_id, amount, currency, set_by) values ($1, 5000, 'USD', 'cli:ann') on conflict do nothing`,
    [tenantId],
  );
  await operations.pool.query(
    `insert into usage_buckets (tenant_id, place, starts_at, statements, rows, bytes_in, bytes_out, query_us, connection_us,
       storage_byte_hours, file_byte_hours, backup_byte_hours, sampled_hours)
     select $1, $2, at, 4000 + 3000 * sin(h / 4.0), 50000 + 30000 * sin(h / 4.0), 3e6 + 2e6 * sin(h / 4.0), 9e6 + 6e6 * sin(h / 4.0),
       6e8, 9e8, 4e8 + 1e6 * h, 2e8, 9e7 + 2e6 * (h / 24), 1
     from generate_series(date_trunc('hour', now()) - interval '75 days', date_trunc('hour', now()) - interval '1 hour', interval '1 hour')
       with ordinality t (at, h)
     on conflict (tenant_id, place, seconds, starts_at) do update set statements = excluded.statements, rows = excluded.rows,
       bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out, storage_byte_hours = excluded.storage_byte_hours,
       file_byte_hours = excluded.file_byte_hours, backup_byte_hours = excluded.backup_byte_hours, sampled_hours = 1`,
    [tenantId, source.id],
  );
}
