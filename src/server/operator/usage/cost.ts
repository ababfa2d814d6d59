import { createRoute, z } from '@hono/zod-openapi';
import { type Names, readNames } from '@/lib/data-sources';
import { decimalAmount } from '@/lib/money';
import {
  type AllocatedBill,
  changesBetween,
  monthAfter,
  monthAsFocus,
  monthOf,
  readBudgets,
  readMonth,
  readMonthCosts,
  SERVICES,
  tenantsOf,
  totalsOf,
} from '@/lib/usage';
import { type AnswerOf, createRouter, Id, json } from '../../api/router';
import type { ServerDependencies } from '../../dependencies';
import { forOperators } from '..';

export const Amount = z.string().openapi({ description: 'Decimal, in the currency beside it.' });
const Kind = z.enum(['tenant', 'shared', 'idle']);
const Total = z.object({
  currency: z.string(),
  total: Amount,
  tenants: Amount,
  shared: Amount,
  idle: Amount,
});
const Part = z.object({
  kind: Kind,
  tenantId: Id.nullable(),
  tenant: z.string().nullable(),
  amount: Amount,
  share: z.number().openapi({ description: 'Of the bill, from 0 to 1.' }),
});
const Bill = z.object({
  source: z.string().openapi({ description: `A data source, or ${Object.keys(SERVICES).join(', ')}.` }),
  currency: z.string(),
  amount: Amount,
  estimated: z.boolean().openapi({ description: 'Last month’s, for the part of this one that is over.' }),
  parts: z.array(Part).openapi({ description: 'Sum to the bill.' }),
});
const Change = z.object({
  kind: Kind,
  tenantId: Id.nullable(),
  tenant: z.string().nullable(),
  currency: z.string(),
  before: Amount,
  now: Amount,
  change: Amount,
  byBills: Amount.openapi({ description: 'Because bills changed.' }),
  byUse: Amount.openapi({ description: 'Because it used another part.' }),
});
const Costs = z.object({
  month: z.string(),
  totals: z.array(Total),
  bills: z.array(Bill),
  changes: z.array(Change).openapi({ description: 'Since the month before, the greatest first.' }),
  budgets: z
    .array(
      z.object({
        tenantId: Id,
        tenant: z.string(),
        amount: Amount,
        spent: Amount,
        currency: z.string(),
        share: z.number(),
        level: z.enum(['ok', 'near', 'over']),
      }),
    )
    .openapi({ description: 'Of this month, whatever month is asked for.' }),
});
const Months = z.object({ months: z.array(Total.extend({ month: z.string() })) });
export type OperatorCosts = AnswerOf<typeof Costs>;
export type CostMonths = AnswerOf<typeof Months>;
export const Month = z
  .string()
  .max(7)
  .optional()
  .openapi({ description: 'Such as `2026-11`. Default: this month.' });
export const monthGiven = (given: string | undefined) =>
  given === undefined ? monthOf(new Date()) : readMonth(given);
/** Twelve, the given one last. */
export const monthsUntil = (month: string) =>
  Array.from({ length: 12 }, (_, index) => monthAfter(month, index - 11));

/** `/api/operator/cost`: what tenants cost. */
export function operatorCostRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { pool } = parts.operations;

  const show = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'A month’s bills, divided among tenants to the cent, and what changed since the month before.',
    request: {
      query: z.object({
        month: Month,
        estimate: z
          .stringbool()
          .default(false)
          .openapi({ description: 'Estimates bills that have not come.' }),
      }),
    },
    responses: { 200: json(Costs, 'By bill; amounts are decimals.') },
  });
  routes.openapi(show, async (context) => {
    const { month: given, estimate } = context.req.valid('query');
    const month = monthGiven(given);
    const [costs, former, budgets] = await Promise.all([
      readMonthCosts(pool, month, { estimate }),
      readMonthCosts(pool, monthAfter(month, -1)),
      readBudgets(pool),
    ]);
    const names = await readNames(parts, [
      ...tenantsOf([...costs.bills, ...former.bills]),
      ...budgets.map(({ tenantId }) => tenantId),
    ]);
    return context.json(
      {
        ...{ month, totals: totals(costs.bills), bills: costs.bills.map((bill) => describe(bill, names)) },
        changes: changesBetween(former.bills, costs.bills).map(
          ({ before, now, byBills, byUse, ...change }) => ({
            ...{ ...change, tenant: change.tenantId && names.tenant(change.tenantId) },
            ...amounts(change.currency, { before, now, change: now - before, byBills, byUse }),
          }),
        ),
        budgets: budgets.map(({ amount, spent, month: _, ...budget }) => ({
          ...{
            ...budget,
            tenant: names.tenant(budget.tenantId),
            ...amounts(budget.currency, { amount, spent }),
          },
        })),
      },
      200,
    );
  });

  const months = createRoute({
    method: 'get',
    path: '/months',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'Twelve months until the one asked for: bills, and how they divide.',
    request: {
      query: z.object({ month: Month, estimate: z.stringbool().default(false) }),
    },
    responses: { 200: json(Months, 'The oldest first; months without bills are left out.') },
  });
  routes.openapi(months, async (context) => {
    const { month: given, estimate } = context.req.valid('query');
    const last = monthsUntil(monthGiven(given));
    const costs = await Promise.all(last.map((month) => readMonthCosts(pool, month, { estimate })));
    const rows = costs.flatMap(({ month, bills }) => totals(bills).map((total) => ({ month, ...total })));
    return context.json({ months: rows }, 200);
  });

  const focus = createRoute({
    method: 'get',
    path: '/focus.csv',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'A month’s costs as CSV with the columns of FOCUS 1.1.',
    request: { query: z.object({ month: Month }) },
    responses: {
      200: { description: 'One line a part of a bill.', content: { 'text/csv': { schema: z.string() } } },
    },
  });
  routes.openapi(focus, async (context) => {
    const month = monthGiven(context.req.valid('query').month);
    const csv = await monthAsFocus(parts, await readMonthCosts(pool, month));
    return context.body(csv, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="cost-${month}.csv"`,
    });
  });

  return routes;
}

export function amounts<Name extends string>(
  currency: string,
  of: Record<Name, bigint>,
): Record<Name, string> {
  const shown = Object.entries<bigint>(of).map(([name, units]) => [name, decimalAmount(units, currency)]);
  return Object.fromEntries(shown);
}

function totals(bills: readonly AllocatedBill[]) {
  return totalsOf(bills).map(({ currency, ...sums }) => ({ currency, ...amounts(currency, sums) }));
}

function describe({ target, currency, amount, estimated, parts }: AllocatedBill, names: Names) {
  return {
    ...{ source: names.source(target), currency, amount: decimalAmount(amount, currency), estimated },
    parts: parts.map((part) => ({
      ...{ kind: part.kind, amount: decimalAmount(part.amount, currency), share: part.share },
      tenantId: part.kind === 'tenant' ? part.tenantId : null,
      tenant: part.kind === 'tenant' ? names.tenant(part.tenantId) : null,
    })),
  };
}
