// A session serves one tenant after another. SQL of developers may leave settings, a role, temporary tables, locks, cursors or
// subscriptions in the session. They are removed in the same transaction, so that the session is clean before anything else runs in it,
// even behind a pooler, where the next transaction may come from another process.
import type { Statement } from '@/lib/postgres';
import { CLAIMS_KEPT } from './claims-kept';
import { memoizeByText } from './memoize-by-text';

const UNLOCK = 'select pg_catalog.pg_advisory_unlock_all()';

/** Runs before role and claims are reset: deferred triggers need them. */
const CHECK_DEFERRED = 'set constraints all immediate';

/** Everything that statements can leave in a session, except statements prepared by SQL. */
const CLEAN = [
  'close all',
  'reset role',
  'set session authorization default',
  'reset all',
  'unlisten *',
  'discard temp',
  'discard sequences',
  UNLOCK,
];

/** Removes statements that SQL prepared. Those that a client or a pooler prepared over the protocol stay. */
const FORGET_PREPARED = `do $clean$
declare prepared text;
begin
  for prepared in select name from pg_catalog.pg_prepared_statements where from_sql loop
    execute pg_catalog.format('deallocate %I', prepared);
  end loop;
end $clean$`;

const utility = (text: string): Statement => ({ name: `marquee ${text}`, text, values: [] });

/** Removes everything that one statement on rows can leave, in the same flush. Utility statements cost very little. */
const AFTER_READING = [UNLOCK, 'discard temp', 'reset role', 'reset all'].map(utility);

const NOTHING: readonly Statement[] = [];

/** The same after a statement that may have queued deferred triggers. */
const AFTER_WRITING = [utility(CHECK_DEFERRED), ...AFTER_READING];

/** The statements that clean up after a statement on rows, in the same flush. None if it cannot have left anything. */
export function afterRows(text: string, readOnly: boolean): readonly Statement[] {
  return readOnly ? cleaning(text).reading : cleaning(text).writing;
}

const cleaning = memoizeByText((text) => ({
  reading: leavesNothing(text, true) ? NOTHING : AFTER_READING,
  writing: leavesNothing(text, false) ? NOTHING : AFTER_WRITING,
}));

/** Words that may precede a parenthesis in a statement that leaves nothing: keywords, and functions without side effects. */
const WITHOUT_EFFECT = new Set(
  (
    'all and any as by else except exists filter from in intersect limit not offset on or over select set then union using ' +
    'values when where with avg coalesce count lower max min sum upper'
  ).split(' '),
);

/** A parenthesis with the word or quote that precedes it. Every character above ASCII can be part of a name. */
const BEFORE_PARENTHESIS = /([\w$."'\u0080-\uffff]*)[ \t\n\r\f\v]*\(/g;

/**
 * Syntax that runs a function although no name precedes a parenthesis: `(value).function`, the same after `]` and after a parameter, and
 * updates of `pg_settings`, whose rule sets a parameter. A name in Unicode escapes could be `pg_settings` too.
 */
const RUNS_OTHERWISE = /[)\]]\s*\.|\$\d+\s*\.|pg_settings|u&"/i;

const CHANGES_ROWS = new Set(['insert', 'update', 'delete', 'merge']);

/**
 * Whether a statement provably leaves its session as it was. Only a function or a new table can leave something. Besides
 * `RUNS_OTHERWISE` a function call needs a parenthesis after its name, so each parenthesis must follow a word known to have no
 * effect; comments, which could hide the name, are not accepted. SELECT INTO makes a table, which a read-only transaction refuses.
 */
function leavesNothing(text: string, readOnly: boolean): boolean {
  if (text.length > 10_000 || text.includes('--') || text.includes('/*')) return false;
  if (!readOnly && !CHANGES_ROWS.has(commandOf(text))) return false;
  if (RUNS_OTHERWISE.test(text)) return false;
  for (const [, before = ''] of text.matchAll(BEFORE_PARENTHESIS)) {
    if (before !== '' && !WITHOUT_EFFECT.has(before.toLowerCase())) return false;
  }
  return true;
}

export const BEGIN: Statement = { text: 'begin isolation level read committed read write', values: [] };
/** Begins a transaction that only reads: a standby allows no other. */
export const BEGIN_READING: Statement = {
  text: 'begin isolation level read committed read only',
  values: [],
};

/** Ends a transaction of developers' SQL. The statements are one message, so that a pooler sends all of them to one session. */
const COMMITTING = [CHECK_DEFERRED, ...CLEAN, FORGET_PREPARED, 'commit'];
export const COMMIT_CLEAN = COMMITTING.join('; ');
/** The same as statements at the end of a flush. */
export const CLEAN_AND_COMMIT: readonly Statement[] = COMMITTING.map((text) => ({ text, values: [] }));
export const ROLLBACK_CLEAN = ['rollback', ...CLEAN, FORGET_PREPARED].join('; ');

/** Cleans up after a failed statement, since a rollback does not undo everything, such as session locks. */
export const CLEAN_SESSION = [...CLEAN, FORGET_PREPARED].join('; ');

/** The first keyword of a statement, in lower case. Empty if there is none. */
export function commandOf(text: string): string {
  return keywordsOf(text, 1)[0] ?? '';
}

/** The first words of a statement, in lower case. */
function keywordsOf(text: string, most: number): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length && words.length < most) {
    if (/[\s;(]/.test(text.charAt(at))) at += 1;
    else if (text.startsWith('--', at)) at = endOfLine(text, at);
    else if (text.startsWith('/*', at)) at = endOfComment(text, at);
    else {
      const word = /^[a-z]+/i.exec(text.slice(at, at + 40))?.[0];
      if (!word) break;
      words.push(word.toLowerCase());
      at += word.length;
    }
  }
  return words;
}

function endOfLine(text: string, from: number): number {
  const end = text.slice(from).search(/[\n\r]/);
  return end < 0 ? text.length : from + end;
}

/** The end of a comment. Comments of SQL can be nested. */
function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (const { 0: mark, index } of text.slice(from).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return from + index + 2;
  }
  return text.length;
}

const ON_ROWS = new Set(['select', 'insert', 'update', 'delete', 'merge', 'with', 'values', 'table']);

/** Whether a statement reads or writes rows, and does nothing else. */
export function isOnRows(command: string): boolean {
  return ON_ROWS.has(command);
}

const WITHIN_TRANSACTION = new Set([
  ...['savepoint', 'release', 'rollback', 'declare', 'fetch', 'move', 'close', 'copy', 'explain', 'show'],
]);

/** Whether a session that ran the statement can be used again after cleaning. After other statements it is closed. */
export function leavesSessionUsable(command: string): boolean {
  return isOnRows(command) || WITHIN_TRANSACTION.has(command);
}

/** Statements that affect other tenants of the database. PostgreSQL has no privilege that forbids them. */
const REACHING_OTHERS: Readonly<Record<string, string>> = {
  lock: 'LOCK TABLE blocks every tenant of the database',
  notify: 'NOTIFY reaches every listener on the database',
  do: 'DO runs statements that cannot be checked before',
};

/** Whether a statement ends the transaction. Behind a pooler the session may then be another client's. */
export function endsTransaction(command: string, text: string): boolean {
  if (command === 'rollback') return !/\bto\b/i.test(text);
  return command === 'commit' || command === 'end' || command === 'abort' || command === 'prepare';
}

/** The statement with which the router enters a tenant. `tenancy.lock_for_claims` recognizes it by its text, so SQL of developers must not contain it. */
export const ENTER = 'select tenancy.enter($1, $2, $3, $4, $5)';

/** The statement that marks a transaction as one request's. `tenancy.mark` recognizes it by its text. */
export const MARK = 'select tenancy.mark($1, $2)';

/** What CREATE may create, and the words that can precede it. */
const CREATED = new Set(['table', 'view', 'index', 'sequence']);
const BEFORE_CREATED = new Set([
  ...['create', 'or', 'replace', 'global', 'local', 'temp', 'temporary', 'unlogged', 'unique', 'recursive'],
]);

/** Why a statement must not run in a tenant's context. Undefined if it may. */
export function whyRefused(text: string): string | undefined {
  if (text.includes(ENTER)) return 'Only the router enters tenants';
  if (text.includes(MARK)) return 'Only the router marks requests';
  if (text.includes(CLAIMS_KEPT.trim())) return 'Only the router says that a statement keeps its claims';
  const command = commandOf(text);
  if (command !== 'create') return REACHING_OTHERS[command];
  const created = keywordsOf(text, 6).find((word) => !BEFORE_CREATED.has(word));
  if (created && CREATED.has(created)) return undefined;
  return 'Only temporary tables, views, indexes and sequences can be created: functions and rules could run refused statements';
}
