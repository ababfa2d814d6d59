import { type Refusal, type Rule, refusalIn, type Said } from './refusal';

const field = (column: string | undefined) => {
  const words = (column ?? 'value').replace(/_id$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
const table = (name: string | undefined) => (name ?? 'records').replaceAll('_', ' ');

const WORDS: Readonly<Record<Rule, (refusal: Refusal) => string>> = {
  needed: ({ column }) => `${field(column)} is required.`,
  empty: ({ column }) => `${field(column)} must not be empty.`,
  text: ({ column }) => `${field(column)} must not be empty, nor longer than 100,000 characters.`,
  too_long: ({ column }) =>
    column ? `${field(column)} is too long. Shorten it.` : 'A text is too long. Shorten it.',
  choice: ({ column }) => `${field(column)} is not one of the allowed values.`,
  money: ({ column }) =>
    `${field(column)} must be an amount of money from 0 to the largest that a document can show.`,
  number: ({ column }) => `${field(column)} is too small or too large.`,
  percent: ({ column }) => `${field(column)}: a percentage is at most 100.`,
  format: ({ column }) => `${field(column)} has the wrong format.`,
  order: ({ column }) => `${field(column)}: the last day is before the first, or too long after it.`,
  falling: () => 'The days before the event must fall: due, then urgent, then missed.',
  date_far: ({ column }) => `${field(column)}: the date is too far from today.`,
  who: () => 'Choose an account or a contact.',
  belongs: () => 'A date belongs to an event or an opportunity.',
  line_refers: () => 'A line refers to the package, add-on or product of its kind, and to nothing else.',
  optional: () => 'A discount cannot be an optional extra.',
  own_action: ({ column }) => `${field(column)} is set by its own action, together with the time.`,
  entity: () => 'Name both the kind of record and the record, or neither.',
  value: ({ column }) => `${field(column)} is not valid. Check it.`,
  duplicate: ({ column }) => `There is already one with this ${field(column).toLowerCase()}.`,
  exists: () => 'There is already one like this.',
  one_default: () => 'There is already another one marked as the first. Unmark that one.',
  one_document: ({ other }) =>
    `There is already ${other === 'invoices' ? 'an invoice' : `a ${table(other).replace(/s$/, '')}`} in its place: open that one.`,
  in_use: ({ other }) => `It is still used by ${table(other)}: change or remove those first.`,
  missing: ({ column }) => `${field(column)}: the record it refers to no longer exists. Choose another one.`,
  taken: () => 'It is already booked at that time.',
  too_large: () => 'A number is too large.',
  wrong_form: ({ value, type }) => {
    if (value === undefined) return 'A value has the wrong format, or is out of range.';
    const kind = /date|time/.test(type ?? '')
      ? 'a date or time that exists'
      : (NAMES[type ?? ''] ?? 'a valid value');
    return `“${value}” is not ${kind}.`;
  },
  character: () =>
    'The text contains a character that cannot be stored (a null character, or an incomplete one).',
  twice: () => 'The same record was sent twice at once.',
  permission: () => 'Your role may not do this, or what you sent names a column that only the system fills.',
  request_large: () => 'The request is too large or too deeply nested. Ask for less at once.',
  timeout: () => 'It took too long and was canceled: nothing was changed. Ask for less at once.',
  contention: () =>
    'Another user was changing the same thing at this moment: nothing was changed. Try again.',
};

/**
 * An error of the database in words for programs and for a company's staff: what is wrong with what they sent, and with which
 * field. Undefined if the database's message is in such words already (its rules' refusals), or is not about their data.
 */
export function inWords(said: Said): string | undefined {
  const refusal = refusalIn(said);
  return refusal && WORDS[refusal.rule](refusal);
}

/**
 * Errors that PostgREST answers with 500, as a fault of the server, though they are about what was sent or about the
 * moment: the status that they have here. What the database hints at is then for its administrators.
 */
export const NO_FAULT_OF_OURS: Readonly<Record<string, number>> = {
  '21000': 400,
  '54000': 400,
  '54001': 400,
  '54011': 400,
  '54023': 400,
  '40001': 409,
  '40P01': 409,
  '55P03': 409,
  '57014': 503,
};

const NAMES: Record<string, string> = {
  bigint: 'a whole number',
  integer: 'a whole number',
  numeric: 'a number',
  uuid: 'an id (UUID)',
  boolean: 'true or false',
};
