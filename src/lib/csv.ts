// Tables written as CSV, on the server and in the browser.
import Papa from 'papaparse';

/** So that spreadsheets read UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** What a spreadsheet would run as a formula (OWASP, CSV injection): it begins with = + - @, also in full width or after blanks. */
const FORMULA_START = '\\s*[=+\\-@\\t\\r\\n\\uFF1D\\uFF0B\\uFF0D\\uFF20]';
/** A formula, with or without a guard, so that reading removes exactly one guard. Numbers are not formulas. */
const NEEDS_GUARD = new RegExp(`^(?!-?\\d+([.,]\\d+)?$)'*${FORMULA_START}`);
const GUARDED = new RegExp(`^'+${FORMULA_START}`);

/** Lines of CSV, each ended by CRLF. A formula gets an apostrophe in front; objects are written as JSON, null as nothing. */
export function writeCsv(rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell)),
  );
  return rows.length === 0
    ? ''
    : `${Papa.unparse(cells, { escapeFormulae: NEEDS_GUARD, quotes: hasBlankEnd })}\r\n`;
}

/** Readers drop blanks around a cell that is not quoted. */
const hasBlankEnd = (cell: unknown) => typeof cell === 'string' && /^\s|\s$/.test(cell);

/** A cell as it was before `writeCsv` guarded it: `'+1 555` → `+1 555`. */
export function withoutGuard(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
