// The transaction around the statement: settings, the pre-request function, and what decides whether it is committed.
import type { Outcome, Statement } from '@/lib/postgres';
import type { Preferences } from '../api-request/preferences';
import type { EngineRequest } from '../contract';
import type { Plan } from '../plan/types';
import type { EngineSettings } from '../settings';
import { ANSWER } from './build';
import type { PlanChoice } from './plan-choice';
import { identifier, qualified } from './sql';

export type Setting = readonly [name: string, value: string];

/** Settings that each transaction of a schema begins with. */
export function transactionSettings(
  request: EngineRequest,
  schema: string,
  { plan, planChoice }: { plan: Plan; planChoice: PlanChoice },
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
  if (planChoice) all.push(['plan_cache_mode', planChoice]);
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

function rollsBack(
  { transaction }: Pick<Preferences, 'transaction'>,
  { txEnd = 'commit' }: EngineSettings,
): boolean {
  if (txEnd.endsWith('allow-override') && transaction) return transaction === 'rollback';
  return txEnd.startsWith('rollback');
}

/** By the accepted media type, even where no body is sent. */
export function isSingular({ handler }: Plan): boolean {
  return handler.type.name === 'application/vnd.pgrst.object+json';
}

/** Whether `max-affected` applies. */
export function isLimited(plan: Plan): boolean {
  return plan.kind === 'call' || (plan.kind === 'mutate' && ['update', 'delete'].includes(plan.mutation));
}

/** Present only where the number of rows, or a preference, decides whether a write is committed: it costs a round trip. */
export function outcomeOf(
  plan: Plan,
  { handling, maxAffected, ...preferences }: Preferences,
  settings: EngineSettings,
): Outcome | undefined {
  if (plan.handler.type.plan) return undefined;
  const rollback = rollsBack(preferences, settings);
  const one = isSingular(plan) || (plan.kind === 'mutate' && plan.mutation === 'upsert');
  const most = handling === 'strict' && isLimited(plan) ? maxAffected : undefined;
  if (!rollback && !one && most === undefined) return undefined;
  return {
    rollback,
    affected: {
      column: ANSWER.pageTotal,
      least: one ? 1 : 0,
      most: Math.min(one ? 1 : Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY),
    },
  };
}
