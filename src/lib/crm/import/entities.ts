/** How a cell becomes a column's value. */
export type FieldKind = 'text' | 'email' | 'date' | 'money' | 'number' | 'boolean' | 'choice' | 'reference';

export interface ImportField {
  /** The column it fills. */
  column: string;
  label: string;
  kind: FieldKind;
  required?: boolean;
  /** Headers it is known by, lower case. */
  aliases: readonly string[];
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
  /** Rows are duplicates if they agree in the first of these columns that both have. */
  match: readonly string[];
  /** Whether deleted rows stay, with `deleted_at`; they do not count as duplicates. */
  softDelete?: boolean;
}

const field = (
  column: string,
  label: string,
  kind: FieldKind,
  aliases: string,
  more: Partial<ImportField> = {},
): ImportField => ({
  column,
  label,
  kind,
  aliases: [label.toLowerCase(), column.replaceAll('_', ' '), ...aliases.split('|').filter(Boolean)],
  ...more,
});
const choice = (column: string, label: string, choices: string, aliases = '') =>
  field(column, label, 'choice', aliases, { choices: choices.split('|') });
const account = field(
  'account_id',
  'Account',
  'reference',
  'company|client|customer|organisation|organization|firma|kunde',
  { reference: { table: 'accounts', make: true } },
);
const eventType = field('event_type_id', 'Event type', 'reference', 'type of event|occasion', {
  reference: { table: 'event_types' },
});
const person = [
  field('first_name', 'First name', 'text', 'first|given name|vorname', { required: true }),
  field('last_name', 'Last name', 'text', 'last|surname|family name|nachname'),
  field('email', 'E-mail', 'email', 'email|email address|mail|e mail|e mail address'),
  field('phone', 'Phone', 'text', 'telephone|mobile|cell|phone number|telefon'),
];

/** What can be imported, and from which columns. */
export const IMPORT_ENTITIES = {
  accounts: {
    table: 'accounts',
    label: 'Accounts',
    match: ['email', 'phone', 'name'],
    softDelete: true,
    fields: [
      field('name', 'Name', 'text', 'company|account|client|customer|company name|account name', {
        required: true,
      }),
      choice('account_type', 'Type', 'individual|company', 'account type'),
      field('email', 'E-mail', 'email', 'email|email address|e mail|e mail address'),
      field('phone', 'Phone', 'text', 'telephone|phone number'),
      field('website', 'Website', 'text', 'url|web'),
      field('industry', 'Industry', 'text', ''),
      field('billing_street', 'Street', 'text', 'address|billing address'),
      field('billing_city', 'City', 'text', 'town'),
      field('billing_postal_code', 'Postal code', 'text', 'zip|zip code|postcode'),
      field('billing_country', 'Country', 'text', ''),
      field('tax_id', 'Tax id', 'text', 'vat|vat number|tax number'),
      field('tax_exempt', 'Tax exempt', 'boolean', ''),
      field('credit_limit', 'Credit limit', 'money', ''),
    ],
  },
  contacts: {
    table: 'contacts',
    label: 'Contacts',
    match: ['email', 'phone'],
    softDelete: true,
    fields: [
      ...person,
      field('job_title', 'Job title', 'text', 'title|position|role'),
      {
        ...account,
        reference: { table: 'accounts', make: true, link: { table: 'contact_accounts', own: 'contact_id' } },
      },
      field('email_opt_out', 'No e-mail', 'boolean', 'unsubscribed|opt out'),
    ],
  },
  leads: {
    table: 'leads',
    label: 'Leads',
    match: ['email', 'phone'],
    fields: [
      ...person,
      field('company', 'Company', 'text', 'organisation|organization'),
      field('source', 'Source', 'text', 'lead source|heard about us'),
      choice('status', 'Status', 'new|contacted|qualified|lost'),
      field('event_date', 'Event date', 'date', 'date|date of event|wedding date'),
      eventType,
      field('guest_count', 'Guests', 'number', 'guest count|number of guests|pax'),
      field('message', 'Message', 'text', 'notes|comment|comments'),
    ],
  },
  events: {
    table: 'events',
    label: 'Events',
    match: ['event_number'],
    fields: [
      field('title', 'Title', 'text', 'event|event name|name', { required: true }),
      { ...account, required: true },
      field('event_number', 'Number', 'text', 'event number|id|booking number'),
      choice('status', 'Status', 'tentative|confirmed|completed|cancelled'),
      field('start_date', 'Date', 'date', 'event date|start|start date|date of event'),
      eventType,
      field('location_id', 'Location', 'reference', 'venue|place', {
        reference: { table: 'locations', make: true },
      }),
      field('guest_count', 'Guests', 'number', 'guest count|number of guests|pax'),
      field('notes', 'Notes', 'text', 'comment|comments|remarks'),
    ],
  },
  equipment: {
    table: 'equipment_items',
    label: 'Equipment',
    match: ['asset_tag', 'serial_number'],
    fields: [
      field('asset_tag', 'Asset tag', 'text', 'tag|asset|inventory number|barcode', { required: true }),
      field('name', 'Name', 'text', 'item|description', { required: true }),
      field('equipment_type_id', 'Type', 'reference', 'equipment type|category', {
        required: true,
        reference: { table: 'equipment_types', make: true },
      }),
      field('serial_number', 'Serial number', 'text', 'serial|sn'),
      field('model', 'Model', 'text', ''),
      field('quantity', 'Quantity', 'number', 'qty|count|amount'),
      choice('condition', 'Condition', 'excellent|good|fair|needs_repair'),
      field('purchase_date', 'Bought on', 'date', 'purchase date|bought'),
      field('purchase_price', 'Price paid', 'money', 'purchase price|cost|price'),
    ],
  },
} as const satisfies Record<string, ImportEntity>;

export type ImportEntityName = keyof typeof IMPORT_ENTITIES;

/** Column of the entity by header of the file, without unknown headers. */
export type Mapping = Record<string, string>;

/** Guesses which header means which column: by name, whatever its case and punctuation. */
export function suggestMapping(headers: readonly string[], entity: ImportEntity): Mapping {
  const plain = (header: string) =>
    header
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  const mapping: Mapping = {};
  for (const { column, aliases } of entity.fields) {
    const header = headers.find((one) => !(one in mapping) && aliases.includes(plain(one)));
    if (header !== undefined) mapping[header] = column;
  }
  return mapping;
}
