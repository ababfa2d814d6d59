// Amounts of money in minor units, which differ by currency: 2 digits of USD, none of JPY, 3 of KWD.
import { fractionDigits } from '@/lib/money';
import { UsageError } from '../errors';

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
/** Greatest amount of a bill, minor units: above it, sums could exceed the exact range of JSON numbers. */
const MOST = 10n ** 15n;

/** @throws UsageError `bill_invalid` */
export function readCurrency(text: string): string {
  const currency = text.toUpperCase();
  if (CURRENCIES.has(currency)) return currency;
  throw new UsageError('bill_invalid', `“${text.slice(0, 20)}” is no currency such as USD.`);
}

/**
 * A decimal as typed, in minor units.
 *
 * @throws UsageError `bill_invalid`: no decimal, or more digits than the currency has
 */
export function readAmount(text: string, currency: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^([-+]?)(\d{1,16})(?:\.(\d+))?$/.exec(text.trim()) ?? [];
  const digits = fractionDigits(currency);
  const kept = fraction.replace(/0+$/, '');
  const units = BigInt(`${whole || '0'}${kept.padEnd(digits, '0')}`);
  if (whole && kept.length <= digits && units <= MOST) return sign === '-' ? -units : units;
  throw new UsageError(
    'bill_invalid',
    `“${text.slice(0, 40)}” is no amount of ${currency}, which has ${digits} digits after the point.`,
  );
}
