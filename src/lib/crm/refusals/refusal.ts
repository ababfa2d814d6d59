/** What PostgreSQL or PostgREST's grammar says of an error. */
export interface Said {
  code: string;
  message: string;
  /** A text, or a list where one of our own rules refused. */
  details?: string | readonly object[] | null | undefined;
}

/** The requirement that a value did not meet; a key of the web's `refusal.*`. */
export type Rule =
  | 'needed'
  | 'empty'
  | 'text'
  | 'too_long'
  | 'choice'
  | 'money'
  | 'number'
  | 'percent'
  | 'format'
  | 'order'
  | 'falling'
  | 'date_far'
  | 'who'
  | 'belongs'
  | 'line_refers'
  | 'optional'
  | 'own_action'
  | 'entity'
  | 'value'
  | 'duplicate'
  | 'exists'
  | 'one_default'
  | 'one_document'
  | 'in_use'
  | 'missing'
  | 'taken'
  | 'too_large'
  | 'wrong_form'
  | 'character'
  | 'twice'
  | 'permission'
  | 'request_large'
  | 'timeout'
  | 'contention';

/** A refusal of the database as facts, for a message in any language. */
export interface Refusal {
  rule: Rule;
  /** The column that is wrong, or the first of those that are together. */
  column?: string;
  /** The table whose rows stand in the way. */
  other?: string;
  /** The refused value as PostgreSQL read it, at most 60 characters. */
  value?: string;
  /** Name of the type that the value does not have. */
  type?: string;
}

/** Checks that a row keeps as a whole, by name, and the column to look at. */
const OF_ROWS: Readonly<Record<string, { rule: Rule; column: string }>> = {
  attachments_mime_type: { rule: 'format', column: 'mime_type' },
  booth_assignments_hold: { rule: 'own_action', column: 'status' },
  contact_accounts_check: { rule: 'order', column: 'end_date' },
  contracts_signed: { rule: 'own_action', column: 'status' },
  design_item_types_check: { rule: 'falling', column: 'due_date_days' },
  design_item_types_check1: { rule: 'falling', column: 'urgent_threshold_days' },
  equipment_assignments_hold: { rule: 'own_action', column: 'status' },
  event_core_task_completed: { rule: 'own_action', column: 'is_completed' },
  event_dates_belong: { rule: 'belongs', column: 'event_id' },
  events_check: { rule: 'order', column: 'end_date' },
  invoices_not_negative: { rule: 'money', column: 'total' },
  invoices_numbered: { rule: 'own_action', column: 'status' },
  invoices_percent: { rule: 'percent', column: 'discount_value' },
  invoices_voided: { rule: 'own_action', column: 'status' },
  leads_converted: { rule: 'own_action', column: 'status' },
  line_percent: { rule: 'percent', column: 'discount_value' },
  line_refers: { rule: 'line_refers', column: 'item_type' },
  line_sign: { rule: 'money', column: 'unit_price' },
  opportunities_with: { rule: 'who', column: 'account_id' },
  payments_correction: { rule: 'own_action', column: 'kind' },
  payments_refund: { rule: 'own_action', column: 'kind' },
  quote_line_items_chosen: { rule: 'own_action', column: 'chosen' },
  quote_line_items_optional: { rule: 'optional', column: 'item_type' },
  quotes_check: { rule: 'order', column: 'valid_until' },
  quotes_deposit: { rule: 'percent', column: 'deposit_value' },
  quotes_not_negative: { rule: 'money', column: 'total' },
  quotes_percent: { rule: 'percent', column: 'discount_value' },
  tasks_completed: { rule: 'own_action', column: 'status' },
  tasks_entity: { rule: 'entity', column: 'entity_id' },
  time_off_days: { rule: 'order', column: 'last_day' },
};

/** Requirements of a column's check, by the end of the column's name: the first that fits. */
const OF_COLUMNS: readonly [column: RegExp, rule: Rule][] = [
  [
    /^(status|kind|role|condition|direction|visibility|priority|rule|how|method|type|tracking|unit|rounding|.*_type|.*_rule|.*_roles)$/,
    'choice',
  ],
  [/(price|cost|rate|rate_snapshot|amount|fee|credit_limit|paid|credited|budget)$/, 'money'],
  [/(probability|percent|discount_approved)$/, 'percent'],
  [/^(end_date|valid_until|last_day|effective)$/, 'order'],
  [/_number$/, 'too_long'],
  [/^event_date$/, 'date_far'],
  [/^(content|body|body_html|message)$/, 'text'],
  [/^(name|title|first_name|asset_tag|file_name|label|entity|provider)$/, 'empty'],
  [
    /(currency|locale|slug|color|sha256|hash|mime_type|key|url|email|timezone|_items|attached|includes|language)$/,
    'format',
  ],
  [
    /(quantity|count|minutes|days|days_before|hours|hours_actual|hour|value|miles|needed|revision|padding|size_bytes|lat|lng|order|version|attempts)$/,
    'number',
  ],
];

/** A check constraint as its requirement. Names are `<table>_<column>_check`, or stand in the list above. */
function ofCheck(table: string, constraint: string): Refusal {
  const ofRow = OF_ROWS[constraint];
  if (ofRow) return ofRow;
  const name = constraint.startsWith(`${table}_`)
    ? constraint.slice(table.length + 1)
    : constraint.replace(/^(line_item|record)_/, '');
  if (name.endsWith('_length')) return { rule: 'too_long', column: name.slice(0, -'_length'.length) };
  const column = name.replace(/_check\d*$/, '');
  return { rule: OF_COLUMNS.find(([pattern]) => pattern.test(column))?.[1] ?? 'value', column };
}

/** The unique indexes whose names do not say their columns. */
const UNIQUE: Readonly<Record<string, Refusal>> = {
  contact_accounts_one_primary: { rule: 'one_default', column: 'is_primary' },
  design_statuses_one_default: { rule: 'one_default', column: 'is_default' },
};

function ofUnique(constraint: string, details: string): Refusal {
  if (UNIQUE[constraint]) return UNIQUE[constraint];
  const document = /^(quote|invoice|contract)s_one_/.exec(constraint)?.[1];
  if (document) return { rule: 'one_document', other: `${document}s` };
  if (/_one_default/.test(constraint)) return { rule: 'one_default', column: 'is_default' };
  // “Key (tenant_id, name)=(…) already exists.”, where the caller may see it.
  const columns = /^Key \(tenant_id, ([a-z_, ]+)\)=/.exec(details)?.[1]?.split(', ');
  const column =
    columns?.at(-1) ??
    /_tenant_id_([a-z_]+)_(?:key|idx)\d*$/.exec(constraint)?.[1] ??
    /_(asset_tag|sku|[a-z]+_number)_any_spelling$/.exec(constraint)?.[1];
  return column === undefined ? { rule: 'exists' } : { rule: 'duplicate', column };
}

/** The facts of a refusal; undefined where the message is in plain words already, or is not about the tenant's data. */
export function refusalIn({ code, message, details }: Said): Refusal | undefined {
  const named = (pattern: RegExp) => pattern.exec(message)?.[1];
  switch (code) {
    case '23502': {
      const column = named(/column "([^"]+)"/);
      return column === undefined ? undefined : { rule: 'needed', column };
    }
    case '23503': {
      const other = named(/^update or delete on table .* on table "([^"]+)"/);
      if (other) return { rule: 'in_use', other };
      const [, table, constraint] =
        /^insert or update on table "([^"]+)".*constraint "([^"]+)"/.exec(message) ?? [];
      return table && constraint
        ? { rule: 'missing', column: constraint.slice(table.length + 1).replace(/_fkey\d*$/, '') }
        : undefined;
    }
    case '42501':
      return /^permission denied for (table|view|function)/.test(message)
        ? { rule: 'permission' }
        : undefined;
    case '23505':
      return ofUnique(named(/unique constraint "([^"]+)"/) ?? '', typeof details === 'string' ? details : '');
    case '23514': {
      const [, table, constraint] =
        /relation "([^"]+)" violates check constraint "([^"]+)"/.exec(message) ?? [];
      return table && constraint ? ofCheck(table, constraint) : undefined;
    }
    case '23P01':
      return { rule: 'taken' };
    case '22003': {
      const value = named(/value "([^"]*)"/);
      return { rule: 'too_large', ...(value === undefined ? {} : { value: value.slice(0, 60) }) };
    }
    case '22007':
    case '22008':
    case '22P02': {
      const value = named(/: "([^"]*)"/);
      if (value === undefined) return { rule: 'wrong_form' };
      return {
        rule: 'wrong_form',
        value: value.slice(0, 60),
        type: named(/for type ([a-z ]+):/) ?? 'date',
      };
    }
    case '22021':
    case '22P05':
      return { rule: 'character' };
    case '22001':
    case '54000':
      return { rule: 'too_long' };
    case '54001':
    case '54011':
    case '54023':
      return { rule: 'request_large' };
    case '21000':
      return /affect row a second time/.test(message) ? { rule: 'twice' } : undefined;
    case '57014':
      return { rule: 'timeout' };
    case '40001':
    case '40P01':
    case '55P03':
      return { rule: 'contention' };
    default:
      return undefined;
  }
}
