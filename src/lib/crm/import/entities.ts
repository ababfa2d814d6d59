import { HEADINGS, plainHeading } from './headings';

/** How a cell becomes a column's value. */
export type FieldKind =
  | 'text'
  | 'email'
  | 'phone'
  | 'date'
  /** A time of day, or both ends of a range of them. */
  | 'time'
  | 'money'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'reference'
  /** Names of booths or booth types. */
  | 'booth'
  /** A full name, divided into `first_name` and `last_name`. */
  | 'person'
  /** The currency of the row's amounts. */
  | 'currency';

/** Fields of a row that say what is booked with it. They are not columns of its table. */
export type BookingField = 'start_time' | 'end_time' | 'booth_id';

export interface ImportField {
  /** The column it fills, or a `BookingField`. */
  column: string;
  label: string;
  kind: FieldKind;
  required?: boolean;
  /** Several columns of the file may go into it: the first that is not empty, or all of them as lines. */
  several?: 'first' | 'lines';
  /** A date that cannot be in the future. */
  isPast?: boolean;
  /** The field that a date's time of day goes into. */
  time?: BookingField;
  choices?: readonly string[];
  /** The cell names a row of another table, which is created if missing where `make` says so. */
  reference?: {
    table: 'accounts' | 'locations' | 'event_types' | 'equipment_types';
    make?: boolean;
    /** The table of pairs that links both, where the column is not the row's own. */
    link?: { table: string; own: string };
  };
}

export interface ImportEntity {
  table: string;
  label: string;
  fields: readonly ImportField[];
  /** Rows are duplicates if they agree in one of these columns, looked at in this order. */
  match: readonly string[];
  /** Whether rows come with dates and booths (`BookingField`). */
  isBooked?: boolean;
}

const field = (
  column: string,
  label: string,
  kind: FieldKind = 'text',
  more: Partial<ImportField> = {},
): ImportField => ({ column, label, kind, ...more });
const choice = (column: string, label: string, choices: string) =>
  field(column, label, 'choice', { choices: choices.split('|') });
const account = field('account_id', 'Account', 'reference', { reference: { table: 'accounts', make: true } });
const eventType = field('event_type_id', 'Event type', 'reference', { reference: { table: 'event_types' } });
const email = field('email', 'Email', 'email', { several: 'first' });
const phone = field('phone', 'Phone', 'phone', { several: 'first' });
const currency = field('currency', 'Currency', 'currency');
const person = [
  field('first_name', 'First name', 'text', { required: true }),
  field('last_name', 'Last name'),
  field('full_name', 'Full name', 'person'),
  email,
  phone,
];
const address = (prefix: string) => [
  field(`${prefix}_street`, 'Street', 'text', { several: 'first' }),
  field(`${prefix}_city`, 'City', 'text', { several: 'first' }),
  field(`${prefix}_state`, 'State', 'text', { several: 'first' }),
  field(`${prefix}_postal_code`, 'Postal code', 'text', { several: 'first' }),
  field(`${prefix}_country`, 'Country', 'text', { several: 'first' }),
];
const notes = field('notes', 'Notes', 'text', { several: 'lines' });

/** What can be imported, and from which columns. */
export const IMPORT_ENTITIES = {
  accounts: {
    table: 'accounts',
    label: 'Accounts',
    match: ['email', 'phone', 'name'],
    fields: [
      field('name', 'Name', 'text', { required: true }),
      choice('account_type', 'Type', 'individual|company'),
      email,
      phone,
      field('website', 'Website'),
      field('industry', 'Industry'),
      ...address('billing'),
      field('tax_id', 'Tax ID'),
      field('tax_exempt', 'Tax exempt', 'boolean'),
      field('credit_limit', 'Credit limit', 'money'),
      currency,
      notes,
    ],
  },
  contacts: {
    table: 'contacts',
    label: 'Contacts',
    match: ['email', 'phone'],
    fields: [
      ...person,
      field('job_title', 'Job title'),
      {
        ...account,
        reference: { table: 'accounts', make: true, link: { table: 'contact_accounts', own: 'contact_id' } },
      },
      ...address('address'),
      field('birthday', 'Birthday', 'date', { isPast: true }),
      field('email_opt_out', 'No email', 'boolean'),
      notes,
    ],
  },
  leads: {
    table: 'leads',
    label: 'Leads',
    match: ['email', 'phone'],
    fields: [
      ...person,
      field('company', 'Company'),
      field('source', 'Source'),
      choice('status', 'Status', 'new|contacted|qualified|lost'),
      field('event_date', 'Event date', 'date'),
      eventType,
      field('guest_count', 'Guests', 'number'),
      field('message', 'Message', 'text', { several: 'lines' }),
    ],
  },
  events: {
    table: 'events',
    label: 'Events',
    match: ['event_number'],
    isBooked: true,
    fields: [
      field('title', 'Title', 'text', { required: true }),
      { ...account, required: true },
      field('event_number', 'Number'),
      choice('status', 'Status', 'tentative|confirmed|completed|cancelled'),
      field('start_date', 'Date', 'date', { time: 'start_time' }),
      field('end_date', 'Last day', 'date', { time: 'end_time' }),
      field('start_time', 'Start time', 'time'),
      field('end_time', 'End time', 'time'),
      eventType,
      field('location_id', 'Location', 'reference', { reference: { table: 'locations', make: true } }),
      field('booth_id', 'Booth', 'booth'),
      field('guest_count', 'Guests', 'number'),
      notes,
    ],
  },
  equipment: {
    table: 'equipment_items',
    label: 'Equipment',
    match: ['asset_tag', 'serial_number'],
    fields: [
      field('asset_tag', 'Asset tag', 'text', { required: true }),
      field('name', 'Name', 'text', { required: true }),
      field('equipment_type_id', 'Type', 'reference', {
        required: true,
        reference: { table: 'equipment_types', make: true },
      }),
      field('serial_number', 'Serial number'),
      field('model', 'Model'),
      field('quantity', 'Quantity', 'number'),
      choice('condition', 'Condition', 'excellent|good|fair|needs_repair'),
      field('purchase_date', 'Bought on', 'date'),
      field('purchase_price', 'Price paid', 'money'),
      currency,
      notes,
    ],
  },
} as const satisfies Record<string, ImportEntity>;

export type ImportEntityName = keyof typeof IMPORT_ENTITIES;

/** Column of the entity by header of the file, without unknown headers. */
export type Mapping = Record<string, string>;

/** The headings of a field: its label, its column's name, then those of other systems, best first. */
function headingsOf({ column, label, reference }: ImportField, table: string): string[] {
  // An id's column is exported beside the name it stands for, and only the name is imported.
  const own = reference ? column.replace(/_id$/, '') : column;
  const others = HEADINGS[`${table}.${column}`] ?? HEADINGS[column] ?? '';
  return [plainHeading(label), plainHeading(own), ...others.split('|').filter(Boolean)];
}

/** Guesses which header means which column: by name, whatever its case and punctuation. */
export function suggestMapping(headers: readonly string[], entity: ImportEntity): Mapping {
  const mapping: Mapping = {};
  const wanted = entity.fields.map((field) => ({ field, headings: headingsOf(field, entity.table) }));
  const most = Math.max(...wanted.map(({ headings }) => headings.length));
  // All fields by their first heading, then by their second: a header goes to the field that it fits best.
  for (let rank = 0; rank < most; rank += 1) {
    for (const { field, headings } of wanted) {
      const isTaken = !field.several && Object.values(mapping).includes(field.column);
      const header = headers.find((one) => !(one in mapping) && plainHeading(one) === headings[rank]);
      if (header !== undefined && !isTaken) mapping[header] = field.column;
    }
  }
  return withoutDoubleNames(mapping);
}

/** A full name beside first and last names says nothing new. */
function withoutDoubleNames(mapping: Mapping): Mapping {
  const columns = Object.values(mapping);
  if (!columns.includes('first_name') || !columns.includes('last_name')) return mapping;
  return Object.fromEntries(Object.entries(mapping).filter(([, column]) => column !== 'full_name'));
}
