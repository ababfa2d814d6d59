// OPTIONS: the methods that a relation or function allows.

import { liftQuery } from '../api-request/query-string';
import type { Target } from '../api-request/target';
import type { EngineRequest, EngineResponse } from '../contract';
import { findRoutine } from '../plan/call-plan';
import { findTable } from '../plan/plan';
import type { SchemaCache } from '../schema-cache';

/** @throws EngineError PGRST202, PGRST203, PGRST205 */
export function infoResponse(cache: SchemaCache, target: Target, request: EngineRequest): EngineResponse {
  return {
    status: 200,
    headers: [
      ['Content-Length', '0'],
      ['Access-Control-Allow-Origin', '*'],
      ['Allow', target.action.kind === 'info' ? ofTable(cache, target) : ofRoutine(cache, target, request)],
    ],
    body: null,
  };
}

function ofTable(cache: SchemaCache, { name }: Target): string {
  const { insertable, updatable, deletable, primaryKey } = findTable(cache, name);
  return [
    'OPTIONS,GET,HEAD',
    ...(insertable ? ['POST'] : []),
    ...(insertable && updatable && primaryKey.length > 0 ? ['PUT'] : []),
    ...(updatable ? ['PATCH'] : []),
    ...(deletable ? ['DELETE'] : []),
  ].join(',');
}

function ofRoutine(cache: SchemaCache, { name }: Target, { query }: EngineRequest): string {
  const keys = new Set(
    liftQuery(query, true).parameters.flatMap((parameter) =>
      parameter.kind === 'argument' ? [parameter.key] : [],
    ),
  );
  const routine = findRoutine(cache, { name, keys, mediaType: 'application/json', isPost: false });
  return routine.volatility === 'volatile' ? 'OPTIONS,POST' : 'OPTIONS,GET,HEAD,POST';
}
