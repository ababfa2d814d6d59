// Costs by tenant: the sum of its parts of all bills, and what a plan would have to cost so that all of them are paid.
import { UsageError } from '../errors';
import { divide } from './allocate';
import type { AllocatedBill } from './month-costs';

export interface TenantCost {
  tenantId: string;
  currency: string;
  /** The tenant's own parts, minor units. */
  amount: bigint;
  /** Its part of shared and idle costs, minor units: in proportion to its own parts, or equal for all in a month without use. */
  commonAmount: bigint;
}

export interface CurrencyTotal {
  currency: string;
  tenants: bigint;
  shared: bigint;
  idle: bigint;
  /** The sum of the bills, which is that of the other three. */
  total: bigint;
}

/** The sums of bills, by currency. */
export function totalsOf(bills: readonly AllocatedBill[]): CurrencyTotal[] {
  const totals = new Map<string, CurrencyTotal>();
  for (const { currency, amount, parts } of bills) {
    const total = totals.get(currency) ?? { currency, tenants: 0n, shared: 0n, idle: 0n, total: 0n };
    total.total += amount;
    for (const part of parts) total[part.kind === 'tenant' ? 'tenants' : part.kind] += part.amount;
    totals.set(currency, total);
  }
  return [...totals.values()];
}

/** The most expensive first. Both amounts of all tenants sum to the bills, where there are tenants. */
export function tenantCosts(bills: readonly AllocatedBill[]): TenantCost[] {
  return totalsOf(bills).flatMap(({ currency, shared, idle }) => {
    const own = new Map<string, bigint>();
    for (const bill of bills) {
      if (bill.currency !== currency) continue;
      for (const part of bill.parts)
        if (part.kind === 'tenant') own.set(part.tenantId, (own.get(part.tenantId) ?? 0n) + part.amount);
    }
    if (own.size === 0) return [];
    const tenants = [...own].sort(([a], [b]) => (a < b ? -1 : 1));
    const positive = tenants.map(([, amount]) => (amount > 0n ? amount : 0n));
    const common = divide(
      shared + idle,
      positive.some((one) => one > 0n) ? positive : positive.map(() => 1n),
    );
    return tenants
      .map(([tenantId, amount], index) => ({ tenantId, currency, amount, commonAmount: common[index] ?? 0n }))
      .sort((one, other) => (one.amount < other.amount ? 1 : one.amount > other.amount ? -1 : 0));
  });
}

export interface PlanPrices {
  currency: string;
  margin: number;
  /** What each tenant would have to pay in the month, the highest first. */
  tenants: { tenantId: string; cost: bigint; price: bigint }[];
  /** One price for all that pays for all. */
  flat: bigint;
  /** What pays for half of the tenants, and for nine of ten. */
  median: bigint;
  p90: bigint;
}

/**
 * @param margin of a price, what is left after cost: from 0 to 0.99
 * @throws UsageError `cost_settings_invalid`
 */
export function planPrices(bills: readonly AllocatedBill[], margin: number): PlanPrices[] {
  if (!(margin >= 0 && margin <= 0.99)) {
    throw new UsageError('cost_settings_invalid', 'A margin is from 0 to 0.99.');
  }
  const costs = tenantCosts(bills);
  const currencies = [...new Set(costs.map(({ currency }) => currency))];
  return currencies.map((currency) => {
    const tenants = costs
      .filter((one) => one.currency === currency)
      .map(({ tenantId, amount, commonAmount }) => ({ tenantId, cost: amount + commonAmount }))
      .map((one) => ({ ...one, price: priceOf(one.cost, margin) }))
      .sort((one, other) => (one.price < other.price ? 1 : one.price > other.price ? -1 : 0));
    const at = (share: number) => tenants[Math.floor((1 - share) * tenants.length)]?.price ?? 0n;
    const all = tenants.reduce((sum, { cost }) => sum + cost, 0n);
    const count = BigInt(Math.max(1, tenants.length));
    const each = all > 0n ? (all + count - 1n) / count : 0n;
    return { currency, margin, tenants, flat: priceOf(each, margin), median: at(0.5), p90: at(0.9) };
  });
}

/** Rounded up, so that the margin is kept. */
function priceOf(cost: bigint, margin: number): bigint {
  if (cost <= 0n) return 0n;
  const left = BigInt(Math.round((1 - margin) * 1e6));
  return (cost * 1_000_000n + left - 1n) / left;
}
