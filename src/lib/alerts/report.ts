// Alerts on a lasting condition: another part of Marquee reports when it begins and when it is over, in its own transaction.
import type pg from 'pg';
import type { Sentence } from '@/lib/failures';
import { raise, readRules } from './store';

export interface Condition {
  /** Name of a rule whose `when` is `reported`. */
  rule: string;
  /** What it is a condition of. One that is open already is not raised again. */
  cause: string;
  /** See `titled`. */
  title: Sentence;
  tenantId?: string;
  /** What was seen, and what to do: lines of the message. */
  findings: readonly string[];
}

/** Raises an alert on a condition, unless the operator has switched its rule off. @param channels where alerts are sent */
export async function raiseCondition(
  client: Pick<pg.ClientBase, 'query'>,
  { rule: name, cause, title, tenantId = '', findings }: Condition,
  channels: readonly string[],
): Promise<void> {
  const rule = (await readRules(client)).find((one) => one.name === name);
  if (!rule?.enabled) return;
  const detail = { findings: [...findings], says: title.said };
  const alert = { rule, cause, title: title.text, tenantId: tenantId || null, recordId: null, detail };
  await raise(client, alert, channels);
}
