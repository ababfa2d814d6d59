// `/api/operator/cost/tenants/{tenant}`: what one tenant costs, and its budget, as `marquee cost budget`.
import { createRoute, z } from '@hono/zod-openapi';
import type { Tenant } from '@/lib/application';
import {
  readAmount,
  readBudgets,
  readCurrency,
  readMonthCosts,
  removeBudget,
  setBudget,
  tenantCosts,
} from '@/lib/usage';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../../api/router';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { requireSession } from '../../session';
import { forOperators } from '..';
import { ByTenant } from '../named';
import { Amount, amounts, Month, monthGiven, monthsUntil } from './cost';

const Budget = z.object({
  amount: Amount,
  currency: z.string(),
  spent: Amount.openapi({ description: 'This month, estimated where bills have not come.' }),
  share: z.number().openapi({ description: 'Of the budget, from 0.' }),
  level: z.enum(['ok', 'near', 'over']),
});
const Costs = z
  .object({
    months: z
      .array(
        z.object({
          month: z.string(),
          currency: z.string(),
          own: Amount.openapi({ description: 'Its parts of the bills.' }),
          common: Amount.openapi({ description: 'Of what is shared and idle, in proportion.' }),
          estimated: z.boolean(),
        }),
      )
      .openapi({ description: 'The oldest first; months without a bill are left out.' }),
    budget: Budget.nullable(),
  })
  .openapi('TenantCosts');
const BudgetGiven = z.object({
  amount: z.string().max(20).openapi({ example: '50.00', description: 'A month.' }),
  currency: z.string().length(3).openapi({ example: 'USD' }),
});
const BudgetSeen = BudgetGiven.partial().refine(
  ({ amount, currency }) => (amount === undefined) === (currency === undefined),
  { path: ['currency'], message: 'Give amount and currency, or neither.' },
);
const NewBudget = BudgetGiven.extend({
  expected: BudgetGiven.nullable().optional().openapi({
    description: 'The budget as it was read, null where there was none: refused where it is another now.',
  }),
});

export type TenantCosts = AnswerOf<typeof Costs>;
export type TenantBudget = BodyOf<typeof NewBudget>;

export function tenantCostRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { pool } = parts.operations;

  const show = createRoute({
    method: 'get',
    path: '/{tenant}',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'What a tenant has cost in twelve months until the one asked for, and its budget.',
    request: { params: ByTenant, query: z.object({ month: Month }) },
    responses: { 200: json(Costs, 'The last month is estimated where its bills have not come.') },
  });
  routes.openapi(show, async (context) => {
    const { id } = await parts.application.tenants.named(context.req.valid('param').tenant);
    const asked = monthsUntil(monthGiven(context.req.valid('query').month));
    const [costs, budgets] = await Promise.all([
      Promise.all(
        asked.map((month, index) => readMonthCosts(pool, month, { estimate: index === asked.length - 1 })),
      ),
      readBudgets(pool),
    ]);
    const months = costs.flatMap(({ month, bills }) =>
      tenantCosts(bills)
        .filter(({ tenantId }) => tenantId === id)
        .map(({ currency, amount, commonAmount }) => ({
          ...{ month, currency, ...amounts(currency, { own: amount, common: commonAmount }) },
          estimated: bills.some((bill) => bill.estimated && bill.currency === currency),
        })),
    );
    const found = budgets.find(({ tenantId }) => tenantId === id);
    const budget = found && {
      ...{ currency: found.currency, share: found.share, level: found.level },
      ...amounts(found.currency, { amount: found.amount, spent: found.spent }),
    };
    return context.json({ months, budget: budget ?? null }, 200);
  });

  const set = createRoute({
    method: 'put',
    path: '/{tenant}/budget',
    middleware: forOperators(parts, 'usage.change'),
    tags: ['Operator'],
    summary: 'Sets what a tenant may cost in a month before an alert is raised.',
    request: { headers: IdempotencyHeader, params: ByTenant, body: jsonBody(NewBudget) },
    responses: { 204: { description: 'It holds from now on.' } },
  });
  routes.openapi(set, async (context) => {
    const { user } = await requireSession(context, parts);
    const tenant = await parts.application.tenants.named(context.req.valid('param').tenant);
    const given = context.req.valid('json');
    const author = authorOf(context, `user:${user.id}`);
    const { amount, currency } = budgetOf(given);
    const expected = given.expected && budgetOf(given.expected);
    await setBudget(pool, { tenantId: tenant.id, amount, currency }, author.actor, expected);
    await record(parts, tenant, { amount: given.amount, currency }, author);
    return context.body(null, 204);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{tenant}/budget',
    middleware: forOperators(parts, 'usage.change'),
    tags: ['Operator'],
    summary: 'Removes a tenant’s budget. With amount and currency: refused where it is another now.',
    request: { headers: IdempotencyHeader, params: ByTenant, query: BudgetSeen },
    responses: { 204: { description: 'Removed, or there was none.' } },
  });
  routes.openapi(remove, async (context) => {
    const { user } = await requireSession(context, parts);
    const tenant = await parts.application.tenants.named(context.req.valid('param').tenant);
    const { amount, currency } = context.req.valid('query');
    const expected =
      amount !== undefined && currency !== undefined ? budgetOf({ amount, currency }) : undefined;
    if (await removeBudget(pool, tenant.id, expected))
      await record(parts, tenant, { amount: null }, authorOf(context, `user:${user.id}`));
    return context.body(null, 204);
  });

  return routes;
}

function budgetOf({ amount, currency: given }: z.infer<typeof BudgetGiven>) {
  const currency = readCurrency(given);
  return { amount: readAmount(amount, currency), currency };
}

async function record(
  { application }: ServerDependencies,
  { id }: Tenant,
  details: Record<string, unknown>,
  author: Parameters<ServerDependencies['application']['audit']['append']>[1],
): Promise<void> {
  const subject = { tenantId: id, entity: 'usage_budgets', entityId: id };
  await application.audit.append({ ...subject, action: 'usage.budget_set', details }, author);
}
