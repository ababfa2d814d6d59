// A request and the schema cache → the plan.

import { type MediaType, unavailableMessage } from '../api-request/media-type';
import type { Payload } from '../api-request/payload';
import type { Preferences } from '../api-request/preferences';
import type { Target } from '../api-request/target';
import type { Action, QueryParameters } from '../api-request/types';
import {
  EngineError,
  maxAffectedCallError,
  mediaTypeError,
  notImplementedError,
  preferencesError,
} from '../errors';
import { objectKey, type QualifiedName, type SchemaCache, type Table } from '../schema-cache';
import type { ResolvedHandler } from '../schema-cache/media-handlers';
import { findRoutine, planCall, rowsOf } from './call-plan';
import { ALMOST_THE_NAME, closest } from './fuzzy';
import { planMutation } from './mutate-plan';
import { type Negotiation, negotiate } from './negotiate';
import { planRead } from './read-plan';
import type { Plan, ReadNode } from './types';

export interface PlanRequest {
  target: Target;
  parameters: QueryParameters;
  preferences: Preferences;
  accepts: readonly MediaType[];
  /** Of the Content-Type, without parameters. */
  mediaType: string;
  payload: Payload | undefined;
  aggregatesEnabled: boolean;
  planEnabled: boolean;
  legacyTargetNames: boolean;
  fixedColumn: string | undefined;
}

/** @throws EngineError */
export function makePlan(cache: SchemaCache, request: PlanRequest): Plan {
  const { action } = request.target;
  switch (action.kind) {
    case 'read':
      return readPlan(cache, request, action);
    case 'mutate':
      return mutatePlan(cache, request, action);
    case 'call':
      return callPlan(cache, request, action);
    case 'info':
    case 'call-info':
      throw notImplementedError('OPTIONS is answered without a plan.');
  }
}

/** @throws EngineError PGRST205 */
export function findTable(cache: SchemaCache, name: QualifiedName): Table {
  const table = cache.tables.get(objectKey(name));
  if (table) return table;
  const known = [...cache.tables.values()].flatMap((each) =>
    each.schema === name.schema ? [each.name] : [],
  );
  const similar = known.length < MAX_FUZZY_TABLES ? closest(known, name.name, ALMOST_THE_NAME) : undefined;
  throw new EngineError(
    'PGRST205',
    404,
    `Could not find the table '${name.schema}.${name.name}' in the schema cache`,
    { hint: similar && `Perhaps you meant the table '${name.schema}.${similar}'` },
  );
}

/** Comparing with more names would take longer than the request. */
const MAX_FUZZY_TABLES = 2000;

function readPlan(cache: SchemaCache, request: PlanRequest, action: Action & { kind: 'read' }): Plan {
  const table = findTable(cache, request.target.name);
  const root = planRead(cache, table, request.parameters, {
    aggregatesEnabled: request.aggregatesEnabled,
    legacyTargetNames: request.legacyTargetNames,
    fixedColumn: request.fixedColumn,
    fromSource: false,
    rootFiltered: true,
    ranged: true,
  });
  const handler = resolveHandler(cache, request, table, root, !action.headersOnly);
  refuseInvalid(request.preferences);
  const target = { schema: table.schema, name: table.name };
  // A view may repeat its base table's keys.
  const primaryKey = table.isView ? [] : table.primaryKey;
  return { kind: 'read', target, primaryKey, root, handler, headersOnly: action.headersOnly };
}

function mutatePlan(
  cache: SchemaCache,
  request: PlanRequest,
  { mutation }: Action & { kind: 'mutate' },
): Plan {
  const { parameters, preferences, payload } = request;
  const table = findTable(cache, request.target.name);
  const root = planRead(cache, table, parameters, {
    aggregatesEnabled: request.aggregatesEnabled,
    legacyTargetNames: request.legacyTargetNames,
    fixedColumn: request.fixedColumn,
    fromSource: true,
    rootFiltered: false,
    ranged: false,
  });
  const bodyWanted = preferences.representation === 'representation';
  const planned = planMutation(cache, table, {
    mutation,
    parameters,
    preferences,
    payload,
    fixedColumn: request.fixedColumn,
    root,
    handler: { handler: { kind: 'none' }, type: { name: 'application/json' } },
  });
  refuseInvalid(preferences);
  return { ...planned, handler: resolveHandler(cache, request, table, root, bodyWanted) };
}

function callPlan(cache: SchemaCache, request: PlanRequest, { how }: Action & { kind: 'call' }): Plan {
  const { parameters, mediaType, payload, preferences, target } = request;
  const isPost = how === 'post';
  const keys: ReadonlySet<string> = isPost
    ? (payload?.keys ?? new Set())
    : new Set(parameters.arguments.map(({ name }) => name));
  const routine = findRoutine(cache, { name: target.name, keys, mediaType, isPost });
  const rows = rowsOf(routine);
  const root = planRead(cache, rows, parameters, {
    aggregatesEnabled: request.aggregatesEnabled,
    legacyTargetNames: request.legacyTargetNames,
    fixedColumn: request.fixedColumn,
    fromSource: true,
    rootFiltered: true,
    ranged: true,
  });
  const handler = resolveHandler(cache, request, rows, root, how !== 'head');
  refuseInvalid(preferences);
  if (preferences.handling === 'strict' && preferences.maxAffected !== undefined && !routine.result.setOf) {
    throw maxAffectedCallError();
  }
  return planCall(routine, root, handler, { keys, how, payload });
}

function resolveHandler(
  cache: SchemaCache,
  { accepts, planEnabled }: PlanRequest,
  object: QualifiedName,
  root: ReadNode,
  bodyWanted: boolean,
): ResolvedHandler {
  const [only] = root.select;
  const wholeRows = root.select.length === 1 && only?.field.name === '*' && root.children.length === 0;
  const negotiation: Negotiation = {
    accepts,
    handlers: cache.mediaHandlers,
    object,
    wholeRows,
    planEnabled,
    bodyWanted,
  };
  const handler = negotiate(negotiation);
  if (!handler) throw mediaTypeError(unavailableMessage(accepts));
  return handler;
}

function refuseInvalid({ handling, invalid }: Preferences): void {
  if (handling === 'strict' && invalid.length > 0) throw preferencesError(invalid);
}
