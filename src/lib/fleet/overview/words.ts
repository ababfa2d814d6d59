// The overview’s English messages. Web pages translate them by code.
import { type Message, type MessageDescriptor, messageFormatter } from '@/lib/failures';
import { CAUSES, type CauseName, type Finding } from '../health';
import type { Item } from './part';

export const STATES = {
  reachable: 'reachable',
  unreachable: 'unreachable',
  not_running: 'not running',
  healthy: 'healthy',
  degraded: 'degraded',
  unhealthy: 'unhealthy',
  unknown: 'unknown',
  provisioning: 'provisioning',
  active: 'active',
  draining: 'draining',
  offline: 'offline',
  affected: 'affected',
  wants_export: 'wants an export',
  wants_database: 'wants a database of its own',
  budget_used: '{{percent}} % of budget',
  counts_missing: 'counts missing',
  drill_failed: 'drill failed',
  no_backup: 'no recent backup',
  not_proven: 'not proven',
  proven: 'proven',
  failed: 'failed',
  in_order: 'in order',
  drifted: 'drifted',
  not_readable: 'not readable',
  critical: 'critical',
  warning: 'warning',
  notice: 'notice',
  step: '{{step}}',
} as const satisfies Record<string, string>;

export const DETAILS = {
  text: '{{text}}',
  no_process: 'No process of Marquee is seen.',
  behind: 'Schema version {{version}}, the newest is {{newest}}.',
  full: '{{tenants}} of {{capacity}} tenants.',
  half_way: 'Not set up since {{since}}.',
  spent: '{{spent}} of {{amount}} {{currency}} in {{month}}.',
  uncounted: '{{count}} processes were killed, or cannot reach the operations database.',
  backup: 'Backup {{backup}}, proven {{proven}}.',
  backup_unproven: 'Backup {{backup}}, never proven.',
  never_backed_up: 'Never backed up.',
  job_failed: 'The last run failed at {{at}}.',
  copied: '{{percent}} % copied.',
  wave: 'Wave {{wave}} of {{of}}.',
  schema_wave: '{{phase}}, wave {{wave}} of {{of}}.',
} as const satisfies Record<string, string>;

export type StateCode = keyof typeof STATES;
export type DetailCode = keyof typeof DETAILS;

export const inState = messageFormatter('states', STATES);
export const that = messageFormatter('details', DETAILS);

/** What is wrong with a data source, without numbers. */
export function titleOf(cause: CauseName): Message {
  const text = `${CAUSES[cause]?.title ?? cause}.`;
  return { text, said: { code: `causes.${cause}.title`, values: {} } };
}

/** What the operator can do about it. */
export function stepFor(cause: CauseName): Message {
  return { text: CAUSES[cause]?.nextStep ?? '', said: { code: `causes.${cause}.nextStep`, values: {} } };
}

/** What was seen there. */
export function evidenceOf({ evidence, said }: Pick<Finding, 'evidence' | 'said'>): Message {
  return { text: evidence, said };
}

/** The texts of an item, and what they are made of. */
export function saying(
  state: Message,
  ...details: (Message | false | undefined)[]
): Pick<Item, 'state' | 'detail' | 'says'> {
  const shown = details.filter((one) => one !== false && one !== undefined && one.text !== '') as Message[];
  return {
    state: state.text,
    detail: shown.map(({ text }) => text).join(' '),
    says: { state: state.said, details: shown.map(({ said, text }) => ({ ...said, text })) },
  };
}

/** Why work failed, as it was stored: screens have a sentence for its code. */
export function failed({ code, message }: { code: string; message: string }): Message {
  return { text: message, said: { code: `failures.${code}`, values: { message } } };
}

/** A sentence that was stored as text. @param said what it was made of, where that is known */
export function stored(
  text: string | null | undefined,
  said: (text: string) => MessageDescriptor | undefined,
): Message {
  const known = text ? said(text) : undefined;
  return known && text ? { text, said: known } : that('text', { text: text ?? '' });
}
