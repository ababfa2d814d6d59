// Which lock a statement of a migration takes on tables that are there already, by the kind of statement (PostgreSQL 15 to 18).
// test/lib/fleet/schema-rollout/locks.test.ts compares this with pg_locks.

/** From the weakest to the strongest, as `pg_locks.mode` spells them. */
export const LOCK_MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

export interface StatementLock {
  /** As the statement writes it; without a schema it is in `public`. */
  table: string;
  mode: LockMode;
}

export interface StatementPlan {
  /** The statement's beginning, on one line. */
  statement: string;
  /** The strongest lock on each table. Empty: it touches only what it makes. */
  locks: StatementLock[];
  /** What other transactions cannot do meanwhile in these tables. */
  blocks: 'nothing' | 'schema changes' | 'writes' | 'reads and writes';
  /** What takes as long as the table is large while the lock is held. */
  work?: 'reads the table' | 'rewrites the table' | 'builds an index' | 'changes rows';
  /** The kind of statement is not known here: the strongest lock is assumed. */
  unknown?: true;
}

type Work = NonNullable<StatementPlan['work']>;
interface Found {
  mode: LockMode;
  work?: Work;
}

const NAME = String.raw`((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)`;
const EXISTS = `(?:if (?:not )?exists )?`;
const ACCESS_EXCLUSIVE: Found = { mode: 'AccessExclusiveLock' };

/** The plan of one statement (see `statementsOf`). */
export function planOf(statement: string): StatementPlan {
  const line = statement.replace(/\s+/g, ' ').trim();
  const found = locksOf(line);
  const locks = strongest(found?.locks ?? [{ table: '(not known)', mode: 'AccessExclusiveLock' }]);
  return {
    statement: line.length > 120 ? `${line.slice(0, 117)}…` : line,
    locks,
    blocks: blockedBy(locks),
    ...(found?.work ? { work: found.work } : {}),
    ...(found ? {} : { unknown: true as const }),
  };
}

function locksOf(line: string): { locks: StatementLock[]; work?: Work } | undefined {
  const is = (pattern: string) => new RegExp(`^${pattern}`, 'i').exec(line);
  const on = (table: string | undefined, { mode, work }: Found) => ({
    locks: [{ table: table ?? '', mode }],
    ...(work ? { work } : {}),
  });

  const altered = is(`alter table ${EXISTS}(?:only )?${NAME} (.*)$`);
  if (altered) return alterTable(altered[1] ?? '', altered[2] ?? '');
  if (is('create (?:unlogged |temp |temporary )?table ')) return { locks: referenced(line) };
  const index = is(
    String.raw`create (?:unique )?index (concurrently )?(?:if not exists )?(?:[\w".]+ )?on (?:only )?${NAME}`,
  );
  if (index) {
    const mode = index[1] ? 'ShareUpdateExclusiveLock' : 'ShareLock';
    return on(index[2], { mode, work: 'builds an index' });
  }
  const trigger = is(`create (?:or replace )?(?:constraint )?trigger .*? on ${NAME}`);
  if (trigger) return on(trigger[1], { mode: 'ShareRowExclusiveLock' });
  const policy = is(String.raw`(?:create|alter|drop) policy ${EXISTS}(?:"[^"]+"|\S+) on ${NAME}`);
  if (policy) return on(policy[1], ACCESS_EXCLUSIVE);
  const dropped = is(String.raw`drop trigger ${EXISTS}\S+ on ${NAME}`);
  if (dropped) return on(dropped[1], ACCESS_EXCLUSIVE);
  const gone = is(`drop (?:table|view|materialized view|sequence) ${EXISTS}(.*?)(?: cascade| restrict)?$`);
  if (gone)
    return {
      locks: (gone[1] ?? '').split(/\s*,\s*/).map((table) => ({ table, mode: 'AccessExclusiveLock' })),
    };
  // On the table of the index, whose name the statement does not say.
  const noIndex = is(`drop index (concurrently )?${EXISTS}${NAME}`);
  if (noIndex)
    return on(`(table of ${noIndex[2]})`, {
      mode: noIndex[1] ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock',
    });
  const renamed = is(`alter index ${EXISTS}${NAME}`);
  if (renamed) return on(renamed[1], { mode: 'ShareUpdateExclusiveLock' });
  const commented = is(String.raw`comment on (table|column) ${NAME}(?:\.\w+)?`);
  if (commented) {
    const [, kind, name = ''] = commented;
    const table = kind?.toLowerCase() === 'table' || !name.includes('.') ? name : columnsTable(line, name);
    return on(table, { mode: 'ShareUpdateExclusiveLock' });
  }
  const changed = is(`(?:with .*? )?(?:insert into|update|delete from)(?: only)? ${NAME}`);
  if (changed) return on(changed[1], { mode: 'RowExclusiveLock', work: 'changes rows' });
  const locked = is(`lock (?:table )?(?:only )?${NAME}(?: in ([a-z ]+?) mode)?`);
  if (locked) {
    const words = (locked[2] ?? 'access exclusive').split(' ');
    const mode = `${words.map((word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase()).join('')}Lock`;
    return on(locked[1], { mode: mode as LockMode });
  }
  const view = is(`create or replace view ${NAME}`);
  if (view) return on(view[1], ACCESS_EXCLUSIVE);
  return is(HARMLESS) ? { locks: [] } : undefined;
}

/** Objects that are no tables, rights, and settings of the transaction. */
const HARMLESS =
  '(?:create (?:or replace )?(?:function|procedure|schema|type|domain|sequence|view|aggregate|extension|role)|alter (?:function|schema|type|role|default privileges)|drop (?:function|procedure|type|domain|schema|aggregate)|grant|revoke|comment on (?:function|schema|type|constraint)|select|set|reset|do) ';

/** `alter table` takes the strongest lock of its actions. */
function alterTable(table: string, text: string): { locks: StatementLock[]; work?: Work } {
  const actions = splitActions(text).map(actionOf);
  const locks = actions.map(({ mode }) => ({ table, mode }));
  const works = actions.map(({ work }) => work);
  const work = works.find((one) => one === 'rewrites the table') ?? works.find((one) => one !== undefined);
  const isValidation = actions.every(({ validates }) => validates);
  const others = referenced(text);
  return { locks: [...locks, ...(isValidation ? [] : others)], ...(work ? { work } : {}) };
}

/** Functions that give another value for each row: a column with such a default is written into every row. */
const VOLATILE = /\b(?:random|gen_random_uuid|clock_timestamp|timeofday|nextval|uuidv7|uuidv4)\s*\(/i;

function actionOf(action: string): Found & { validates?: true } {
  const is = (pattern: RegExp) => pattern.test(action);
  if (is(/^add (?:column )?(?!constraint\b|check\b|unique\b|primary\b|foreign\b|exclude\b)/i)) {
    const rewrites =
      VOLATILE.test(action) ||
      /\bgenerated always as (?!identity)\(.*\)\s*stored|\bgenerated (?:always|by default) as identity/i.test(
        action,
      );
    const reads = /\b(?:check\s*\(|unique\b|primary key)/i.test(action);
    return {
      ...ACCESS_EXCLUSIVE,
      ...(rewrites ? { work: 'rewrites the table' } : reads ? { work: 'reads the table' } : {}),
    };
  }
  if (is(/^add .*\bforeign key\b/i)) {
    return { mode: 'ShareRowExclusiveLock', ...(is(/\bnot valid\b/i) ? {} : { work: 'reads the table' }) };
  }
  if (is(/^add .*\busing index\b/i)) return ACCESS_EXCLUSIVE;
  if (is(/^add .*\b(?:unique|primary key|exclude)\b/i))
    return { ...ACCESS_EXCLUSIVE, work: 'builds an index' };
  if (is(/^add /i))
    return { ...ACCESS_EXCLUSIVE, ...(is(/\bnot valid\b/i) ? {} : { work: 'reads the table' }) };
  if (is(/^validate constraint/i))
    return { mode: 'ShareUpdateExclusiveLock', work: 'reads the table', validates: true };
  if (is(/^alter (?:column )?\S+ set statistics/i)) return { mode: 'ShareUpdateExclusiveLock' };
  if (is(/^alter (?:column )?\S+ (?:set data )?type\b/i))
    return { ...ACCESS_EXCLUSIVE, work: 'rewrites the table' };
  if (is(/^alter (?:column )?\S+ set not null/i)) return { ...ACCESS_EXCLUSIVE, work: 'reads the table' };
  if (is(/^(?:re)?set \(\s*(?:fillfactor|autovacuum|toast|parallel|n_distinct|log_autovacuum|vacuum)/i))
    return { mode: 'ShareUpdateExclusiveLock' };
  if (is(/^(?:enable|disable) (?:always |replica )?trigger/i)) return { mode: 'ShareRowExclusiveLock' };
  if (is(/^cluster on|^set without cluster/i)) return { mode: 'ShareUpdateExclusiveLock' };
  return ACCESS_EXCLUSIVE;
}

/** Tables that foreign keys point to: they get triggers. */
function referenced(text: string): StatementLock[] {
  const names = text.matchAll(new RegExp(String.raw`\breferences ${NAME}`, 'gi'));
  return [...names].map(([, table = '']) => ({ table, mode: 'ShareRowExclusiveLock' }));
}

/** The actions of `alter table`, divided by commas outside of parentheses. */
function splitActions(text: string): string[] {
  const actions = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/'(?:[^']|'')*'|[\s\S]/g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) actions.push('');
    else actions[actions.length - 1] += token;
  }
  return actions.map((action) => action.trim());
}

/** The table of a column: `a` for `a.b`, `a.b` for `a.b.c`. */
function columnsTable(line: string, name: string): string {
  return new RegExp(`column ${name.replace('.', '\\.')}\\.`, 'i').test(line)
    ? name
    : (name.split('.')[0] ?? name);
}

function strongest(locks: StatementLock[]): StatementLock[] {
  const byTable = new Map<string, LockMode>();
  for (const { table, mode } of locks) {
    const other = byTable.get(table);
    if (!other || LOCK_MODES.indexOf(mode) > LOCK_MODES.indexOf(other)) byTable.set(table, mode);
  }
  return [...byTable].map(([table, mode]) => ({ table, mode }));
}

function blockedBy(locks: StatementLock[]): StatementPlan['blocks'] {
  const place = Math.max(-1, ...locks.map(({ mode }) => LOCK_MODES.indexOf(mode)));
  if (place >= LOCK_MODES.indexOf('AccessExclusiveLock')) return 'reads and writes';
  if (place >= LOCK_MODES.indexOf('ShareLock')) return 'writes';
  return place >= LOCK_MODES.indexOf('ShareUpdateExclusiveLock') ? 'schema changes' : 'nothing';
}
