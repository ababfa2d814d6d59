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

/** Where a field points: another table, and the columns that name a row of it. */
export interface Reference {
  table: TableName;
  label: readonly string[];
  /** The page of such a row, without its id: `/accounts`. */
  path?: string;
  filters?: readonly Filter[];
  order?: string;
}

/** One column of a record, said once for tables, forms and pages. */
export interface Field {
  name: string;
  kind: FieldKind;
  /** Keys of `option.*`. */
  choices?: readonly string[];
  reference?: Reference;
  required?: boolean;
  /** Computed or set by the database: shown, never asked for. */
  readOnly?: boolean;
  /** In lists: shown, there to be chosen, or not at all. */
  list?: 'shown' | 'hidden' | 'never';
  /** In lists, pixels. */
  width?: number;
  /** Takes the whole width of a form. */
  wide?: boolean;
  /** Heading in forms and on pages: a key of `section.*`. */
  section?: string;
  /** Can be changed for many records at once. */
  bulk?: boolean;
  initial?: unknown;
  /** Its text may hold merge fields. */
  mergeFields?: boolean;
  /** A short text under the input: a key of `help.*`. */
  help?: string;
}

/** A way of looking at a list that comes with the product: a key of `view.*` and its filters. */
export interface View {
  key: string;
  filters: (context: { today: string; userId: string }) => readonly Filter[];
  order?: readonly Order[];
}

/** What the product knows of a kind of record; tables, forms and pages are made from it. */
export interface Entity {
  table: TableName;
  /** Address of its list; a record's is that and its id. Absent where records are edited in the list. */
  path: string;
  hasPage?: boolean;
  icon: LucideIcon;
  title(row: AnyRow): string;
  /** The column whose cell is the way to the record. */
  titleField: string;
  fields: readonly Field[];
  /** Columns looked through by the search box. */
  search: readonly string[];
  order: readonly Order[];
  views?: readonly View[];
  filters?: readonly Filter[];
  mayWrite: Permission;
  /** Deleting marks the row, so that it can be undone. */
  softDelete?: boolean;
  /** Nothing hangs on a row: deleted, it can be added again as it was. */
  leaf?: boolean;
  /** Embedded beside what the fields need. */
  select?: string;
}

/** An entity whose columns are those of its table. */
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

/** A row as the generic parts see it. */
export interface AnyRow {
  id: string;
  version: number;
  [column: string]: unknown;
}

/** A row of one table, for parts of its own screen. */
export type RecordOf<Name extends TableName> = Row<Name> & AnyRow;

/** The name under which a referenced row is embedded: `account_id` → `account`. */
export function aliasOf(field: Pick<Field, 'name'>): string {
  return `${field.name.replace(/_id$/, '')}_ref`;
}

/** PostgREST's `select` for an entity: its columns, and the names of what they point to. */
export function selectOf(entity: Entity): string {
  const embedded = entity.fields
    .filter((field) => field.reference)
    .map((field) => {
      const { table, label } = field.reference as Reference;
      return `${aliasOf(field)}:${table}!${entity.table}_${field.name}_fkey(id,${label.join(',')})`;
    });
  return ['*', ...embedded, ...(entity.select ? [entity.select] : [])].join(',');
}

/** A referenced row in words. */
export function labelOf(row: unknown, reference: Reference): string {
  if (typeof row !== 'object' || row === null) return '';
  const values = row as Record<string, unknown>;
  return reference.label
    .map((column) => values[column])
    .filter((value) => value !== null && value !== undefined && value !== '')
    .map((value) => inWords(String(value)))
    .join(' ');
}

/** Fields under their headings, in the order they come. */
export function sectionsOf(fields: readonly Field[]): [section: string, fields: Field[]][] {
  const sections = new Map<string, Field[]>();
  for (const field of fields) {
    const section = field.section ?? '';
    sections.set(section, [...(sections.get(section) ?? []), field]);
  }
  return [...sections];
}

/** Dates and times as people write them; anything else as it is. */
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
