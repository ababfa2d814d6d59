// Sends deliveries of alerts that are due. A sender locks the row while it sends. If its process ends, another one can send at once.
import type pg from 'pg';
import { withTransaction } from '@/lib/operations';
import { withDeadline } from '@/lib/time';
import { ALERT_COLUMNS, type Alert } from './store';

/** Sends alerts by webhook, by mail or to the log. */
export interface AlertChannel {
  /** A short, stable name: deliveries are queued by it. */
  name: string;
  /** Sends an alert. It is called again with the same alert, and so the same id, if it is unknown whether the alert arrived. */
  send(alert: Alert): Promise<void>;
}

const TIMEOUT_MS = 20_000;
/** The pause before the second attempt. It doubles with each attempt, up to an hour. */
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 3600;

/**
 * Sends all deliveries that are due on a channel.
 *
 * @param tried called for each with the reason why it was not sent, or null
 * @returns number of deliveries that were tried
 */
export async function sendDue(
  pool: pg.Pool,
  channel: AlertChannel,
  tried: (problem: string | null) => void = () => {},
): Promise<number> {
  for (let count = 0; ; count += 1) {
    const problem = await sendNext(pool, channel);
    if (problem === undefined) return count;
    tried(problem);
  }
}

/** @returns the reason why it was not sent, or null; undefined if none is due */
async function sendNext(pool: pg.Pool, channel: AlertChannel): Promise<string | null | undefined> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Alert & { attempts: number }>(
      `select ${ALERT_COLUMNS}, d.attempts from alert_deliveries d join alerts a on a.id = d.alert_id
       where d.channel = $1 and d.delivered_at is null and d.due_at <= now()
       order by d.due_at limit 1 for update of d skip locked`,
      [channel.name],
    );
    const [due] = rows;
    if (!due) return undefined;
    const { attempts, ...alert } = due;
    const problem = await sendWithin(channel, alert);
    const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** attempts, LONGEST_PAUSE_SECONDS);
    await client.query(
      `update alert_deliveries set attempts = attempts + 1, last_error = $3,
         delivered_at = case when $3::text is null then now() end, due_at = now() + make_interval(secs => $4)
       where alert_id = $1 and channel = $2`,
      [alert.id, channel.name, problem, pause],
    );
    return problem;
  });
}

/** Sends an alert within a time limit. @returns the reason why it was not sent, or null if it was */
export async function sendWithin(channel: AlertChannel, alert: Alert): Promise<string | null> {
  try {
    const late = () => new Error(`No answer within ${TIMEOUT_MS / 1000} s.`);
    await withDeadline(channel.send(alert), TIMEOUT_MS, late);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
