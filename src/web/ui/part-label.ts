import type { TFunction } from 'i18next';

const KNOWN: Record<string, 'plan.deposit' | 'plan.balance' | 'plan.payment'> = {
  Deposit: 'plan.deposit',
  Balance: 'plan.balance',
  Payment: 'plan.payment',
};

/** The names that Marquee gives parts are translated; others are as they were typed. */
export function partLabel(t: TFunction, label: string): string {
  const known = KNOWN[label];
  return known ? t(known) : label;
}
