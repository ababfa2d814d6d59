/**
 * What a spreadsheet would run as a formula when it opens a CSV: it gets an apostrophe in front. Also in full width or after
 * blanks; numbers stay numbers.
 */
export const FORMULAS = /^(?!-?\d+([.,]\d+)?$)\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Gives the user a file. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
