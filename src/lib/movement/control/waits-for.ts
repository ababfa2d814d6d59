// Reports transactions or locks of other sessions that a step waits for. The move cannot end them itself.
import type { OpenEndpoint } from './endpoints';
import type { Move } from './move';
import type { MoveStore } from './move-store';
import { waitText } from './wait-words';

const REPORT_EVERY_MS = 1_000;

/** If `work` takes longer than a second, keeps `progress.waitsFor` up to date until it ends. */
export async function reportWait<T>(
  { move, store }: { move: Move; store: MoveStore },
  what: () => Promise<string>,
  work: Promise<T>,
): Promise<T> {
  let reporting: Promise<void> | undefined;
  const report = async () => {
    const waitsFor = await what();
    if (waitsFor !== move.progress.waitsFor) await store.addProgress(move, { waitsFor });
  };
  const timer = setInterval(() => {
    reporting ??= report()
      .catch(() => {})
      .finally(() => {
        reporting = undefined;
      });
  }, REPORT_EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    await reporting;
    if (move.progress.waitsFor) await store.addProgress(move, { waitsFor: null }).catch(() => {});
  }
}

/** The server's oldest writing transaction, in any database. A slot is created only when all transactions have ended that were running before. */
export async function oldestTransaction({ reader, name }: OpenEndpoint): Promise<string> {
  const { rows } = await reader.query<{ pid: number; seconds: number; database: string }>(
    `select pid, coalesce(extract(epoch from pg_catalog.clock_timestamp() - xact_start), 0)::int as seconds, datname as database
     from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid() order by xact_start nulls last limit 1`,
  );
  const [oldest] = rows;
  return oldest
    ? waitText('transaction', { source: name, ...oldest })
    : waitText('transactions', { source: name });
}
