// Why a move is not started: the English message for each code. A rollout stores the message for each tenant that it leaves out. Web pages
// translate them by code.
import { type MessageDescriptor, messageFormatter, messageParser } from '@/lib/failures';
import { PREFLIGHT } from '../plan/words';

/** The messages by code. */
export const REFUSALS = {
  under_way: 'The tenant is being moved already.',
  under_way_by: 'The tenant is being moved already: {{by}} began it.',
  id_reserved: 'The tenant’s id is reserved by another move.',
  id_of_tenant: 'The tenant’s id belongs to the tenant {{tenant}} at the target.',
  id_of_other: 'The tenant’s id belongs to another tenant in {{source}}.',
  here: 'The tenant is in this data source already.',
  pooler: 'The data source {{source}} is reached through a pooler.',
  one_database: '{{source}} and {{target}} are one database.',
  no_login: 'The data source {{source}} has no login for moves.',
  gone: 'There is no such tenant any more.',
  rows_taken: 'The tenant is being restored, erased or deleted.',
  migrating: 'The schema of {{source}} is being migrated.',
} as const satisfies Record<string, string>;
/** Code of a refusal. */
export type Refusal = keyof typeof REFUSALS;

const speak = messageFormatter<Refusal>('refusals', REFUSALS);
const [readRefusal, readFinding] = [
  messageParser('refusals', REFUSALS),
  messageParser('preflight', PREFLIGHT),
];

export function refusalText(...what: Parameters<typeof speak>): string {
  return speak(...what).text;
}

/** A stored message as code and values; undefined if it is the message of another error. */
export function parseRefusal(message: string): MessageDescriptor | undefined {
  // Status and capacity of the target are checked as the preflight does.
  return readRefusal(message) ?? readFinding(message);
}
