import { currencyStyle, fractionDigits } from '@/lib/money';

/**
 * Formats an amount of minor units (cents, yen, fils) in its currency, as people of the locale write it.
 * Works on bigint text, so an amount beyond 2^53 is not rounded.
 *
 * @param minor whole minor units; bigint columns arrive as text
 * @param currency ISO 4217 code
 * @param locale BCP 47
 */
export function formatMoney(minor: bigint | number | string, currency: string, locale = 'en-US'): string {
  const format = new Intl.NumberFormat(locale, currencyStyle(currency));
  return format.format(decimalAmount(minor, currency) as Intl.StringNumericLiteral);
}

/** Minor units as a decimal number: 121000 EUR is "1210.00", 1500 KWD "1.500", 500 JPY "500". */
export function decimalAmount(minor: bigint | number | string, currency: string): string {
  return decimal(BigInt(minor), fractionDigits(currency));
}

/** 1234 with 2 digits → "12.34", exactly. */
function decimal(minor: bigint, digits: number): string {
  if (digits === 0) return minor.toString();
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
