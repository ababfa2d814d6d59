// The data engine, stage by stage: request → plan → (its caller runs the transaction) → response. It performs no input or
// output of its own, so it serves any connection, and one engine serves all databases with the same schema.

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Statement, TextRow, Transaction } from '@/lib/postgres';
import { parseAccept } from './api-request/media-type';
import { readQueryParameters } from './api-request/query-parameters';
import { isAllRows } from './api-request/ranges';
import { type ApiRequest, type RequestOptions, type RowsRequest, readRequest } from './api-request/request';
import type { RootRequest } from './api-request/root';
import { pageOf, type RequestValues, shapeOf } from './api-request/values';
import type { EngineRequest, EngineResponse } from './contract';
import { EngineError, nestingError } from './errors';
import { callsFunction } from './plan/calls-function';
import { expectOwnNames } from './plan/catalog-names';
import { makePlan } from './plan/plan';
import { targetNameWarning } from './plan/read-tree';
import { expectWithin, type PlanSize, sizeOf } from './plan/size';
import type { Plan } from './plan/types';
import { fromPostgres } from './postgres-error';
import { checkAnswer } from './response/check-answer';
import { infoResponse } from './response/info';
import { documentResponse, documentTransaction, rootOptionsResponse } from './response/openapi/document';
import { errorResponse, planResponse, type ResponseContext, respond } from './response/respond';
import type { SchemaCache } from './schema-cache';
import type { EngineSettings } from './settings';
import { bindValues } from './statement/bind';
import { refusedByBounds } from './statement/bounded';
import { ANSWER, type BuiltStatement, buildStatement } from './statement/build';
import { type PlanChoice, planChoice } from './statement/plan-choice';
import type { CompiledSql } from './statement/sql';
import { outcomeOf, statementBefore, transactionSettings } from './statement/transaction';

/** A request that is planned: the transaction to run, and what its rows become. */
export type Planned = {
  transaction: Transaction;
  /** The transaction may run a function of the database's owner, which may do what SQL of developers may. */
  callsFunction: boolean;
} & (
  | { next: 'respond'; request: RowsRequest; plan: CachedPlan }
  | { next: 'add-planned-count'; row: TextRow; context: ResponseContext }
  | { next: 'describe'; request: RootRequest }
);

interface CachedPlan {
  plan: Plan;
  size: PlanSize;
  statement: BuiltStatement;
  name: string;
  planChoice: PlanChoice;
  callsFunction: boolean;
  warning: string | undefined;
}

const DEFAULT_MAX_PLANS = 500;

/** Whether a stage's result is a transaction to run, rather than the answer. */
export function isPlanned(step: Planned | EngineResponse): step is Planned {
  return 'transaction' in step;
}

/** Keeps plans by the shapes of requests, and nothing of the data. */
export class Engine {
  readonly #plans: LRUCache<string, CachedPlan>;
  #plannedFor: SchemaCache | undefined;

  /** @param schemaCache a function is called at each request, so that a reload takes effect at once */
  constructor(
    private readonly schemaCache: SchemaCache | (() => SchemaCache),
    private readonly settings: EngineSettings = {},
  ) {
    this.#plans = new LRUCache({ max: settings.maxPlans ?? DEFAULT_MAX_PLANS });
  }

  /** Stage one: what the request asks for. @throws EngineError */
  read(request: EngineRequest, options: RequestOptions = {}): ApiRequest {
    const schemas = this.settings.schemas ?? this.#cache().schemas;
    return readRequest(request, schemas, this.settings, options);
  }

  /** Stage two: the transaction that answers it; or the answer, where none is needed. @throws EngineError */
  plan(request: ApiRequest): Planned | EngineResponse {
    const cache = this.#cache();
    switch (request.kind) {
      case 'options':
        return infoResponse(cache, request.target, request.request);
      case 'document-options':
        return rootOptionsResponse();
      case 'document':
        return {
          next: 'describe',
          transaction: documentTransaction(request, this.settings),
          callsFunction: false,
          request,
        };
      case 'rows': {
        const plan = this.#planFor(cache, request);
        if (request.limits) expectWithin(plan.size, request.limits);
        const { callsFunction: calls } = plan;
        const transaction = this.#transactionOf(request, plan);
        return { next: 'respond', transaction, callsFunction: calls, request, plan };
      }
    }
  }

  /** Stage three: the answer, from the transaction's rows; or a second transaction to run. @throws EngineError */
  respond(planned: Planned, rows: readonly TextRow[]): EngineResponse | Planned {
    switch (planned.next) {
      case 'describe':
        return documentResponse(planned.request, rows, this.#cache(), this.settings);
      case 'add-planned-count': {
        planned.context.plannedTotal = plannedRows(rows[0]?.[0]);
        return respond(planned.row, planned.context);
      }
      case 'respond':
        return this.#respond(planned.transaction, planned.request, planned.plan, rows);
    }
  }

  /**
   * The answer to what a stage or the transaction has thrown; undefined for what is not about the request: no connection,
   * a deadline, a fault of ours.
   *
   * @param authenticated whether the caller's identity is known: a missing privilege is then 403 rather than 401
   */
  refusal(error: unknown, authenticated = true): EngineResponse | undefined {
    const known = toEngineError(error, authenticated);
    return known && errorResponse(known, this.settings.errorVerbosity);
  }

  #cache(): SchemaCache {
    const { schemaCache } = this;
    const cache = typeof schemaCache === 'function' ? schemaCache() : schemaCache;
    if (cache !== this.#plannedFor) {
      this.#plans.clear();
      this.#plannedFor = cache;
    }
    return cache;
  }

  #planFor(cache: SchemaCache, { request, target, preferences, query, values }: RowsRequest): CachedPlan {
    const shape = shapeOf(request, target, preferences, query, values);
    const known = this.#plans.get(shape);
    if (known) return known;
    const { settings } = this;
    const parameters = readQueryParameters(query);
    if (settings.catalogNames === false) expectOwnNames(parameters);
    const plan = makePlan(cache, {
      target,
      parameters,
      preferences,
      accepts: parseAccept(request.headers.accept),
      mediaType: values.mediaType,
      payload: values.payload,
      aggregatesEnabled: settings.aggregatesEnabled ?? false,
      planEnabled: settings.planEnabled ?? false,
      legacyTargetNames: settings.legacyTargetNames ?? true,
      fixedColumn: values.fixed?.column,
    });
    const { count } = preferences;
    const rangedLevels = new Set(query.ranges.keys());
    if (!isAllRows(values.topLevel)) rangedLevels.add('');
    const size = sizeOf(plan);
    const page = pageOf(values);
    const statement = buildStatement(plan, {
      counted: count === 'exact' || count === 'estimated',
      estimateAbove: count === 'estimated' ? this.#estimateAbove : undefined,
      maxRows: settings.maxRows,
      rangedLevels,
      bounded: settings.bounded ?? false,
      // Measuring a few plain rows would cost more than it could save.
      small: size.flat && (page.tiny || isInsert(plan)),
      page,
    });
    const cached = {
      plan,
      size,
      statement,
      name: statementName(statement.main.text),
      planChoice: values.fixed && planChoice(plan, page),
      callsFunction: callsFunction(cache, plan),
      warning: targetNameWarning(plan.root),
    };
    this.#plans.set(shape, cached);
    return cached;
  }

  #transactionOf({ request, target, preferences, values }: RowsRequest, cached: CachedPlan): Transaction {
    const { settings } = this;
    const { plan } = cached;
    const readOnly = plan.kind === 'read' || (plan.kind === 'call' && plan.readOnly);
    return {
      readOnly,
      settings: transactionSettings(request, target.name.schema, cached, preferences, settings),
      preRequest: statementBefore(settings),
      statement: toStatement(cached.statement.main, values, settings.prepared === false ? '' : cached.name),
      outcome: readOnly ? undefined : outcomeOf(plan, preferences, settings),
    };
  }

  #respond(
    transaction: Transaction,
    { request, target, preferences, values, terse }: RowsRequest,
    { plan, statement, warning, callsFunction: calls }: CachedPlan,
    rows: readonly TextRow[],
  ): EngineResponse | Planned {
    const context: ResponseContext = {
      plan,
      preferences,
      range: values.topLevel,
      plannedTotal: null,
      warning,
      query: request.query,
      schema: target.name.schema,
      profiled: target.profiled,
      cache: this.#cache(),
      errorVerbosity: this.settings.errorVerbosity ?? 'verbose',
      terse,
    };
    if (plan.handler.type.plan) return planResponse(rows, context);
    checkAnswer(plan, preferences, rows);
    const [row = []] = rows;
    if (statement.plannedCount && this.#needsPlannedCount(context, row[ANSWER.total] ?? null)) {
      const counting = { ...transaction, statement: toStatement(statement.plannedCount, values, '') };
      return { next: 'add-planned-count', transaction: counting, callsFunction: calls, row, context };
    }
    return respond(row, context);
  }

  /** The planner's estimate is needed where counting stopped at the limit, or was never limited. */
  #needsPlannedCount({ preferences: { count } }: ResponseContext, counted: string | null): boolean {
    if (count === 'planned') return true;
    const most = this.#estimateAbove;
    return count === 'estimated' && (most === undefined || Number(counted) > most);
  }

  get #estimateAbove(): number | undefined {
    return this.settings.estimateAbove ?? this.settings.maxRows;
  }
}

function toEngineError(error: unknown, authenticated: boolean): EngineError | undefined {
  if (error instanceof EngineError) return error;
  // Parser and planner recurse as deeply as the request is nested.
  if (error instanceof RangeError && /call stack/.test(error.message)) return nestingError();
  return refusedByBounds(error) ?? fromPostgres(error, authenticated);
}

/** The rows of an insert are no larger than the request's body. */
function isInsert(plan: Plan): boolean {
  return plan.kind === 'mutate' && plan.mutation === 'create';
}

/** Derived from the text, so that engines may share connections. */
function statementName(text: string): string {
  return `rest_${createHash('sha1').update(text).digest('base64url')}`;
}

function toStatement({ text, slots }: CompiledSql, values: RequestValues, name: string): Statement {
  const { body, pageTotal } = ANSWER;
  return {
    ...{ text, values: bindValues(slots, values), bytesColumn: body, countColumn: pageTotal },
    ...(name !== '' && { name }),
  };
}

/** `[{"Plan": {"Plan Rows": 42, …}}]` */
function plannedRows(explained: string | null | undefined): number | null {
  if (!explained) return null;
  const [first] = JSON.parse(explained) as { Plan?: { 'Plan Rows'?: number } }[];
  return first?.Plan?.['Plan Rows'] ?? null;
}
