// Alerts on lasting conditions. Another part of Marquee reports in its own transaction when a condition begins and when it is over.
import type pg from 'pg';
import type { Message } from '@/lib/failures';
import { raise, readRules } from './store';

export interface Condition {
  /** Name of a rule whose `when` is `reported`. */
  rule: string;
  /** Identifies the condition. If an alert with this cause is open, no other is raised. */
  cause: string;
  /** See `titled`. */
  title: Message;
  tenantId?: string;
  /** Lines of the message: what was found, and what to do. */
  findings: readonly string[];
}

/** Raises an alert on a condition, unless the operator has switched its rule off. @param channels names of the channels that send it */
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
