import { CellError } from './errors';

/**
 * Reads an amount of money: `1,234.50`, `1.234,50`, `€ 1 234`, `(12.00)`, `99,-`.
 *
 * @returns minor units
 * @throws CellError `import_bad_amount` also for more digits than the currency has
 */
export function readMoney(text: string, digits: number): bigint {
  // `99,-` has no cents, and the point in `Fr. 500` does not belong to the number.
  const plain = text.replace(/[.,]\s*-+(?=\D*$)/, '').replace(/(?<=\p{L})\./gu, '');
  const negative = /^\s*\(.*\)\s*$/.test(plain) || /-/.test(plain);
  const cleaned = plain.replace(/[^\d.,]/g, '');
  if (!/\d/.test(cleaned)) throw badAmount(text);
  const last = Math.max(cleaned.lastIndexOf('.'), cleaned.lastIndexOf(','));
  const tail = last < 0 ? '' : cleaned.slice(last + 1);
  // One kind of separator between groups of three digits groups thousands; one alone does not where the currency has three decimals.
  const grouped =
    /^[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*$/.test(cleaned) && (digits !== 3 || /([.,]).*\1/.test(cleaned));
  const whole =
    last < 0 || grouped ? cleaned.replace(/[.,]/g, '') : cleaned.slice(0, last).replace(/[.,]/g, '');
  const fraction = last < 0 || grouped ? '' : tail;
  if (fraction.length > digits && /[1-9]/.test(fraction.slice(digits))) throw badAmount(text);
  const minor = BigInt(`${whole || '0'}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  return negative ? -minor : minor;
}

/** Reads yes or no. @throws CellError `import_bad_boolean` */
export function readBoolean(text: string): boolean {
  const value = text.trim().toLowerCase();
  if (['yes', 'y', 'true', 't', '1', 'x', 'ja', 'on'].includes(value)) return true;
  if (['no', 'n', 'false', 'f', '0', '', 'nein', 'off'].includes(value)) return false;
  throw new CellError('import_bad_boolean', `“${text}” is neither yes nor no.`);
}

/** The form that the database accepts (`tenancy.is_email`): a name, and a domain of at least two parts. */
const EMAIL =
  /^[^\s\p{Cc}@"(),:;<>\\[\].]+(\.[^\s\p{Cc}@"(),:;<>\\[\].]+)*@([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}([\p{L}\p{N}-]*[\p{L}\p{N}])$/u;

/** Reads an email address, also `Ann Lee <ann@example.com>`. @throws CellError `import_bad_email` */
export function readEmail(text: string): string {
  const value = (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim().replace(/^mailto:/i, '');
  if (value.length <= 254 && EMAIL.test(value)) return value.toLowerCase();
  throw new CellError('import_bad_email', `“${text}” is not an email address.`);
}

/** Other systems' names for the same value. */
const SAME: Record<string, string> = {
  canceled: 'cancelled',
  storniert: 'cancelled',
  abgesagt: 'cancelled',
  booked: 'confirmed',
  gebucht: 'confirmed',
  bestätigt: 'confirmed',
  done: 'completed',
  complete: 'completed',
  erledigt: 'completed',
  abgeschlossen: 'completed',
  pending: 'tentative',
  inquiry: 'tentative',
  vorläufig: 'tentative',
  open: 'new',
  neu: 'new',
  kontaktiert: 'contacted',
  qualifiziert: 'qualified',
  verloren: 'lost',
  person: 'individual',
  personal: 'individual',
  private: 'individual',
  privat: 'individual',
  privatperson: 'individual',
  business: 'company',
  organization: 'company',
  firma: 'company',
  unternehmen: 'company',
  gut: 'good',
  defekt: 'needs_repair',
  broken: 'needs_repair',
};

/** Reads one of a fixed list of words, whatever its case and spaces. @throws CellError `import_bad_choice` */
export function readChoice(text: string, choices: readonly string[]): string {
  const value = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  const known = choices.includes(value) ? value : SAME[value];
  if (known !== undefined && choices.includes(known)) return known;
  throw new CellError('import_bad_choice', `“${text}” is not one of ${choices.join(', ')}.`);
}

function badAmount(text: string): CellError {
  return new CellError('import_bad_amount', `“${text}” is not an amount of money.`, {
    hint: 'Write it as 1234.50.',
  });
}
