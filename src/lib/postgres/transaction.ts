// One transaction: context, settings, pre-request, statement; in one round trip wherever the answer does not decide about it.
import type pg from 'pg';
import { type PipelineOptions, runPipeline } from './pipeline';
import { isStalePlan } from './prepared-statements';
import { isAsExpected, type Outcome, type Statement, type TextRow, type Transaction } from './statement';

const settingTexts: string[] = [];
const BEGIN: Statement = { text: 'begin', values: [], name: 'marquee_begin' };
const COMMIT: Statement = { text: 'commit', values: [], name: 'marquee_commit' };
const ROLLBACK: Statement = { text: 'rollback', values: [], name: 'marquee_rollback' };
/** A rollback would skip the checks that are deferred to the end of the transaction. */
const CHECK_DEFERRED: Statement = {
  text: 'set constraints all immediate',
  values: [],
  name: 'marquee_check_deferred',
};

const READ_ONLY: Statement = localSettings([['transaction_read_only', 'on']]);

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
  if (transaction.settings.length > 0) statements.push(localSettings(transaction.settings));
  if (transaction.readOnly && !options.contextSetsReadOnly) statements.push(READ_ONLY);
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
  if (!isAsExpected(outcome, rows)) await rollback(client, options);
  else if (!outcome.rollback) await runPipeline(client, [COMMIT], { prepare, control });
  else {
    try {
      await runPipeline(client, [CHECK_DEFERRED, ROLLBACK], { prepare, control });
    } catch (error) {
      await rollback(client, options);
      throw error;
    }
  }
  return rows;
}

/** `set_config(name, value, true)` for each pair, as one statement. */
export function localSettings(settings: readonly (readonly [name: string, value: string])[]): Statement {
  const count = settings.length;
  settingTexts[count] ??= `select ${settings
    .map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`)
    .join(', ')}`;
  return { text: settingTexts[count], values: settings.flat(), name: `marquee_settings_${count}` };
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
