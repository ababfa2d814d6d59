// Which tables a query shows: so that a change of a row reads again only what shows its table.
import { FUNCTION_TABLES, TABLES } from './read-tables';

/** The tables of a query, and which of them are embedded only through a foreign key of its rows. */
export interface ShownTables {
  /** `all`: anything may change what the query shows. */
  tables: ReadonlySet<string> | 'all';
  /** A change of such a row shows only where its id already does. */
  referenced: ReadonlySet<string>;
}

/** Queries whose keys name no table. */
export const OTHERS: Readonly<Record<string, readonly string[] | 'all'>> = {
  search: FUNCTION_TABLES.search_records,
  'company-details': ['tenant_settings'],
  integrations: ['user_integrations', 'tenant_settings'],
  webhooks: ['user_integrations', 'tenant_settings'],
  'calendar-feeds': ['user_integrations', 'tenant_settings'],
  'contract-preview': 'all',
  'mail-preview': 'all',
};

const NOTHING: ShownTables = { tables: new Set(), referenced: new Set() };
const known = new Map<string, ShownTables>();
const names: ReadonlySet<string> = new Set(TABLES);

/** What the query of a key shows of the company's data. */
export function shownTables(queryKey: readonly unknown[]): ShownTables {
  if (queryKey[0] !== 'records') return NOTHING;
  const [, subject, kind] = queryKey as string[];
  // A function's parameters name no tables.
  const text = subject === 'answer' ? `answer ${kind}` : textsIn(queryKey).join(' ');
  const shown = known.get(text) ?? find(String(subject), String(kind), text);
  known.set(text, shown);
  return shown;
}

/** Whether a query shows a table. */
export function shows(queryKey: readonly unknown[], table: string): boolean {
  const { tables } = shownTables(queryKey);
  return tables === 'all' || tables.has(table);
}

function find(subject: string, kind: string, text: string): ShownTables {
  const others =
    subject === 'answer' ? FUNCTION_TABLES[kind as keyof typeof FUNCTION_TABLES] : OTHERS[subject];
  if (others) return { tables: others === 'all' ? 'all' : new Set(others), referenced: new Set() };
  if (!names.has(subject)) return { tables: 'all', referenced: new Set() };
  const tables = new Set(text.match(/\w+/g)?.filter((word) => names.has(word)));
  // `account_ref:accounts!events_account_id_fkey(id,name)`: the key is one of the row's own columns.
  const referenced = new Set(
    [...text.matchAll(/(\w+)!(\w+)_fkey\(id\b[^()]*\)/g)].flatMap(([, table = '', key = '']) =>
      key.startsWith(`${subject}_`) ? [table] : [],
    ),
  );
  // A table that is also embedded in another way is not among them.
  for (const table of referenced) {
    const embedded = text.match(new RegExp(`\\b${table}\\b(?=[!(])`, 'g'))?.length ?? 0;
    const byKey = text.match(new RegExp(`\\b${table}!${subject}_\\w+_fkey\\(id\\b`, 'g'))?.length ?? 0;
    if (table === subject || embedded > byKey) referenced.delete(table);
  }
  return { tables, referenced };
}

/** Names in a key: its texts that may be `select`s or tables, at any depth, without the values of filters. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { filters: _, search: _search, order: _order, ...others } = value as Record<string, unknown>;
  return Object.values(others).flatMap(textsIn);
}
