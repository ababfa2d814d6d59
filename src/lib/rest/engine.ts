// The data engine: request → plan → statement → response.
import { createHash } from 'node:crypto';
import type { Statement } from '@/lib/postgres';
import { parseAccept } from './api-request/media-type';
import { type Preferences, readPreferences } from './api-request/preferences';
import { readQueryParameters } from './api-request/query-parameters';
import { type LiftedQuery, liftQuery } from './api-request/query-string';
import { isAllRows } from './api-request/ranges';
import { readTarget, type Target } from './api-request/request';
import { isFew, type RequestValues, readValues, shapeOf } from './api-request/values';
import type { EngineRequest, EngineResponse, RunTransaction } from './contract';
import { EngineError, nestingError } from './errors';
import { createEngineFetch, type LightResponse } from './fetch';
import { makePlan } from './plan/plan';
import { PlanCache } from './plan/plan-cache';
import { targetNameWarning } from './plan/read-tree';
import { expectWithin, type PlanSize, type RequestLimits, sizeOf } from './plan/size';
import type { Plan } from './plan/types';
import { fromPostgres } from './postgres-error';
import { infoResponse } from './response/info';
import { rootResponse } from './response/openapi/root';
import { errorResponse, planResponse, type ResponseContext, respond } from './response/respond';
import type { SchemaCache } from './schema-cache';
import type { EngineSettings } from './settings';
import { bindValues } from './statement/bind';
import { refusedByBounds } from './statement/bounded';
import { ANSWER, type BuiltStatement, buildStatement } from './statement/build';
import type { CompiledSql } from './statement/sql';
import {
  checkAnswer,
  decision,
  searchPath,
  statementBefore,
  transactionSettings,
} from './statement/transaction';

export interface DataEngineOptions {
  /** A function is asked at each request, so that a reload takes effect at once. */
  schemaCache: SchemaCache | (() => SchemaCache);
  run: RunTransaction;
  settings?: EngineSettings;
}

/** What one request brings along. */
export interface RequestContext {
  /** Instead of the engine's own: on whose behalf. */
  run?: RunTransaction;
  /** How much it may ask for, and (with `EngineSettings.bounded`) how large the answer may be. Default unlimited. */
  limits?: RequestLimits;
  /** Whether the caller has said who they are; a missing privilege is then 403 rather than 401. Default true. */
  authenticated?: boolean;
  /** Leave out what only HTTP needs of a read's headers: Content-Location and Content-Length. Default false. */
  terse?: boolean;
  /** Called when a stage is over: the request is read; its plan is made or found. */
  onStage?: (stage: 'parse' | 'plan') => void;
}

export interface DataEngine {
  /**
   * Answers a request. Errors of the request and of PostgreSQL are answers.
   *
   * @throws what `run` throws that PostgreSQL has not said: no connection, a deadline
   */
  handle(request: EngineRequest, context?: RequestContext): Promise<EngineResponse>;
  /** For the real `PostgrestClient`, without a network: takes what follows the client's URL. */
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<LightResponse>;
}

interface CachedPlan {
  plan: Plan;
  size: PlanSize;
  statement: BuiltStatement;
  name: string;
  warning: string | undefined;
}

const DEFAULT_MAX_PLANS = 500;

/** An engine for any PostgreSQL. It keeps plans, nothing of the data. */
export function createDataEngine({ schemaCache, run, settings = {} }: DataEngineOptions): DataEngine {
  const plans = new PlanCache<CachedPlan>(settings.maxPlans ?? DEFAULT_MAX_PLANS);
  let plannedFor: SchemaCache | undefined;
  const verbosity = settings.errorVerbosity ?? 'verbose';
  const mayChooseTransaction = settings.txEnd?.endsWith('allow-override') ?? false;

  function currentCache(): SchemaCache {
    const cache = typeof schemaCache === 'function' ? schemaCache() : schemaCache;
    if (cache !== plannedFor) {
      plans.clear();
      plannedFor = cache;
    }
    return cache;
  }

  async function answer(request: EngineRequest, context: RequestContext): Promise<EngineResponse> {
    const cache = currentCache();
    if (settings.openApi && !settings.rootSpec && (request.path === '/' || request.path === '')) {
      return rootResponse(request, {
        openApi: settings.openApi,
        schemas: settings.schemas ?? cache.schemas,
        searchPath: (schema) => searchPath(schema, settings),
        schemaCache: cache,
        run: context.run ?? run,
      });
    }
    const target = readTarget(request, settings.schemas ?? cache.schemas, settings.rootSpec);
    const preferences = readPreferences(request.headers.prefer, mayChooseTransaction);
    const { action } = target;
    if (action.kind === 'info' || action.kind === 'call-info') return infoResponse(cache, target, request);
    const byQuery = action.kind === 'call' && action.how !== 'post';
    const query = liftQuery(request.query, byQuery);
    const values = readValues(request, target, query, settings.maxRows, context.limits);
    context.onStage?.('parse');
    const cached = planFor(cache, request, target, preferences, query, values);
    context.onStage?.('plan');
    const { plan } = cached;
    if (context.limits) expectWithin(cached.size, context.limits);
    const readOnly = plan.kind === 'read' || (plan.kind === 'call' && plan.readOnly);
    const preRequest = statementBefore(settings);
    const common = {
      readOnly,
      settings: transactionSettings(request, target.name.schema, plan, preferences, settings),
      ...(preRequest && { preRequest }),
    };
    const execute = context.run ?? run;
    const decide = decision(plan, preferences, settings, readOnly);
    const rows = await execute({
      ...common,
      statement: toStatement(cached.statement.main, values, settings.prepared === false ? '' : cached.name),
      ...(decide && { decide }),
    });
    const responseContext: ResponseContext = {
      plan,
      preferences,
      range: values.topLevel,
      plannedTotal: null,
      warning: cached.warning,
      query: request.query,
      schema: target.name.schema,
      profiled: target.profiled,
      cache,
      errorVerbosity: verbosity,
      terse: context.terse ?? false,
    };
    if (plan.handler.type.plan) return planResponse(rows, responseContext);
    if (!decide) checkAnswer(plan, preferences, rows);
    const { plannedCount } = cached.statement;
    if (plannedCount && needsPlannedCount(preferences, rows[0]?.[ANSWER.total] ?? null)) {
      const explained = await execute({ ...common, statement: toStatement(plannedCount, values, '') });
      responseContext.plannedTotal = plannedRows(explained[0]?.[0]);
    }
    return respond(rows[0] ?? [], responseContext);
  }

  /** An exact count that stopped at the limit, or was never limited, may be further from the truth. */
  function needsPlannedCount({ count }: Preferences, counted: string | null): boolean {
    if (count === 'planned') return true;
    return count === 'estimated' && (settings.maxRows === undefined || Number(counted) > settings.maxRows);
  }

  function planFor(
    cache: SchemaCache,
    request: EngineRequest,
    target: Target,
    preferences: Preferences,
    query: LiftedQuery,
    values: RequestValues,
  ): CachedPlan {
    const shape = shapeOf(request, target, preferences, query, values);
    const known = plans.get(shape);
    if (known) return known;
    const plan = makePlan(cache, {
      target,
      parameters: readQueryParameters(query),
      preferences,
      accepts: parseAccept(request.headers.accept),
      mediaType: values.mediaType,
      payload: values.payload,
      aggregatesEnabled: settings.aggregatesEnabled ?? false,
      planEnabled: settings.planEnabled ?? false,
      legacyTargetNames: settings.legacyTargetNames ?? true,
    });
    const { count } = preferences;
    const rangedLevels = new Set(query.ranges.keys());
    if (!isAllRows(values.topLevel)) rangedLevels.add('');
    const size = sizeOf(plan);
    const statement = buildStatement(plan, {
      counted: count === 'exact' || count === 'estimated',
      estimated: count === 'estimated',
      maxRows: settings.maxRows,
      rangedLevels,
      bounded: settings.bounded ?? false,
      // Rows as they are in the table, and few of them, are not worth measuring.
      small: size.flat && (isFew(values.topLevel) || isInsert(plan)),
    });
    const cached = {
      plan,
      size,
      statement,
      name: statementName(statement.main.text),
      warning: targetNameWarning(plan.root),
    };
    plans.set(shape, cached);
    return cached;
  }

  async function handle(request: EngineRequest, context: RequestContext = {}): Promise<EngineResponse> {
    try {
      return await answer(request, context);
    } catch (error) {
      const known = toEngineError(error, context.authenticated ?? true);
      if (!known) throw error;
      return errorResponse(known, verbosity);
    }
  }

  return { handle, fetch: createEngineFetch((request) => handle(request, { terse: true })) };
}

function toEngineError(error: unknown, authenticated: boolean): EngineError | undefined {
  if (error instanceof EngineError) return error;
  // The parser and the planner go as deep as the request does.
  if (error instanceof RangeError && /call stack/.test(error.message)) return nestingError();
  return refusedByBounds(error) ?? fromPostgres(error, authenticated);
}

/** What is inserted is as large as the request's body. */
function isInsert(plan: Plan): boolean {
  return plan.kind === 'mutate' && plan.mutation === 'create';
}

/** The same text has the same name everywhere, so engines may share connections. */
function statementName(text: string): string {
  return `rest_${createHash('sha1').update(text).digest('base64url')}`;
}

function toStatement({ text, slots }: CompiledSql, values: RequestValues, name: string): Statement {
  return { text, values: bindValues(slots, values), ...(name !== '' && { name }) };
}

/** `[{"Plan": {"Plan Rows": 42, …}}]` */
function plannedRows(explained: string | null | undefined): number | null {
  if (!explained) return null;
  const [first] = JSON.parse(explained) as { Plan?: { 'Plan Rows'?: number } }[];
  return first?.Plan?.['Plan Rows'] ?? null;
}
