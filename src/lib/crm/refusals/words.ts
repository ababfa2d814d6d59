/** What PostgreSQL or PostgREST's grammar says of an error. */
interface Said {
  code: string;
  message: string;
}

const field = (column: string) => {
  const words = column.replace(/_id$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Requirements of check constraints, by the end of their names. */
const CHECKS: [constraint: RegExp, words: (column: string) => string][] = [
  [/_length$/, (column) => `${field(column.replace(/_length$/, ''))} is too long to be kept here.`],
  [
    /^(content|body|body_html|message)_check$/,
    (column) => `${field(column)} must not be empty or that long (notes: at most 100,000 characters).`,
  ],
  [
    /(price|cost|rate|rate_snapshot|amount|fee|credit_limit|paid)_check$|^not_negative$|^line_sign$/,
    (column) => `${field(column)} must be an amount of money between 0 and what a document can say.`,
  ],
  [/(quantity|count|minutes|days|hours)_check$/, (column) => `${field(column)} is too small or too large.`],
  [/^(line_)?percent$|^deposit$/, () => 'A percentage is at most 100.'],
  [/^(end_date|valid_until)_check$/, () => 'The last day is before the first.'],
  [/^event_date_check$/, () => 'The date is too far from today.'],
  [/^(status|kind|role|condition|.*type)_check$/, (column) => `${field(column)} is none of the choices.`],
  [/^(name|title|first_name|asset_tag|file_name)_check$/, (column) => `${field(column)} must not be empty.`],
  [/^currency_check$/, () => 'A currency is three capital letters, such as EUR.'],
];

/**
 * An error of the database in words for a company's staff: what is wrong with what they entered, and with which field.
 * Undefined where the database's message is in such words already (its rules' refusals), or is none about their data.
 */
export function inWords({ code, message }: Said): string | undefined {
  const named = (pattern: RegExp) => pattern.exec(message)?.[1];
  switch (code) {
    case '23502': {
      const column = named(/column "([^"]+)"/);
      return column && `${field(column)} is needed.`;
    }
    case '23503': {
      const user = named(/^update or delete on table .* on table "([^"]+)"/);
      if (user) return `It is still used by ${user.replaceAll('_', ' ')}: change or remove those first.`;
      const reference = named(/^insert or update on table .*"[a-z_]*?_([a-z_]+)_id_fkey"/);
      return reference && 'What it refers to is not there any more.';
    }
    case '42501':
      return /^permission denied for table/.test(message)
        ? 'Your role may not do this, or what you sent names a column that only the system fills.'
        : undefined;
    case '23505': {
      const document = named(/"(quote|invoice|contract)s_one_/);
      if (document)
        return `There is already ${document === 'invoice' ? 'an' : 'a'} ${document} in its place: open that one.`;
      const columns =
        named(/_tenant_id_([a-z_]+)_key"/) ?? named(/_(asset_tag|sku|[a-z]+_number)_any_spelling"/);
      return columns
        ? `There is already one with this ${field(columns).toLowerCase()}.`
        : 'There is already one like this.';
    }
    case '23514': {
      const [, table, constraint] =
        /relation "([^"]+)" violates check constraint "([^"]+)"/.exec(message) ?? [];
      if (!table || !constraint) return undefined;
      const rest = constraint.replace(`${table}_`, '').replace(/^line_item_/, '');
      const column = rest.replace(/_check\d*$/, '');
      const found = CHECKS.find(([pattern]) => pattern.test(rest.replace(/\d+$/, '')));
      return found?.[1](column) ?? `${field(column)} cannot have this value.`;
    }
    case '23P01':
      return 'It is taken at that time.';
    case '22003':
      return 'A number is larger than can be kept.';
    case '22007':
    case '22008':
    case '22P02': {
      const value = named(/: "([^"]*)"$/);
      const type = named(/for type ([a-z ]+):/) ?? 'date';
      const kind = /date|time/.test(type)
        ? 'a date or time that exists'
        : `a ${NAMES[type] ?? 'value'} of the right form`;
      return value === undefined
        ? 'A value is not of the right form, or is out of range.'
        : `“${value.slice(0, 60)}” is not ${kind}.`;
    }
    case '22021':
    case '22P05':
      return 'The text contains a character that cannot be kept (a null character, or half of a sign).';
    case '22001':
    case '54000':
      return 'A text is too long to be kept here.';
    case '54001':
    case '54011':
    case '54023':
      return 'The request is too large or too deeply nested. Ask for less at once.';
    case '21000':
      return /affect row a second time/.test(message) ? 'The same record was sent twice at once.' : undefined;
    case '57014':
      return 'It took too long and was given up: nothing was changed. Ask for less at once.';
    case '40001':
    case '40P01':
    case '55P03':
      return 'Another user was changing the same thing at this moment: nothing was changed. Try again.';
    default:
      return undefined;
  }
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
  bigint: 'whole number',
  integer: 'whole number',
  numeric: 'number',
  uuid: 'key',
  boolean: 'yes or no',
};
