/**
 * Amounts in minor units, as they are typed and shown. What a document adds up to, its taxes and its instalments are
 * computed by the database (`tenancy.round_money`), which this agrees with.
 */

/** `half_up`: half a unit away from zero; `half_even`: to the even neighbour; `down`: towards zero. */
export const ROUNDING_RULES = ['half_up', 'half_even', 'down'] as const;
export type RoundingRule = (typeof ROUNDING_RULES)[number];

/**
 * Rounds to whole minor units, exactly: the decimal that is written counts, not its binary neighbour.
 *
 * @param amount a finite number, or a decimal as text
 * @param factor what it is multiplied by first: 100 turns dollars into cents, 0.01 takes a percentage
 * @throws SyntaxError where the text is no decimal
 */
export function roundMoney(amount: number | string, rule: RoundingRule = 'half_up', factor = 1): number {
  const [units, scale] = product(decimal(amount), decimal(factor));
  const divisor = 10n ** BigInt(scale);
  const whole = units / divisor;
  const twice = 2n * (units % divisor) * (units < 0n ? -1n : 1n);
  const isTie = twice === divisor;
  const goesUp = rule !== 'down' && (twice > divisor || (isTie && (rule === 'half_up' || whole % 2n !== 0n)));
  return Number(goesUp ? whole + (units < 0n ? -1n : 1n) : whole);
}

type Decimal = [units: bigint, scale: number];

function decimal(value: number | string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^\s*([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?\s*$/i.exec(String(value)) ?? [];
  if (whole + fraction === '') throw new SyntaxError(`${value} is not a decimal.`);
  const units = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? [units, scale] : [units * 10n ** BigInt(-scale), 0];
}

function product([a, aScale]: Decimal, [b, bScale]: Decimal): Decimal {
  return [a * b, aScale + bScale];
}

/**
 * Currencies whose minor unit is not a hundredth (ISO 4217), as `tenancy.money_in_words` has them. Written down, because stored amounts
 * count in this unit: the digits of `Intl` differ by engine and by its version (HUF, COP or IDR have none in some, two in others).
 */
const DIGITS = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
    .split(' ')
    .map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
]);

/** Digits after the point in a currency: 2 for EUR, 0 for JPY, 3 for KWD. @param currency ISO 4217 code */
export function fractionDigits(currency: string): number {
  return DIGITS.get(currency) ?? 2;
}

/** Options of `Intl.NumberFormat` for whole amounts of a currency. */
export function currencyStyle(currency: string) {
  const digits = fractionDigits(currency);
  return {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  } as const;
}

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

/** Minor units as a decimal number, exactly: 121000 EUR is "1210.00", 1500 KWD "1.500", 500 JPY "500". */
export function decimalAmount(minor: bigint | number | string, currency: string): string {
  const digits = fractionDigits(currency);
  const units = BigInt(minor);
  if (digits === 0) return units.toString();
  const sign = units < 0n ? '-' : '';
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
