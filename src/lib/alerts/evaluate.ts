// Evaluates one record by one rule.
import { hash } from 'node:crypto';
import type { AuditRecord } from '@/lib/application';
import { dayOutside } from './hours';
import { fieldOf, matches, titleDescriptor, titleOf } from './match';
import type { Memory } from './memory';
import type { Rule } from './rule';
import type { NewAlert } from './store';

/** The alert that a rule raises for a record, if any. Rules that count or remember values take every matching record into account. */
export async function evaluate(
  rule: Rule,
  record: AuditRecord,
  memory: Memory,
): Promise<NewAlert | undefined> {
  if (['chain', 'reported'].includes(rule.when.kind) || !matches(rule, record)) return undefined;
  const cause = await causeOf(rule, record, memory);
  if (cause === undefined) return undefined;
  const { id, occurredAt, tenantId, requestId: _, ...detail } = record;
  const says = titleDescriptor(rule, record);
  return {
    ...{ rule, cause, title: titleOf(rule, record), tenantId, recordId: id },
    detail: { ...detail, occurredAt: occurredAt.toISOString(), ...(says ? { says } : {}) },
  };
}

/** The cause of the alert: occurrences with the same cause are one alert. Undefined if the record raises none. */
async function causeOf(
  { name, when }: Rule,
  record: AuditRecord,
  memory: Memory,
): Promise<string | undefined> {
  const { id, actor, occurredAt } = record;
  switch (when.kind) {
    case 'each':
      return `record ${id}`;
    case 'outside-hours': {
      const day = dayOutside(when, occurredAt);
      return day && `${actor} ${day}`;
    }
    case 'new': {
      const value = fieldOf(record, when.value);
      if (value === undefined || value === null) return undefined;
      const key = when.of ? keyOf(fieldOf(record, when.of) ?? '') : '';
      const known = keyOf(value);
      const { rememberDays } = when;
      const isNew = await memory.isNew({ rule: name, key, rememberDays }, known, occurredAt);
      return isNew ? `${key} ${known}`.trim() : undefined;
    }
    case 'many': {
      const by = fieldOf(record, when.by);
      if (by === undefined || by === null) return undefined;
      const key = keyOf(by);
      const amount = when.amount ? Number(fieldOf(record, when.amount) ?? 0) || 0 : 1;
      const { seconds } = when;
      const counted = await memory.count({ rule: name, key, seconds }, { id, at: occurredAt, amount });
      if (counted < when.atLeast) return undefined;
      await memory.forgetCounted(name, key);
      return key;
    }
    case 'chain':
    case 'reported':
      return undefined;
  }
}

/** Longer values are cut: they are keys of an index, and an alert's cause. */
const LONGEST_KEY = 120;

/** A field's value as a key. A long one, which anyone may have sent, ends with the digest of the whole. */
function keyOf(value: unknown): string {
  const text = String(value);
  return text.length <= LONGEST_KEY ? text : `${text.slice(0, LONGEST_KEY)}… ${hash('sha256', text)}`;
}
