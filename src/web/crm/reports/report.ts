import { useState } from 'react';
import { type Format, formatIn, useFormat } from '../../hooks/format';
import type { Period, Step } from '../../hooks/period';
import type { FigureColumn } from '../../ui/FigureTable';

/** What every report is given. */
export interface ReportProperties {
  period: Period;
  before: Period;
}

/** The parameters of the database's reports. */
export function parametersOf({ from, to }: Period) {
  return { from_day: from, to_day: to };
}

/** What a bar stands for, as its axis says it. */
export function bucketLabel(format: Format, step: Step, bucket: string): string {
  return step === 'month' ? format.month(bucket) : format.dayShort(bucket);
}

export function sumOf<R>(rows: readonly R[] | undefined, of: (row: R) => number): number {
  return (rows ?? []).reduce((sum, row) => sum + of(row), 0);
}

/** Of money in several currencies one is looked at at a time: they are never added up. */
export function useCurrency(currencies: Iterable<string>) {
  const format = useFormat();
  const [chosen, choose] = useState<string>();
  const known = [...new Set(currencies)].sort();
  const usual = known.includes(format.currency) ? format.currency : (known[0] ?? format.currency);
  const currency = chosen && known.includes(chosen) ? chosen : usual;
  return { currency, currencies: known, choose, money: formatIn(format, currency) };
}

export type CurrencyChoice = ReturnType<typeof useCurrency>;

/** For the file: money there is a plain number. */
export function currencyColumn<R>(label: string, of: (row: R) => string): FigureColumn<R> {
  return { key: 'currency', label, onlyInFile: true, show: of, plain: of };
}
