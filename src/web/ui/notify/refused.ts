import i18next from 'i18next';
import type { Refusal } from '@/lib/crm/refusals';

type Sent = Readonly<Record<string, unknown>>;

/** The column that a refusal is about. PostgreSQL does not name it for a value that does not fit its type: found by the value. */
export function refusedColumn({ rule, column, value }: Refusal, sent: Sent): string | undefined {
  if (column) return column === 'slug' ? 'name' : column;
  const columns = Object.keys(sent);
  const same = columns.find((name) => value !== undefined && String(sent[name]) === value);
  if (same) return same;
  if (rule === 'too_large') return greatest(columns, (name) => Math.abs(Number(sent[name])));
  if (rule === 'too_long') return greatest(columns, (name) => String(sent[name] ?? '').length);
  return undefined;
}

/** A refusal in words: the field as the screen labels it, and what to do. */
export function refusedWords(refusal: Refusal, sent: Sent): string {
  const { t } = i18next;
  const column = refusedColumn(refusal, sent);
  const { rule, other, value } = refusal;
  return t(`refusal.${rule}`, {
    field: column
      ? t(`field.${column}`, column.replace(/_id$/, '').replaceAll('_', ' '))
      : t('refusal.aField'),
    other: t([`entity.${other}.many`, 'refusal.otherRecords']),
    value,
  });
}

function greatest(columns: readonly string[], sizeOf: (name: string) => number): string | undefined {
  const [first] = columns
    .map((name) => ({ name, size: sizeOf(name) }))
    .filter(({ size }) => size > 0)
    .sort((one, other) => other.size - one.size);
  return first?.name;
}
