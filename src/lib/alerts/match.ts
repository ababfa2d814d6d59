import type { AuditRecord } from '@/lib/application';
import type { MessageDescriptor } from '@/lib/failures';
import { DEFAULT_RULES } from './default-rules';
import type { Rule } from './rule';

/** The value of a field (see `Field` in rule.ts); undefined if the record does not have the field. */
export function fieldOf(record: AuditRecord, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      record,
    );
}

/** Whether a record matches a rule. */
export function matches({ match }: Rule, record: AuditRecord): boolean {
  const { actions, changed, actors, notActors, where = {} } = match;
  const begins = (actor: string) => record.actor.startsWith(actor);
  return (
    actions.some((action) => isAction(action, record.action)) &&
    (!actors || actors.some(begins)) &&
    !notActors?.some(begins) &&
    (!changed || changed.some((column) => wasChanged(record, column))) &&
    Object.entries(where).every(([field, values]) =>
      (values as unknown[]).includes(fieldOf(record, field) ?? null),
    )
  );
}

/** A rule's title with the record's fields in place of `{field}`. */
export function titleOf({ title }: Rule, record: AuditRecord): string {
  return title.replaceAll(FIELD, (_, field: string) => shownValue(record, field));
}

/**
 * The title of a rule as code and values.
 *
 * @param record if omitted, each value is the name of its field in braces
 * @returns undefined if the operator has given the rule a title of its own
 */
export function titleDescriptor(
  { name, title }: Pick<Rule, 'name' | 'title'>,
  record?: AuditRecord,
): MessageDescriptor | undefined {
  if (DEFAULT_RULES.find((rule) => rule.name === name)?.title !== title) return undefined;
  const values = [...title.matchAll(FIELD)].map(([braced, field = '']) => [
    field.replaceAll('.', '_'),
    record ? shownValue(record, field) : braced,
  ]);
  return { code: `alerts.${name}`, values: Object.fromEntries(values) };
}

const FIELD = /\{([\w.]+)\}/g;

function shownValue(record: AuditRecord, field: string): string {
  const value = fieldOf(record, field);
  return value === undefined || value === null ? '–' : String(value).slice(0, 200);
}

function isAction(pattern: string, action: string): boolean {
  return pattern.endsWith('.*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}

/** Whether a column that had a value was changed. Setting its first value does not count. */
function wasChanged({ before, after }: AuditRecord, column: string): boolean {
  const former = before?.[column];
  return (
    former !== undefined && former !== null && JSON.stringify(former) !== JSON.stringify(after?.[column])
  );
}

/** Whether a value of a record or a rule is an object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
