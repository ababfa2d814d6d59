// What changed since the month before, for each tenant: because bills changed, or because it used another part of what they are for.
import type { AllocatedBill } from './month-costs';

export interface CostChange {
  /** Null: what is shared, or idle. */
  tenantId: string | null;
  kind: 'tenant' | 'shared' | 'idle';
  currency: string;
  /** Minor units. */
  before: bigint;
  now: bigint;
  /** The difference has two parts, which sum to it: the same share of changed bills, and a changed share of the same bills. */
  byBills: bigint;
  byUse: bigint;
}

/** The greatest difference first. */
export function changesBetween(
  before: readonly AllocatedBill[],
  now: readonly AllocatedBill[],
): CostChange[] {
  const changes = new Map<string, CostChange>();
  const billOf = (bills: readonly AllocatedBill[], one: AllocatedBill) =>
    bills.find(({ target, currency }) => target === one.target && currency === one.currency);
  const pairs = [
    ...now.map((bill) => ({ bill, former: billOf(before, bill) })),
    ...before.filter((former) => !billOf(now, former)).map((former) => ({ bill: undefined, former })),
  ];
  for (const { bill, former } of pairs) {
    const parts = [...(bill?.parts ?? []), ...(former?.parts ?? [])];
    for (const key of new Set(parts.map(keyOf))) {
      const one = parts.find((part) => keyOf(part) === key);
      const [nowPart, formerPart] = [bill, former].map((of) => of?.parts.find((part) => keyOf(part) === key));
      if (!one) continue;
      const currency = (bill ?? former)?.currency ?? '';
      const change = changes.get(`${key} ${currency}`) ?? {
        ...{ tenantId: one.kind === 'tenant' ? one.tenantId : null, kind: one.kind, currency },
        ...{ before: 0n, now: 0n, byBills: 0n, byUse: 0n },
      };
      const [amountNow, amountBefore] = [nowPart?.amount ?? 0n, formerPart?.amount ?? 0n];
      const grown = (bill?.amount ?? 0n) - (former?.amount ?? 0n);
      const byBills = scaled(grown, formerPart?.share ?? 0);
      change.before += amountBefore;
      change.now += amountNow;
      change.byBills += byBills;
      change.byUse += amountNow - amountBefore - byBills;
      changes.set(`${key} ${currency}`, change);
    }
  }
  const size = ({ before: from, now: to }: CostChange) => (to > from ? to - from : from - to);
  return [...changes.values()].sort((one, other) =>
    size(one) < size(other) ? 1 : size(one) > size(other) ? -1 : 0,
  );
}

function keyOf(part: AllocatedBill['parts'][number]): string {
  return part.kind === 'tenant' ? part.tenantId : part.kind;
}

function scaled(amount: bigint, share: number): bigint {
  return (amount * BigInt(Math.round(share * 1e12))) / 10n ** 12n;
}
