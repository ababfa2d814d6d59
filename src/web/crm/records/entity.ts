import i18next from 'i18next';
import type { LucideIcon } from 'lucide-react';
import type { Filter, Order, Row, TableName } from '../../hooks/request/query';
import type { Permission } from '../../hooks/session/roles';

export type FieldKind =
  | 'text'
  | 'multiline'
  | 'lines'
  | 'email'
  | 'phone'
  | 'url'
  | 'number'
  | 'percent'
  | 'money'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'choice'
  | 'stage'
  | 'flag'
  | 'reference'
  | 'person'
  | 'listed'
  | 'zone'
  | 'color';

/** A foreign key: the referenced table, and the columns that name a row of it. */
export interface Reference {
  table: TableName;
  label: readonly string[];
  /** Path of the row's page, without the id: `/accounts`. */
  path?: string;
  filters?: readonly Filter[];
  order?: string;
  /** A picker offers the newest before anything is typed: no index has these in the order of their label. */
  newest?: boolean;
  /** The permission with which a picker creates what it does not find. */
  create?: Permission;
}

/** Initial value of a person field: the signed-in user. */
export const ME = 'me';

/** Metadata of one column, shared by tables, forms and pages. */
export interface Field {
  name: string;
  kind: FieldKind;
  /** Keys of `option.*`. */
  choices?: readonly string[];
  reference?: Reference;
  required?: boolean;
  /** Computed or set by the database: shown, but not editable. */
  readOnly?: boolean;
  /** Visibility in lists: shown by default, available in the column menu, or never. */
  list?: 'shown' | 'hidden' | 'never';
  /** Column width in lists, px. */
  width?: number;
  /** Folded away in forms under “More details”, unless it has a value. */
  more?: boolean;
  /** Whether forms and pages show the field, by the values of the others: a reason belongs to a state. */
  when?: (values: Readonly<Record<string, unknown>>) => boolean;
  /** The tenant's setting that lists the choices of a field of kind `listed`. */
  setting?: 'lead_sources';
  /** Spans the full width of a form. */
  wide?: boolean;
  /** Section heading in forms and on pages: a key of `section.*`. */
  section?: string;
  /** Available in bulk edit. */
  bulk?: boolean;
  initial?: unknown;
  /** The text may contain merge fields. */
  mergeFields?: boolean;
  /** With the value: whether a lead's day (the value) or the next date of a deal (of the value's id) is free. */
  day?: 'lead' | 'deal';
  /** Help text below the input: a key of `help.*`. */
  help?: string;
}

/** A built-in list view: a key of `view.*` and its filters. */
export interface View {
  key: string;
  filters: (context: { today: string; userId: string }) => readonly Filter[];
  order?: readonly Order[];
}

/** Metadata of a kind of record, from which tables, forms and pages are built. */
export interface Entity {
  table: TableName;
  /** Files that clients see, added to a record in its form: the kind of record, and a key of `files.*`. */
  clientFiles?: { entityType: string; title: string };
  /** Path of the list; a record's page is the path and its id. If records are edited in the list, they have no page. */
  path: string;
  hasPage?: boolean;
  icon: LucideIcon;
  title(row: AnyRow): string;
  /** The column whose cell links to the record. */
  titleField: string;
  fields: readonly Field[];
  /** Columns that the search box searches. */
  search: readonly string[];
  order: readonly Order[];
  /**
   * Columns whose order an index serves, of a table that grows with the company. `sometimes`: those that may be empty. Lists are
   * paged by these; lists of other tables are short.
   */
  sorted?: { by: readonly string[]; sometimes?: readonly string[] };
  views?: readonly View[];
  filters?: readonly Filter[];
  mayWrite: Permission;
  /** No other rows refer to this one, so undoing a deletion can insert it again. */
  leaf?: boolean;
  /** At least one of these columns needs a value. */
  oneOf?: readonly string[];
  /** The first event date of a new record: its fields follow the first field, and a function adds both at once. */
  firstDate?: { rpc: 'add_event' | 'add_opportunity'; record: string; fields: readonly Field[] };
  /** Additional embedded tables or columns, in PostgREST's `select` syntax. */
  select?: string;
}

/** An entity whose fields are columns of its table. */
export interface EntityOf<Name extends TableName>
  extends Omit<Entity, 'table' | 'title' | 'titleField' | 'fields' | 'search'> {
  table: Name;
  title(row: Row<Name>): string;
  titleField: keyof Row<Name> & string;
  fields: readonly FieldOf<Name>[];
  search: readonly (keyof Row<Name> & string)[];
}

export interface FieldOf<Name extends TableName> extends Field {
  name: keyof Row<Name> & string;
}

/** A row of any table, for generic components. */
export interface AnyRow {
  id: string;
  version: number;
  [column: string]: unknown;
}

/** A row of one table, for that table's own screens. */
export type RecordOf<Name extends TableName> = Row<Name> & AnyRow;

/** Alias of an embedded row: `account_id` → `account`. */
export function aliasOf(field: Pick<Field, 'name'>): string {
  return `${field.name.replace(/_id$/, '')}_ref`;
}

/** PostgREST's `select` for an entity: its columns, and the label columns of references. */
export function selectOf(entity: Entity): string {
  const embedded = entity.fields
    .filter((field) => field.reference)
    .map((field) => {
      const { table, label } = field.reference as Reference;
      return `${aliasOf(field)}:${table}!${entity.table}_${field.name}_fkey(id,${label.join(',')})`;
    });
  return ['*', ...embedded, ...(entity.select ? [entity.select] : [])].join(',');
}

/** Display name of a referenced row. */
export function labelOf(row: unknown, reference: Reference): string {
  if (typeof row !== 'object' || row === null) return '';
  const values = row as Record<string, unknown>;
  return reference.label
    .map((column) => values[column])
    .filter((value) => value !== null && value !== undefined && value !== '')
    .map((value) => inWords(String(value)))
    .join(' ');
}

/** Fields grouped by section, in order. */
export function sectionsOf(fields: readonly Field[]): [section: string, fields: Field[]][] {
  const sections = new Map<string, Field[]>();
  for (const field of fields) {
    const section = field.section ?? '';
    sections.set(section, [...(sections.get(section) ?? []), field]);
  }
  return [...sections];
}

/** Formats dates and times; returns other values unchanged. */
function inWords(value: string): string {
  const { language } = i18next;
  if (/^\d{4}-\d\d-\d\d$/.test(value)) {
    return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(
      new Date(value),
    );
  }
  if (/^\d\d:\d\d:\d\d$/.test(value)) {
    return new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(
      new Date(`2000-01-01T${value}Z`),
    );
  }
  return value;
}
