import type { AuditRecord } from '@/lib/application';
import type { Rule } from './rule';

/** The value of a field, see `Field` in rule.ts; undefined where the record has none. */
export function fieldOf(record: AuditRecord, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      record,
    );
}

/** Whether a rule looks at a record at all. */
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
  return title.replaceAll(/\{([\w.]+)\}/g, (_, field: string) => {
    const value = fieldOf(record, field);
    return value === undefined || value === null ? '–' : String(value).slice(0, 200);
  });
}

function isAction(pattern: string, action: string): boolean {
  return pattern.endsWith('.*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}

/** Something that was set became something else; a first value is no change. */
function wasChanged({ before, after }: AuditRecord, column: string): boolean {
  const former = before?.[column];
  return (
    former !== undefined && former !== null && JSON.stringify(former) !== JSON.stringify(after?.[column])
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
