import type { Line } from './use-lines';

/** A document with more is made by an import, and read by nobody. */
export const MOST_PASTED = 200;

/** Lines copied from a spreadsheet or a mail: what, and where there are columns how many and the price of one. */
export function readLines(text: string, scale: number): Partial<Line>[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.split('\t').map((cell) => cell.trim()))
    .filter(([name]) => name)
    .map(([name = '', quantity = '', price = '']) => ({
      name: name.slice(0, 1000),
      quantity: readNumber(quantity) || 1,
      unit_price: Math.round((readNumber(price) ?? 0) * scale),
    }));
}

/** A number as people write it: `1,250.50`, `1.250,50 €`. @returns null where there is none, or one below zero */
function readNumber(text: string): number | null {
  const digits = text.replace(/[^\d.,-]/g, '');
  // What is followed by one or two digits at the end divides, anything else groups.
  const [, whole = '', part = ''] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(digits) ?? [];
  const value = Number(`${whole.replace(/[.,]/g, '')}.${part || 0}`);
  return digits === '' || Number.isNaN(value) || value < 0 ? null : value;
}
