import type { TenantClient } from '@/lib/data-sources';
import { inWords } from '../refusals';
import type { CellReport, ImportRow } from './rows';

/** What the database answers for each event. */
interface Answer {
  /** Why the event was not made. */
  refused?: { code: string; message: string; details: string };
  /** What it was made without. */
  findings: CellReport[];
}

/** Events in one request: each books in a savepoint of its own. */
const MOST = 100;

/**
 * Makes events with their dates, and books their booths by the rules of new events. What is taken is not booked: the row says so.
 *
 * @returns why each row was refused; undefined for those that were made
 */
export async function makeEvents(client: TenantClient, rows: ImportRow[]): Promise<(string | undefined)[]> {
  const refusals: (string | undefined)[] = [];
  for (let at = 0; at < rows.length; at += MOST)
    refusals.push(...(await ask(client, rows.slice(at, at + MOST), false)));
  return refusals;
}

/** Finds out what `makeEvents` would report, for the rows together; writes nothing. */
export async function tryEvents(client: TenantClient, rows: ImportRow[]): Promise<void> {
  if (rows.length === 0) return;
  const refusals = await ask(client, rows, true);
  for (const [index, message] of refusals.entries())
    if (message) rows[index]?.errors.push({ column: '', message });
}

async function ask(client: TenantClient, rows: ImportRow[], trial: boolean): Promise<(string | undefined)[]> {
  const events = rows.map(({ id, values, booking }) => ({ event: { ...values, id }, ...booking }));
  const { data } = await client.rpc('import_events', { events: events as never, trial }).throwOnError();
  return (data as unknown as Answer[]).map(({ refused, findings }, index) => {
    if (refused) return inWords(refused) ?? refused.message;
    rows[index]?.leftOut.push(...findings);
    return undefined;
  });
}
