// Builds PostgREST conditions from user input. All characters are taken literally.

/** Quotes a value that may contain commas, dots or brackets. */
const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** Regular expression that matches the text literally. LIKE patterns do not work: PostgREST cannot escape `*` in them. */
export const literally = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** Condition: the column contains the text, ignoring case. */
export const containing = (column: string, text: string) => `${column}.imatch.${quoted(literally(text))}`;

/** Condition: the column equals the text, ignoring case and spaces. Used for numbers and names on labels. */
export const sameNumber = (column: string, text: string) => {
  const characters = [...text.replace(/\s/g, '')].map(literally);
  return `${column}.imatch.${quoted(`^\\s*${characters.join('\\s*')}\\s*$`)}`;
};

/** Country codes of ITU-T E.164. They form a prefix code: no code begins another. */
const COUNTRY =
  /^(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\d)/;

/**
 * Normalizes a full or partial phone number to the national number, as the database's `phone_key` does. Returns undefined if
 * the text is not a phone number.
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

/** Search condition: every word occurs in one of the columns. Phone numbers match in any notation. */
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

/** Whether a text is a valid email address, by the database's rule. */
export function isEmail(text: string): boolean {
  return /^[^\s@"(),:;<>\\[\].]+(\.[^\s@"(),:;<>\\[\].]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}([\p{L}\p{N}-]*[\p{L}\p{N}])$/u.test(
    text.trim(),
  );
}
