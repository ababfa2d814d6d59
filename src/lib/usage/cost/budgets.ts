// What a tenant may cost in a month, and the alerts where it costs more. A month's cost so far is estimated until its bills have come.

import type pg from 'pg';
import { over, raiseCondition, resolveCondition, titled } from '@/lib/alerts';
import { decimalAmount } from '@/lib/money';
import { withTransaction } from '@/lib/operations';
import { UsageError } from '../errors';
import { monthOf } from '../period';
import { readMonthCosts } from './month-costs';
import { tenantCosts } from './tenant-costs';

export interface Budget {
  tenantId: string;
  /** Minor units a month. */
  amount: bigint;
  currency: string;
}

export interface BudgetState extends Budget {
  month: string;
  spent: bigint;
  /** Share of the budget that is used. */
  share: number;
  level: 'ok' | 'near' | 'over';
}

type Queryable = Pick<pg.Pool, 'query'>;

/** From here on a tenant is near its budget. */
const NEAR = 0.8;
const RULES = { near: 'tenant-near-budget', over: 'tenant-over-budget' } as const;

/** The budget that a change expects: undefined for any, null for none. */
type ExpectedBudget = Pick<Budget, 'amount' | 'currency'> | null | undefined;

/** Condition on a row of `usage_budgets`, of the amount and currency in $2 and $3; without them any. */
const AS_EXPECTED = '($2::bigint is null or (amount, currency) = ($2, $3))';

/**
 * Sets what a tenant may cost in a month, in minor units, in place of its budget before.
 *
 * @param by who sets it
 * @param expected refuse where someone else changed it since
 * @throws UsageError `bill_invalid`, `budget_changed`
 */
export async function setBudget(
  pool: Queryable,
  { tenantId, amount, currency }: Budget,
  by: string,
  expected?: ExpectedBudget,
): Promise<void> {
  if (amount <= 0n) {
    throw new UsageError('bill_invalid', 'A budget is above zero.', {
      hint: 'Without an amount it is removed: marquee cost budget set TENANT',
    });
  }
  const replaced = await pool.query(
    `update usage_budgets set amount = $4, currency = $5, set_by = $6, set_at = now()
     where tenant_id = $1 and not $7::boolean and ${AS_EXPECTED}`,
    [tenantId, expected?.amount, expected?.currency, amount, currency, by, expected === null],
  );
  if (replaced.rowCount) return;
  const made = expected
    ? replaced
    : await pool.query(
        `insert into usage_budgets (tenant_id, amount, currency, set_by) values ($1, $2, $3, $4) on conflict (tenant_id)
         ${expected === null ? 'do nothing' : 'do update set amount = $2, currency = $3, set_by = $4, set_at = now()'}`,
        [tenantId, amount, currency, by],
      );
  if (!made.rowCount) throw changed();
}

/** @param expected refuse where someone else changed it since @returns whether there was one @throws UsageError `budget_changed` */
export async function removeBudget(
  pool: pg.Pool,
  tenantId: string,
  expected?: ExpectedBudget,
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ alert: OpenAlert | null }>(
      `delete from usage_budgets where tenant_id = $1 and ${AS_EXPECTED} returning alert`,
      [tenantId, expected?.amount, expected?.currency],
    );
    const [row] = rows;
    if (!row && expected) throw changed();
    if (row?.alert) await resolveCondition(client, row.alert, over('budget_removed'));
    return row !== undefined;
  });
}

function changed(): UsageError {
  return new UsageError('budget_changed', 'Someone else has changed this budget.');
}

/** How far each budget is used up this month, the furthest first. */
export async function readBudgets(pool: Queryable, now = new Date()): Promise<BudgetState[]> {
  const { rows } = await pool.query<Omit<Budget, 'amount'> & { amount: string }>(
    'select tenant_id "tenantId", amount, currency from usage_budgets order by tenant_id',
  );
  if (rows.length === 0) return [];
  const month = monthOf(now);
  const costs = tenantCosts((await readMonthCosts(pool, month, { estimate: true, now })).bills);
  return rows
    .map(({ amount, ...row }): BudgetState => {
      const cost = costs.find(
        ({ tenantId, currency }) => tenantId === row.tenantId && currency === row.currency,
      );
      const [budget, spent] = [BigInt(amount), cost?.amount ?? 0n];
      const share = Number((spent * 10_000n) / budget) / 10_000;
      const level = spent > budget ? 'over' : share >= NEAR ? 'near' : 'ok';
      return { ...row, amount: budget, month, spent, share, level };
    })
    .sort((one, other) => other.share - one.share);
}

interface OpenAlert {
  rule: string;
  cause: string;
}

/**
 * Raises alerts for budgets that are nearly or wholly used up, once a month each, and resolves those that are no longer.
 *
 * @param nameOf a tenant's name
 */
export async function checkBudgets(
  pool: pg.Pool,
  { channels, nameOf, now }: { channels: readonly string[]; nameOf(tenantId: string): string; now?: Date },
): Promise<{ near: number; over: number }> {
  const found = { near: 0, over: 0 };
  for (const state of await readBudgets(pool, now)) {
    if (state.level !== 'ok') found[state.level] += 1;
    await withTransaction(pool, (client) =>
      bringAlert(client, state, { channels, name: nameOf(state.tenantId) }),
    );
  }
  return found;
}

async function bringAlert(
  client: pg.PoolClient,
  { tenantId, level, month, spent, amount, currency, share }: BudgetState,
  { channels, name }: { channels: readonly string[]; name: string },
): Promise<void> {
  const { rows } = await client.query<{ alert: OpenAlert | null }>(
    'select alert from usage_budgets where tenant_id = $1 for update',
    [tenantId],
  );
  const [budget] = rows;
  if (!budget) return;
  const wanted = level === 'ok' ? null : { rule: RULES[level], cause: `${tenantId} ${month}` };
  const open = budget.alert;
  if (open?.rule === wanted?.rule && open?.cause === wanted?.cause) return;
  const percent = Math.round(share * 100);
  if (open) await resolveCondition(client, open, over('budget_share', { tenant: name, percent }));
  if (wanted) {
    const title = titled('budget_used', { tenant: name, percent, month });
    const findings = [
      `It has cost ${decimalAmount(spent, currency)} of ${decimalAmount(amount, currency)} ${currency} so far.`,
      `Next step: marquee cost show --month ${month} --tenant ${name}`,
    ];
    await raiseCondition(client, { ...wanted, title, tenantId, findings }, channels);
  }
  await client.query('update usage_budgets set alert = $2 where tenant_id = $1', [
    tenantId,
    wanted && JSON.stringify(wanted),
  ]);
}
