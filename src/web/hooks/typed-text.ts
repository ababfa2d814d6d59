// What people type, as conditions in PostgREST's grammar: taken literally, whatever characters it has.

/** A value that may hold commas, dots and brackets. */
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** A regular expression that matches the text itself. Not a LIKE pattern: PostgREST has no way to write a literal `*` in one. */
export const literally = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** The column contains the text, in upper or lower case. */
export const containing = (column: string, text: string) => `${column}.imatch.${quoted(literally(text))}`;

/** The column is the text, whatever its case and its spaces: numbers and names on labels. */
export const sameNumber = (column: string, text: string) => {
  const characters = [...text.replace(/\s/g, '')].map(literally);
  return `${column}.imatch.${quoted(`^\\s*${characters.join('\\s*')}\\s*$`)}`;
};

/** Country codes of ITU-T E.164: no code begins another. */
const COUNTRY =
  /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\d)/;

/**
 * The national number of a phone number in any spelling, as the database's `phone_key` has it; also of a part of one.
 * Undefined where the text is no phone number.
 */
export function phoneKey(text: string): string | undefined {
  if (!/^[\d\s()+./-]+$/.test(text)) return undefined;
  const spoken = text.replaceAll('(0)', '').trim();
  let digits = spoken.replace(/\D/g, '');
  if (digits.length < 4) return undefined;
  if (spoken.startsWith('+')) digits = digits.replace(COUNTRY, '');
  else if (/^00[1-9]\d{5}/.test(digits)) digits = digits.slice(2).replace(COUNTRY, '');
  else if (/^011[1-9]\d{8}/.test(digits)) digits = digits.slice(3).replace(COUNTRY, '');
  digits = digits.replace(/^8(\d{10})$/, '$1').replace(/^0/, '');
  return digits.replace(/^1([2-9]\d{7,})$/, '$1') || undefined;
}

/** Words looked for in these columns: every word in one of them; or, of a phone number, the number in any spelling. */
export function searchCondition({
  words,
  columns,
}: {
  words: string;
  columns: readonly string[];
}): string | undefined {
  const each = words.trim().split(/\s+/).filter(Boolean);
  if (each.length === 0) return undefined;
  const perWord = each.map((word) => `or(${columns.map((column) => containing(column, word)).join(',')})`);
  const number = columns.includes('phone') ? phoneKey(words) : undefined;
  return [`and(${perWord.join(',')})`, ...(number ? [containing('phone_key', number)] : [])].join(',');
}

/** Whether a text can be a mail address, as the database has it. */
export function isEmail(text: string): boolean {
  return /^[^\s@"(),:;<>\\[\].]+(\.[^\s@"(),:;<>\\[\].]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}([\p{L}\p{N}-]*[\p{L}\p{N}])$/u.test(
    text.trim(),
  );
}
