import { useState } from 'react';
import type { Comparison, Period, Step } from '../../hooks/dates/period';
import { type Format, formatIn, useFormat } from '../../hooks/format';
import type { FigureColumn } from '../../ui/FigureTable';

/** Properties of every report. */
export interface ReportProperties {
  period: Period;
  comparison: Comparison;
}

/** Parameters of the database's report functions. */
export function parametersOf({ from, to }: Period) {
  return { from_day: from, to_day: to };
}

/** Axis label of a bar. */
export function bucketLabel(format: Format, step: Step, bucket: string): string {
  return step === 'month' ? format.month(bucket) : format.dayShort(bucket);
}

export function sumOf<R>(rows: readonly R[] | undefined, of: (row: R) => number): number {
  return (rows ?? []).reduce((sum, row) => sum + of(row), 0);
}

/** Selects one currency. Amounts in different currencies are never added up. */
export function useCurrency(currencies: Iterable<string>) {
  const format = useFormat();
  const [chosen, choose] = useState<string>();
  const known = [...new Set(currencies)].sort();
  const usual = known.includes(format.currency) ? format.currency : (known[0] ?? format.currency);
  const currency = chosen && known.includes(chosen) ? chosen : usual;
  return { currency, currencies: known, choose, money: formatIn(format, currency) };
}

export type CurrencyChoice = ReturnType<typeof useCurrency>;

/** Rows of a period, and of the two that are compared. Undefined while they load. */
export interface Compared<Row> {
  rows: readonly Row[];
  now: readonly Row[] | undefined;
  before: readonly Row[] | undefined;
  versus: Comparison['versus'];
}

/** The rows of one currency. */
export function inCurrency<Row extends { currency: string }>(
  currency: string,
  { rows, now, before, versus }: Compared<Row>,
): Compared<Row> {
  const of = (some: readonly Row[]) => some.filter((row) => row.currency === currency);
  return { rows: of(rows), now: now && of(now), before: before && of(before), versus };
}

/** Currency column of an exported file, where amounts are plain numbers. */
export function currencyColumn<R>(label: string, of: (row: R) => string): FigureColumn<R> {
  return { key: 'currency', label, onlyInFile: true, show: of, plain: of };
}
