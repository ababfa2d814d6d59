// One transaction: context, settings, pre-request, statement; in one round trip wherever the answer does not decide about it.
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { type PipelineOptions, runPipeline } from './pipeline';
import { isStalePlan } from './prepared-statements';
import { isAsExpected, type Outcome, type Statement, type TextRow, type Transaction } from './statement';

const BEGIN: Statement = { text: 'begin', values: [], name: 'marquee_begin' };
const COMMIT: Statement = { text: 'commit', values: [], name: 'marquee_commit' };
const ROLLBACK: Statement = { text: 'rollback', values: [], name: 'marquee_rollback' };
/** A rollback would skip the checks that are deferred to the end of the transaction. */
const CHECK_DEFERRED: Statement = {
  text: 'set constraints all immediate',
  values: [],
  name: 'marquee_check_deferred',
};

const READ_ONLY = ['transaction_read_only', 'on'] as const;

/**
 * Runs a transaction: `context` (who acts), settings, pre-request, statement. One round trip; two where the answer decides
 * whether it is committed (`outcome`).
 *
 * A plan that a migration made stale (0A000) or a prepared statement that a pooler lost (26000) is prepared again, once.
 */
export async function runTransaction(
  client: pg.ClientBase,
  transaction: Transaction,
  context: readonly Statement[] = [],
  options: PipelineOptions = {},
): Promise<TextRow[]> {
  const statements = [...context];
  const { settings, readOnly } = transaction;
  const all = readOnly && !options.contextSetsReadOnly ? [...settings, READ_ONLY] : settings;
  if (all.length > 0) statements.push(localSettings(all));
  if (transaction.preRequest) statements.push(transaction.preRequest);
  statements.push(transaction.statement, ...(options.after ?? []));
  const { outcome } = transaction;
  if (outcome) return runDeciding(client, statements, outcome, options);
  try {
    return await runPipeline(client, statements, options);
  } catch (error) {
    if (!isStalePlan(error)) throw error;
    return runPipeline(client, statements, options);
  }
}

/** BEGIN and the statements; then, by their rows, COMMIT or ROLLBACK. */
async function runDeciding(
  client: pg.ClientBase,
  statements: readonly Statement[],
  outcome: Outcome,
  options: PipelineOptions,
): Promise<TextRow[]> {
  const rows = await begin(client, statements, options);
  const { prepare, control } = options;
  if (!isAsExpected(outcome, rows)) {
    await rollback(client, options);
    return rows;
  }
  try {
    await runPipeline(client, outcome.rollback ? [CHECK_DEFERRED, ROLLBACK] : [COMMIT], { prepare, control });
    return rows;
  } catch (error) {
    // Where not even COMMIT was understood, as of a pooler that has lost the prepared statement, the transaction is still open.
    await rollback(client, options);
    throw error;
  }
}

/** Texts by the names that they set, which are few: names in the text need not be sent and read each time. */
const settingTexts = new LRUCache<string, { text: string; name: string }>({ max: 500 });
let settingNames = 0;
/** Of a function of PostgreSQL's. */
const MOST_ARGUMENTS = 100;

/** `set_config(name, value, true)` for each pair, as one statement. */
export function localSettings(settings: readonly (readonly [name: string, value: string])[]): Statement {
  let names = '';
  const values: string[] = [];
  for (const [name, value] of settings) {
    names += `${name}\n`;
    values.push(value);
  }
  let known = settingTexts.get(names);
  if (!known) {
    const calls = settings.map(
      ([name], index) => `set_config(${pg.escapeLiteral(name)}, $${index + 1}, true)`,
    );
    const groups = Array.from({ length: Math.ceil(calls.length / MOST_ARGUMENTS) }, (_, n) =>
      calls.slice(n * MOST_ARGUMENTS, (n + 1) * MOST_ARGUMENTS),
    );
    settingNames += 1;
    // No row comes back, which would repeat the values. All arguments are evaluated, in their order.
    const nulls = groups.map((group) => `pg_catalog.num_nulls(${group.join(', ')})`);
    known = {
      text: `select where ${nulls.join(' + ')} < 0`,
      name: `marquee_settings_${settingNames}`,
    };
    settingTexts.set(names, known);
  }
  return { text: known.text, values, name: known.name };
}

/** A failed ROLLBACK is ignored: the connection is broken then, and its owner is notified by the connection. */
function rollback(client: pg.ClientBase, { prepare, control }: PipelineOptions): Promise<unknown> {
  return runPipeline(client, [ROLLBACK], { prepare, control }).catch(() => undefined);
}

async function begin(
  client: pg.ClientBase,
  statements: readonly Statement[],
  options: PipelineOptions,
  mayRetry = true,
): Promise<TextRow[]> {
  try {
    return await runPipeline(client, [BEGIN, ...statements], options);
  } catch (error) {
    await rollback(client, options);
    if (mayRetry && isStalePlan(error)) return begin(client, statements, options, false);
    throw error;
  }
}
