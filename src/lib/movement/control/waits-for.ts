// What a step waits for that only others can end, said to whoever looks at the move.
import type { OpenHome } from '../cutover/cut-over';
import type { Move, MoveStore } from './move-store';

const SAY_AFTER_MS = 1_000;

/** Says in the move's progress (`waitsFor`) what some work waits for, every second that it takes, until it has ended. */
export async function sayWaiting<T>(
  { move, store }: { move: Move; store: MoveStore },
  what: () => Promise<string>,
  work: Promise<T>,
): Promise<T> {
  let saying: Promise<void> | undefined;
  const say = async () => {
    const waitsFor = await what();
    if (waitsFor !== move.progress.waitsFor) await store.addProgress(move, { waitsFor });
  };
  const timer = setInterval(() => {
    saying ??= say()
      .catch(() => {})
      .finally(() => {
        saying = undefined;
      });
  }, SAY_AFTER_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    await saying;
    if (move.progress.waitsFor) await store.addProgress(move, { waitsFor: null }).catch(() => {});
  }
}

/** The oldest transaction of a server that writes: a slot is made when those that were under way have ended, whosever they are. */
export async function oldestTransaction({ reader, name }: OpenHome): Promise<string> {
  const { rows } = await reader.query<{ pid: number; seconds: number; database: string }>(
    `select pid, coalesce(extract(epoch from pg_catalog.clock_timestamp() - xact_start), 0)::int as seconds, datname as database
     from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid() order by xact_start nulls last limit 1`,
  );
  const [oldest] = rows;
  if (!oldest) return `transactions that run on the server of ${name}`;
  const { pid, seconds, database } = oldest;
  return `a transaction on the server of ${name} that has run for ${seconds} s (process ${pid}, database ${database})`;
}
