// What the month has cost so far, budgets that are nearly or wholly used up, and processes whose counts are missing.

import type { ApplicationDatabase } from '@/lib/application';
import { decimalAmount } from '@/lib/money';
import type { OperationsDatabase } from '@/lib/operations';
import { monthOf, readBudgets, readFreshness, readMonthCosts, totalsOf } from '@/lib/usage';
import type { Findings, Item } from './part';
import { inState, saying, that } from './words';

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'pool'>;
}

/** Undefined where no bill and no budget was ever entered. */
export async function readCost({
  application,
  operations: { pool },
}: Databases): Promise<Findings | undefined> {
  const month = monthOf(new Date());
  const [{ bills }, budgets, { late }] = await Promise.all([
    readMonthCosts(pool, month, { estimate: true }),
    readBudgets(pool),
    readFreshness(pool),
  ]);
  if (bills.length === 0 && budgets.length === 0) return undefined;
  const names = await application.tenants.names(budgets.map(({ tenantId }) => tenantId));
  const items = budgets.map(({ tenantId, amount, spent, currency, share, level }): Item => {
    const name = names.get(tenantId)?.subdomain ?? tenantId;
    return {
      ...{ level: level === 'ok' ? 'ok' : 'warning', subject: name },
      ...saying(
        inState('budget_used', { percent: Math.round(share * 100) }),
        that('spent', {
          ...{ spent: decimalAmount(spent, currency), amount: decimalAmount(amount, currency) },
          ...{ currency, month },
        }),
      ),
      next: `marquee cost show --estimate --tenant ${name}`,
      values: {
        tenantId,
        amount: decimalAmount(amount, currency),
        spent: decimalAmount(spent, currency),
        currency,
        share,
      },
    };
  });
  const uncounted: Item[] =
    late === 0
      ? []
      : [
          {
            ...{ level: 'warning', subject: 'usage', next: 'marquee usage show' },
            ...saying(inState('counts_missing'), that('uncounted', { count: late })),
            values: { late },
          },
        ];
  const isEstimated = bills.some(({ estimated }) => estimated);
  const sums = totalsOf(bills).map(({ total, currency }) => `${decimalAmount(total, currency)} ${currency}`);
  return {
    summary: `${sums.join(', ') || 'no bills'} in ${month}${isEstimated ? ', partly estimated' : ''}`,
    items: [...items, ...uncounted],
  };
}
