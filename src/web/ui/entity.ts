import i18next from 'i18next';
import type { LucideIcon } from 'lucide-react';
import type { Filter, Order, Row, TableName } from '../hooks/query';
import type { Permission } from '../hooks/roles';

export type FieldKind =
  | 'text'
  | 'multiline'
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
  | 'color';

/** A foreign key: the referenced table, and the columns that name a row of it. */
export interface Reference {
  table: TableName;
  label: readonly string[];
  /** Path of the row's page, without the id: `/accounts`. */
  path?: string;
  filters?: readonly Filter[];
  order?: string;
}

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
  /** Spans the full width of a form. */
  wide?: boolean;
  /** Section heading in forms and on pages: a key of `section.*`. */
  section?: string;
  /** Available in bulk edit. */
  bulk?: boolean;
  initial?: unknown;
  /** The text may contain merge fields. */
  mergeFields?: boolean;
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
  views?: readonly View[];
  filters?: readonly Filter[];
  mayWrite: Permission;
  /** Soft delete: deleting marks the row, so that it can be undone. */
  softDelete?: boolean;
  /** No other rows refer to this one, so undoing a deletion can insert it again. */
  leaf?: boolean;
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
