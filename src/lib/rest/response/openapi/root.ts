// `/`: the OpenAPI document of the schema asked.

import { ANY_TYPE, contentTypeOf, JSON_TYPE, OPENAPI_TYPE, parseAccept } from '../../api-request/media-type';
import type { EngineRequest, EngineResponse, RunTransaction } from '../../contract';
import { mediaTypeError, methodError, schemaError } from '../../errors';
import { unavailableMessage } from '../../plan/negotiate';
import { objectKey, type SchemaCache } from '../../schema-cache';
import type { Catalog, Keys } from './catalog';
import { catalogStatement, openApiDocument } from './index';

/** What is said at `/`, where no function answers there. */
export interface OpenApiSettings {
  /** Only what the role may use (`openapi-mode=follow-privileges`). */
  followPrivileges: boolean;
  /** Say that a bearer token may be sent (`openapi-security-active`). */
  securityActive: boolean;
  /** Where clients reach the API. */
  uri(request: EngineRequest): URL;
}

export interface RootContext {
  openApi: OpenApiSettings;
  schemas: readonly string[];
  searchPath: (schema: string) => string;
  schemaCache: SchemaCache;
  run: RunTransaction;
}

const ACCEPTED = new Set([ANY_TYPE.name, JSON_TYPE.name, OPENAPI_TYPE.name]);

/** Answers GET, HEAD and OPTIONS at the root; throws EngineError, and errors of the database as they are. */
export async function rootResponse(request: EngineRequest, context: RootContext): Promise<EngineResponse> {
  const { schemas } = context;
  const { method } = request;
  const wanted = request.headers['accept-profile'];
  if (wanted !== undefined && !schemas.includes(wanted)) throw schemaError(wanted, schemas);
  if (method === 'OPTIONS') {
    return {
      status: 200,
      headers: [
        ['Access-Control-Allow-Origin', '*'],
        ['Allow', 'OPTIONS,GET,HEAD'],
      ],
      body: '',
    };
  }
  if (method !== 'GET' && method !== 'HEAD') throw methodError(method);
  const accepts = parseAccept(request.headers.accept);
  if (!accepts.some((type) => ACCEPTED.has(type.name))) throw mediaTypeError(unavailableMessage(accepts));
  const schema = wanted ?? schemas[0] ?? 'public';
  const body = await documentOf(schema, request, context);
  const headers: [string, string][] = [['Content-Type', contentTypeOf(OPENAPI_TYPE)]];
  if (wanted !== undefined || schemas.length > 1) headers.push(['Content-Profile', schema]);
  return { status: 200, headers, body: method === 'HEAD' ? null : body };
}

async function documentOf(schema: string, request: EngineRequest, context: RootContext): Promise<string> {
  const { openApi, schemaCache, run } = context;
  const rows = await run({
    readOnly: true,
    settings: [['search_path', context.searchPath(schema)]],
    statement: catalogStatement(schema, openApi.followPrivileges),
  });
  const catalog: Catalog = JSON.parse(rows[0]?.[0] ?? '{}');
  const document = openApiDocument(catalog, keysOf(schema, schemaCache), {
    uri: openApi.uri(request),
    securityActive: openApi.securityActive,
  });
  return JSON.stringify(document);
}

function keysOf(schema: string, cache: SchemaCache): Keys {
  return {
    isPrimaryKey: (name, column) =>
      cache.tables.get(objectKey({ schema, name }))?.primaryKey.includes(column) ?? false,
    foreignKey: (name, column) => {
      const found = (cache.relationships.get(objectKey({ schema, name }))?.get(schema) ?? []).filter(
        (relationship) =>
          relationship.kind === 'foreign-key' &&
          relationship.columns.length === 1 &&
          relationship.columns[0]?.[0] === column &&
          (relationship.cardinality === 'many-to-one' ||
            (relationship.cardinality === 'one-to-one' && !relationship.originIsParent)),
      );
      const toTable = found.find((item) => item.kind === 'foreign-key' && !item.targetIsView) ?? found[0];
      if (toTable?.kind !== 'foreign-key') return undefined;
      return { table: toTable.target.name, column: toTable.columns[0]?.[1] ?? '' };
    },
  };
}
