// What surrounds the statement: settings, the pre-request function, whether to commit.

import type { Statement, TextRow, Transaction } from '@/lib/postgres';
import type { Preferences } from '../api-request/preferences';
import type { EngineRequest } from '../contract';
import { maxAffectedError, singularityError, upsertKeyError } from '../errors';
import type { Plan } from '../plan/types';
import type { EngineSettings } from '../settings';
import { ANSWER } from './build';
import { identifier, qualified } from './sql';

export type Setting = readonly [name: string, value: string];

/** Settings that each transaction of a schema begins with. */
export function transactionSettings(
  request: EngineRequest,
  schema: string,
  plan: Plan,
  { timezone }: Preferences,
  settings: EngineSettings,
): Setting[] {
  const all: Setting[] = [];
  if (settings.requestContext !== false) {
    all.push(
      ['search_path', searchPath(schema, settings)],
      ['request.method', request.method],
      ['request.path', request.path],
      ['request.headers', headersJson(request)],
      ['request.cookies', JSON.stringify(cookiesOf(request.headers.cookie))],
    );
  }
  if (timezone !== undefined) all.push(['timezone', timezone]);
  if (plan.kind === 'call') all.push(...plan.routine.settings);
  if (settings.appSettings) all.push(...Object.entries(settings.appSettings));
  return all;
}

export function searchPath(schema: string, { extraSearchPath = ['public'] }: EngineSettings): string {
  return [schema, ...extraSearchPath]
    .filter((name) => name !== '')
    .map(identifier)
    .join(', ');
}

function headersJson({ headers }: EngineRequest): string {
  const { cookie: _, ...rest } = headers;
  return JSON.stringify(rest);
}

function cookiesOf(header: string | undefined): Record<string, string> {
  if (!header) return {};
  const pairs = header.split(';').flatMap((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? [] : [[part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}

/** The configured function that runs before the statement, if any. */
export function statementBefore({ preRequest }: EngineSettings): Statement | undefined {
  return preRequest && { text: `select ${qualified(preRequest)}()`, values: [] };
}

function rollsBack({ transaction }: Preferences, { txEnd = 'commit' }: EngineSettings): boolean {
  if (txEnd.endsWith('allow-override') && transaction) return transaction === 'rollback';
  return txEnd.startsWith('rollback');
}

/**
 * What an answer must be to stand.
 *
 * @throws EngineError PGRST115, PGRST116, PGRST124
 */
export function checkAnswer(
  plan: Plan,
  { handling, maxAffected }: Preferences,
  rows: readonly TextRow[],
): void {
  const affected = Number(rows[0]?.[ANSWER.pageTotal] ?? 0);
  if (plan.kind === 'mutate' && plan.mutation === 'upsert' && affected !== 1) throw upsertKeyError();
  if (isSingular(plan) && affected !== 1) throw singularityError(affected);
  const limited =
    plan.kind === 'call' || (plan.kind === 'mutate' && ['update', 'delete'].includes(plan.mutation));
  if (limited && handling === 'strict' && maxAffected !== undefined && affected > maxAffected) {
    throw maxAffectedError(affected);
  }
}

/** The accepted type counts, also where no body is sent. */
function isSingular({ handler }: Plan): boolean {
  return handler.type.name === 'application/vnd.pgrst.object+json';
}

/** Present only where the answer decides; otherwise one round trip does. */
export function decision(
  plan: Plan,
  preferences: Preferences,
  settings: EngineSettings,
  readOnly: boolean,
): Transaction['decide'] {
  if (readOnly || plan.handler.type.plan) return undefined;
  const rollback = rollsBack(preferences, settings);
  const decides =
    rollback ||
    isSingular(plan) ||
    (plan.kind === 'mutate' && plan.mutation === 'upsert') ||
    (preferences.handling === 'strict' && preferences.maxAffected !== undefined);
  if (!decides) return undefined;
  return (rows) => {
    checkAnswer(plan, preferences, rows);
    return rollback ? 'rollback' : 'commit';
  };
}
