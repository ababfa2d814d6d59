// `/`: the OpenAPI document of the schema asked.
import type { EngineRequest, EngineResponse, RunTransaction } from '../contract';
import { mediaTypeError, methodError, rootDisabledError, schemaError } from '../errors';
import {
  ANY_TYPE,
  contentTypeOf,
  JSON_TYPE,
  OPENAPI_TYPE,
  parseAccept,
  unavailableMessage,
} from '../media-types';
import { type Catalog, catalogStatement, type Keys, openApiDocument } from '../openapi';
import { objectKey, type SchemaCache } from '../schema-cache';
import type { RestConfiguration } from './configuration';

export interface RootContext {
  configuration: RestConfiguration;
  schemaCache: SchemaCache;
  run: RunTransaction;
}

const ACCEPTED = new Set([ANY_TYPE.name, JSON_TYPE.name, OPENAPI_TYPE.name]);

/** Answers GET, HEAD and OPTIONS at the root; throws EngineError, and errors of the database as they are. */
export async function rootResponse(request: EngineRequest, context: RootContext): Promise<EngineResponse> {
  const { configuration } = context;
  const { method } = request;
  if (configuration.openapi_mode === 'disabled') throw rootDisabledError();
  const { db_schemas: schemas } = configuration;
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
  const body = await documentOf(schema, context);
  const headers: [string, string][] = [['Content-Type', contentTypeOf(OPENAPI_TYPE)]];
  if (wanted !== undefined || schemas.length > 1) headers.push(['Content-Profile', schema]);
  return { status: 200, headers, body: method === 'HEAD' ? null : body };
}

async function documentOf(schema: string, { configuration, schemaCache, run }: RootContext): Promise<string> {
  const rows = await run({
    readOnly: true,
    settings: [['search_path', searchPath([schema, ...configuration.db_extra_search_path])]],
    statement: catalogStatement(schema, configuration.openapi_mode === 'follow-privileges'),
  });
  const catalog: Catalog = JSON.parse(rows[0]?.[0] ?? '{}');
  const document = openApiDocument(catalog, keysOf(schema, schemaCache), {
    uri: publicUri(configuration),
    securityActive: configuration.openapi_security_active,
  });
  return JSON.stringify(document);
}

export function searchPath(schemas: readonly string[]): string {
  return schemas.map((schema) => `"${schema.replaceAll('"', '""')}"`).join(', ');
}

function publicUri(configuration: RestConfiguration): URL {
  const { openapi_server_proxy_uri: proxy, server_host: host, server_port: port } = configuration;
  if (proxy) return new URL(proxy);
  const name = /^[*!]/.test(host) ? '0.0.0.0' : host;
  return new URL(`http://${name.includes(':') ? `[${name}]` : name}:${port}/`);
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
