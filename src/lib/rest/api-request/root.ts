// A request at `/`, where the OpenAPI document is.
import type { EngineRequest } from '../contract';
import { mediaTypeError, methodError, schemaError } from '../errors';
import { ANY_TYPE, JSON_TYPE, OPENAPI_TYPE, parseAccept, unavailableMessage } from './media-type';

export interface RootRequest {
  kind: 'document' | 'document-options';
  request: EngineRequest;
  /** The schema that the document describes. */
  schema: string;
  /** One of several exposed schemas was chosen: the answer says which. */
  profiled: boolean;
  /** Of the request's fixed filter. */
  fixedColumn: string | undefined;
}

const ACCEPTED = new Set([ANY_TYPE.name, JSON_TYPE.name, OPENAPI_TYPE.name]);

/** @throws EngineError PGRST106, PGRST107, PGRST117 */
export function readRoot(
  request: EngineRequest,
  schemas: readonly string[],
  fixedColumn: string | undefined,
): RootRequest {
  const { method, headers } = request;
  const wanted = headers['accept-profile'];
  if (wanted !== undefined && !schemas.includes(wanted)) throw schemaError(wanted, schemas);
  const schema = wanted ?? schemas[0] ?? 'public';
  const profiled = wanted !== undefined || schemas.length > 1;
  const root = { request, schema, profiled, fixedColumn };
  if (method === 'OPTIONS') return { kind: 'document-options', ...root };
  if (method !== 'GET' && method !== 'HEAD') throw methodError(method);
  const accepts = parseAccept(headers.accept);
  if (!accepts.some((type) => ACCEPTED.has(type.name))) throw mediaTypeError(unavailableMessage(accepts));
  return { kind: 'document', ...root };
}
