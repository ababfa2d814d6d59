// Tables written as CSV, on the server and in the browser.
import Papa from 'papaparse';

/** So that spreadsheets read UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A text that a spreadsheet would run as a formula (OWASP, CSV injection): it begins with = + - @, also in full width or after
 * blanks, tab or return. Numbers stay numbers.
 */
const FORMULA = /^(?!-?\d+([.,]\d+)?$)\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Lines of CSV, each ended by CRLF. A formula gets an apostrophe in front; objects are written as JSON, null as nothing. */
export function writeCsv(rows: readonly (readonly unknown[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell)),
  );
  return rows.length === 0 ? '' : `${Papa.unparse(cells, { escapeFormulae: FORMULA })}\r\n`;
}
