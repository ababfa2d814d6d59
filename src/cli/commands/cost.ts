import { Command } from 'commander';
import { readNames } from '@/lib/data-sources';
import { decimalAmount } from '@/lib/money';
import {
  changesBetween,
  type Month,
  monthAfter,
  monthAsFocus,
  monthOf,
  planPrices,
  readAmount,
  readBudgets,
  readCurrency,
  readMonth,
  readMonthCosts,
  removeBudget,
  setBudget,
  targetOf,
  tenantsOf,
  totalsOf,
} from '@/lib/usage';
import { cliActor, withInstance } from '../instance';
import { printJson, printRows } from '../output';
import { billCommand } from './cost-bill';
import { settingsCommands } from './cost-settings';

interface MonthOption {
  month?: string;
  json?: boolean;
}

const thisMonth = (month: string | undefined): Month =>
  month === undefined ? monthOf(new Date()) : readMonth(month);

export const costCommand = new Command('cost');
costCommand.addCommand(billCommand);
for (const command of settingsCommands) costCommand.addCommand(command);

costCommand
  .command('show', { isDefault: true })
  .description(
    'Show the month’s bills, allocated to tenants, shared and idle; and what changed since the month before',
  )
  .option('--month <month>', 'such as 2026-11 (default: this month)')
  .option('--tenant <tenant>', 'only this tenant’s parts')
  .option('--source <source>', 'only the bills of this data source, or service')
  .option(
    '--estimate',
    'take last month’s bill, for the part of the month that is over, where this month’s has not come',
  )
  .option('--json', 'print JSON; amounts are decimals')
  .addHelpText('after', '\nThe parts of a bill sum to it, to the cent. How they are made: docs/usage.md.')
  .action(async (options: MonthOption & { tenant?: string; source?: string; estimate?: boolean }) =>
    withInstance(async (instance) => {
      const { pool } = instance.operations;
      const month = thisMonth(options.month);
      const { estimate = false } = options;
      const [costs, former] = await Promise.all([
        readMonthCosts(pool, month, { estimate }),
        readMonthCosts(pool, monthAfter(month, -1)),
      ]);
      const names = await readNames(instance, tenantsOf([...costs.bills, ...former.bills]));
      const tenant =
        options.tenant === undefined ? undefined : await instance.application.tenants.named(options.tenant);
      const target = options.source === undefined ? undefined : await targetOf(instance, options.source);
      const bills = costs.bills.filter((bill) => target === undefined || bill.target === target);
      const formerBills = former.bills.filter((bill) => target === undefined || bill.target === target);
      const parts = bills.flatMap((bill) =>
        bill.parts
          .filter((part) => !tenant || (part.kind === 'tenant' && part.tenantId === tenant.id))
          .map((part) => ({
            source: names.source(bill.target),
            part: part.kind === 'tenant' ? names.tenant(part.tenantId) : `(${part.kind})`,
            amount: decimalAmount(part.amount, bill.currency),
            currency: bill.currency,
            share: `${(part.share * 100).toFixed(2)} %`,
            ...(estimate && { estimated: bill.estimated ? 'yes' : 'no' }),
          })),
      );
      const changes = changesBetween(formerBills, bills)
        .filter((change) => !tenant || change.tenantId === tenant.id)
        .map(({ tenantId, kind, currency, before, now, byBills, byUse }) => ({
          tenant: tenantId === null ? `(${kind})` : names.tenant(tenantId),
          ...{ before: decimalAmount(before, currency), now: decimalAmount(now, currency), currency },
          change: decimalAmount(now - before, currency),
          ...{ byBills: decimalAmount(byBills, currency), byUse: decimalAmount(byUse, currency) },
        }));
      const totals = totalsOf(bills).map(totalRow);
      if (options.json) return printJson({ month, totals, parts, changes });
      printRows(totals, false, `There is no bill of ${month}. Add one: marquee cost bill add --help`);
      if (parts.length === 0) return;
      console.log('');
      printRows(parts, false);
      console.log(`\nSince ${monthAfter(month, -1)}`);
      printRows(changes, false);
    }),
  );

costCommand
  .command('months')
  .description('Show the last months: bills, tenants, shared, idle')
  .option('--count <n>', 'how many months', '12')
  .option('--json', 'print JSON')
  .action(async ({ count, json }: { count: string; json?: boolean }) =>
    withInstance(async ({ operations: { pool } }) => {
      const now = monthOf(new Date());
      const months = Array.from({ length: Math.min(36, Math.max(1, Number(count) || 12)) }, (_, n) =>
        monthAfter(now, -n),
      );
      const costs = await Promise.all(months.map((month) => readMonthCosts(pool, month)));
      const rows = costs.flatMap(({ month, bills }) =>
        totalsOf(bills).map((total) => ({ month, ...totalRow(total) })),
      );
      printRows(rows, json, 'There are no bills. Add one: marquee cost bill add --help');
    }),
  );

costCommand
  .command('plan')
  .description('Show what a plan would have had to cost in a month to pay for its tenants')
  .option('--month <month>', 'such as 2026-11 (default: the last one)')
  .option('--margin <share>', 'of the price, what is left after cost: from 0 to 0.99 (default: as set)')
  .option('--json', 'print JSON')
  .action(async ({ month, margin, json }: MonthOption & { margin?: string }) =>
    withInstance(async (instance) => {
      const costs = await readMonthCosts(
        instance.operations.pool,
        month === undefined ? monthAfter(monthOf(new Date()), -1) : readMonth(month),
      );
      const names = await readNames(instance, tenantsOf(costs.bills));
      const share = margin === undefined ? costs.settings.margin : Number(margin);
      const prices = planPrices(costs.bills, share).map(({ currency, tenants, flat, median, p90 }) => ({
        ...{ currency, margin: share, flat: decimalAmount(flat, currency) },
        ...{ median: decimalAmount(median, currency), p90: decimalAmount(p90, currency) },
        tenants: tenants.map(({ tenantId, cost, price }) => ({
          tenant: names.tenant(tenantId),
          ...{ cost: decimalAmount(cost, currency), price: decimalAmount(price, currency), currency },
        })),
      }));
      if (json) return printJson(prices);
      printRows(
        prices.map(({ tenants: _, ...row }) => row),
        false,
        'There are no bills of this month.',
      );
      if (prices.length > 0) console.log('');
      printRows(
        prices.flatMap(({ tenants }) => tenants),
        false,
        '',
      );
    }),
  );

costCommand
  .command('export')
  .description('Export the month’s costs as CSV with the columns of FOCUS 1.1')
  .option('--month <month>', 'such as 2026-11 (default: this month)')
  .option('--json', 'print JSON with the CSV in it')
  .action(async ({ month, json }: MonthOption) =>
    withInstance(async (instance) => {
      const csv = await monthAsFocus(
        instance,
        await readMonthCosts(instance.operations.pool, thisMonth(month)),
      );
      if (json) printJson({ csv });
      else process.stdout.write(csv);
    }),
  );

const budgetCommand = new Command('budget').description(
  'List and set budgets: what a tenant may cost in a month before an alert is raised',
);
costCommand.addCommand(budgetCommand);

budgetCommand
  .command('list', { isDefault: true })
  .description('List budgets, and how much of each is used this month')
  .option('--json', 'print JSON')
  .action(async ({ json }: { json?: boolean }) =>
    withInstance(async (instance) => {
      const budgets = await readBudgets(instance.operations.pool);
      const names = await readNames(
        instance,
        budgets.map(({ tenantId }) => tenantId),
      );
      const rows = budgets.map(({ tenantId, amount, currency, spent, share, level }) => ({
        tenant: names.tenant(tenantId),
        ...{ budget: decimalAmount(amount, currency), spent: decimalAmount(spent, currency), currency },
        ...{ used: `${Math.round(share * 100)} %`, level },
      }));
      printRows(rows, json, 'There are no budgets.');
    }),
  );

budgetCommand
  .command('set <tenant> [amount]')
  .description('Set a tenant’s budget; without an amount, remove it')
  .option('--currency <currency>', 'such as USD', 'USD')
  .option('--json', 'print JSON')
  .action(
    async (
      name: string,
      text: string | undefined,
      { currency: code, json }: { currency: string; json?: boolean },
    ) =>
      withInstance(async (instance) => {
        const tenant = await instance.application.tenants.named(name);
        const { pool } = instance.operations;
        const currency = readCurrency(code);
        if (text === undefined) await removeBudget(pool, tenant.id);
        else
          await setBudget(
            pool,
            { tenantId: tenant.id, amount: readAmount(text, currency), currency },
            cliActor(),
          );
        await instance.application.audit.append(
          {
            ...{
              tenantId: tenant.id,
              action: 'usage.budget_set',
              entity: 'usage_budgets',
              entityId: tenant.id,
            },
            details: { amount: text ?? null, currency },
          },
          { actor: cliActor() },
        );
        const done = { tenant: tenant.subdomain, budget: text ?? null, currency };
        if (json) printJson(done);
        else
          console.log(
            text === undefined
              ? `${name} has no budget any more.`
              : `${name} may cost ${text} ${currency} a month.`,
          );
      }),
  );

function totalRow({ currency, total, tenants, shared, idle }: ReturnType<typeof totalsOf>[number]) {
  const shown = (amount: bigint) => decimalAmount(amount, currency);
  return { bills: shown(total), tenants: shown(tenants), shared: shown(shared), idle: shown(idle), currency };
}
