// What alerts say, besides the titles of rules: the English message for each code. Web pages translate them by code.
import { type MessageDescriptor, messageFormatter, messageParser } from '@/lib/failures';

/** Titles of alerts on conditions that other parts of Marquee report. */
export const CONDITIONS = {
  source_degraded: '{{source}} is degraded: {{title}}',
  source_unhealthy: '{{source}} is unhealthy: {{title}}',
  source_degraded_alone: '{{source}} is degraded',
  source_unhealthy_alone: '{{source}} is unhealthy',
  schema_rollout_halted: 'The schema rollout to version {{version}} has halted',
  schema_rollout_stuck: 'The schema rollout to version {{version}} does not go on',
  rollout_halted: 'The rollout of moves to {{source}} has halted',
  rollout_stuck: 'The rollout of moves to {{source}} does not go on',
  move_failed: 'A move from {{from}} to {{to}} needs the operator',
  budget_used: '{{tenant}} has used {{percent}} % of its budget for {{month}}',
} as const satisfies Record<string, string>;
export type ConditionCode = keyof typeof CONDITIONS;

/** A title for `raiseCondition`. */
export const titled = messageFormatter<ConditionCode>('alerts', CONDITIONS);

/** Reasons why an alert has ended by itself. */
export const ENDINGS = {
  source_healthy: 'The data source is healthy.',
  source_degraded: 'The data source is degraded.',
  source_unhealthy: 'The data source is unhealthy.',
  source_unknown: 'The data source is unknown.',
  work_gone_on: 'It has gone on, or has ended.',
  budget_share: '{{tenant}} is at {{percent}} % of its budget.',
  budget_removed: 'The tenant has no budget any more.',
  tenant_removed: 'The tenant was removed.',
} as const satisfies Record<string, string>;
export type EndingCode = keyof typeof ENDINGS;

/** A note for `resolveCondition`. */
export const over = messageFormatter<EndingCode>('endings', ENDINGS);

const readEnding = messageParser('endings', ENDINGS);

/** The note of an alert that has ended by itself, as code and values. @returns undefined if an operator wrote the note */
export function parseNote(note: string | null): MessageDescriptor | undefined {
  return note === null ? undefined : readEnding(note);
}
