import { roundMoney } from '@/lib/money';
import type { Line } from './use-lines';

/** Maximum number of pasted lines. Longer lists should be imported. */
export const MOST_PASTED = 200;

/** Parses lines pasted from a spreadsheet or mail: description and, in columns, quantity and unit price. */
export function readLines(text: string, scale: number): Partial<Line>[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.split('\t').map((cell) => cell.trim()))
    .filter(([name]) => name)
    .map(([name = '', quantity = '', price = '']) => ({
      name: name.slice(0, 1000),
      quantity: readNumber(quantity) || 1,
      // Dinars have three decimals: there `1.500` is one and a half.
      unit_price: roundMoney(readNumber(price, scale > 100 ? 3 : 2) ?? 0, 'half_up', scale),
    }));
}

/**
 * Parses a number in either notation: `1,250.50` or `1.250,50 €`.
 *
 * @param decimals the most digits after a separator that is the decimal one
 * @returns null if there is none, or it is negative
 */
function readNumber(text: string, decimals = 2): number | null {
  const digits = text.replace(/[^\d.,-]/g, '');
  // A separator before that many final digits, or fewer, is the decimal separator; all others group digits.
  const [, whole = '', part = ''] = new RegExp(`^(.*?)(?:[.,](\\d{1,${decimals}}))?$`).exec(digits) ?? [];
  const value = Number(`${whole.replace(/[.,]/g, '')}.${part || 0}`);
  return digits === '' || Number.isNaN(value) || value < 0 ? null : value;
}
