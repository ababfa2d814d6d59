import type { TFunction } from 'i18next';
import type { RoundingRule } from '@/lib/money';
import { roundMoney } from '@/lib/money';
import type { Json } from '@/lib/tenant-data/types';

/** One part of a payment plan, as the database keeps it (docs/payment-plans.md). Amounts are minor units. */
export interface Part {
  label: string;
  type: 'percent' | 'amount' | 'rest';
  /** Percent or minor units; null for the rest. */
  value: number | null;
  /** Computed by the database. */
  amount: number;
  due_date: string | null;
  days_before: number | null;
}

export function readParts(plan: Json): Part[] {
  return Array.isArray(plan) ? (plan as unknown as Part[]) : [];
}

/** How much of each part is paid. Money pays the first part first. @param received without credits */
export function paidOf(parts: readonly Part[], received: number): number[] {
  let left = received;
  return parts.map(({ amount }) => {
    const paid = Math.min(left, amount);
    left -= paid;
    return paid;
  });
}

/** How many parts at the beginning are paid in full: they no longer change. */
export function settledCount(parts: readonly Part[], received: number): number {
  const firstOpen = paidOf(parts, received).findIndex((paid, index) => paid < (parts[index]?.amount ?? 0));
  return received > 0 ? (firstOpen < 0 ? parts.length : firstOpen) : 0;
}

/**
 * What an edited plan will come to, shown while it is edited; the database has the last word.
 *
 * @param due what is divided: the total less credits
 * @param kept how many parts at the beginning are paid and keep their amounts
 */
export function preview(parts: readonly Part[], due: number, kept: number, rule: RoundingRule): number[] {
  let left = due;
  return parts.map(({ type, value, amount }, index) => {
    const wanted =
      index < kept
        ? amount
        : type === 'percent'
          ? roundMoney(due * (value ?? 0), rule, 0.01)
          : type === 'amount'
            ? (value ?? 0)
            : left;
    const given = Math.max(0, Math.min(left, wanted));
    left -= given;
    return given;
  });
}

/** The rest in equal parts a month apart. A plan that begins on the 31st is due on the last day of shorter months. */
export function monthly(
  first: string,
  count: number,
  label: (number: number) => string,
  monthAfter: (date: string, months: number) => string,
): Part[] {
  const share = Math.floor((100 / count) * 10_000) / 10_000;
  return Array.from({ length: count }, (_, index) => ({
    label: label(index + 1),
    type: index === count - 1 ? 'rest' : 'percent',
    value: index === count - 1 ? null : share,
    amount: 0,
    due_date: monthAfter(first, index),
    days_before: null,
  }));
}

/** A quote or an invoice, as far as its plan is concerned. Amounts are minor units. */
export interface PlannedDocument {
  table: 'quotes' | 'invoices';
  id: string;
  version: number;
  currency: string;
  parts: Part[];
  /** Of an invoice without parts. */
  dueDate?: string | null;
  /** What is divided. */
  due: number;
  /** Money that came, without credits. */
  received: number;
  /** How many parts at the beginning are paid. */
  kept: number;
  /** Whether there is an event to count days back from. */
  hasEvent: boolean;
}

export type Words = TFunction;
