// Reads new records of the audit log and raises alerts by the rules. Any number of processes may watch; one reads at a time.
import type pg from 'pg';
import type { ApplicationDatabase, ChainPosition, Finding } from '@/lib/application';
import { withTransaction } from '@/lib/operations';
import { pause } from '@/lib/time';
import { evaluate } from './evaluate';
import { titleDescriptor } from './match';
import { Memory } from './memory';
import type { Rule } from './rule';
import { type AlertChannel, sendDue } from './send';
import { raise, readRules, resolve } from './store';
import { over } from './titles';

export interface AlertDependencies {
  application: Pick<ApplicationDatabase, 'audit'>;
  operations: { pool: pg.Pool };
  channels: readonly AlertChannel[];
}

/** How often to read, ms. If there are no new records, that reads one index entry in each of the two databases. */
const EVERY_MS = 2_000;
const LONGEST_WINDOW_SECONDS = 7 * 86_400;

/**
 * Watches until it is stopped. An alert is raised and sent within seconds of the change.
 *
 * @param say called with the reason why watching or sending fails; both are tried again
 * @returns a function that stops watching
 */
export function startWatching(
  parts: AlertDependencies,
  say: (problem: string) => void,
  everyMs = EVERY_MS,
): () => Promise<void> {
  const { channels, operations } = parts;
  const loops = [
    every(
      everyMs,
      () => watchOnce(parts),
      (why) => say(`The audit log is not watched: ${why}`),
    ),
    ...channels.map((channel) => {
      const failed = (why: string) => say(`Alerts are not sent by ${channel.name}: ${why}`);
      // The same reason is said once until one is sent again.
      let known: string | null = null;
      const tried = (problem: string | null) => {
        if (problem !== null && problem !== known) failed(problem);
        known = problem;
      };
      return every(everyMs, () => sendDue(operations.pool, channel, tried), failed);
    }),
  ];
  return async () => {
    await Promise.all(loops.map((stop) => stop()));
  };
}

/** Reads the records that were added since the last call, page by page. @returns number of records */
export async function watchOnce(parts: AlertDependencies): Promise<number> {
  for (let total = 0; ; ) {
    const read = await readPage(parts);
    if (read === undefined) return total;
    total += read;
  }
}

interface Watch {
  position: ChainPosition;
  learnedTo: bigint;
}

/**
 * Reads one page. Position, alerts and deliveries are committed together, so that a killed process leaves the whole page to the next one.
 *
 * @returns undefined if there is nothing to read, or another process is reading
 */
async function readPage(parts: AlertDependencies): Promise<number | undefined> {
  const { application, operations, channels } = parts;
  return withTransaction(operations.pool, async (client) => {
    const watch = await lockWatch(client, application);
    const head = watch && (await application.audit.head());
    if (!watch || !head || (head.id === watch.position.id && head.chain === watch.position.chain)) {
      return undefined;
    }
    const { records, findings, position } = await application.audit.readOn(watch.position);
    const all = await readRules(client);
    const rules = all.filter(({ enabled }) => enabled);
    const memory = new Memory(client);
    const names = channels.map(({ name }) => name);
    for (const record of records) {
      const learning = BigInt(record.id) <= watch.learnedTo;
      for (const rule of rules) {
        if (learning && rule.when.kind !== 'new') continue;
        const alert = await evaluate(rule, record, memory);
        if (alert && !learning) await raise(client, alert, names);
      }
      if (record.action === 'tenants.delete' && record.entityId)
        await endOfTenant(client, all, record.entityId);
    }
    await raiseFindings(client, rules, findings, names);
    await memory.forgetOld(LONGEST_WINDOW_SECONDS);
    await client.query('update alert_watch set record_id = $1, record_chain = $2, read_at = now()', [
      position.id,
      position.chain,
    ]);
    return records.length;
  });
}

/** @returns undefined if another process holds the lock */
async function lockWatch(
  client: pg.ClientBase,
  { audit }: AlertDependencies['application'],
): Promise<Watch | undefined> {
  const read = () =>
    client.query<{ id: string; chain: string | null; learned: string }>(
      `select record_id::text id, record_chain chain, learned_to::text learned from alert_watch for update skip locked`,
    );
  let [row] = (await read()).rows;
  if (!row) {
    // Records from before the first watching are skipped, since it is unknown which values were usual then.
    const head = await audit.head();
    await client.query(
      'insert into alert_watch (record_id, learned_to) values (0, $1) on conflict do nothing',
      [head.id],
    );
    [row] = (await read()).rows;
  }
  return row && { position: { id: row.id, chain: row.chain }, learnedTo: BigInt(row.learned) };
}

/** Ends alerts on lasting conditions of a removed tenant. Alerts on events stay open until an operator acknowledges them. */
async function endOfTenant(
  client: Pick<pg.ClientBase, 'query'>,
  rules: readonly Rule[],
  tenantId: string,
): Promise<void> {
  const lasting = rules.filter(({ when }) => when.kind === 'reported').map(({ name }) => name);
  const { rows } = await client.query<{ rule: string; cause: string }>(
    'select rule, cause from alerts where tenant_id = $1 and rule = any ($2) and acknowledged_at is null',
    [tenantId, lasting],
  );
  for (const alert of rows) await resolve(client, alert, over('tenant_removed'));
}

/** Raises one alert for all findings of a verification of the log. */
async function raiseFindings(
  client: Pick<pg.ClientBase, 'query'>,
  rules: readonly Rule[],
  findings: readonly Pick<Finding, 'message'>[],
  channels: readonly string[],
): Promise<void> {
  const [first] = findings;
  if (!first) return;
  for (const rule of rules.filter(({ when }) => when.kind === 'chain')) {
    const shown = findings.slice(0, 20).map(({ message }) => message);
    const title = `${rule.title}: ${first.message}`;
    const says = titleDescriptor(rule);
    const detail = { findings: shown, ...(says ? { says } : {}) };
    await raise(client, { rule, cause: 'chain', title, tenantId: null, recordId: null, detail }, channels);
  }
}

/** Raises the alert for findings of others: of `marquee audit verify`, and of the signing of checkpoints. */
export async function reportFindings(
  { operations, channels }: Pick<AlertDependencies, 'operations' | 'channels'>,
  findings: readonly Pick<Finding, 'message'>[],
): Promise<void> {
  const rules = await readRules(operations.pool);
  const names = channels.map(({ name }) => name);
  await withTransaction(operations.pool, (client) => raiseFindings(client, rules, findings, names));
}

/** Repeats `work`, one call at a time. @returns a function that stops it and resolves when the current call has ended */
function every(ms: number, work: () => Promise<unknown>, failed: (why: string) => void): () => Promise<void> {
  const stopped = new AbortController();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await work().catch((error: Error) => failed(error.message));
      await pause(ms, { signal: stopped.signal, ref: false });
    }
  })();
  return async () => {
    stopped.abort();
    await running;
  };
}
