// `/`: the OpenAPI document of the schema asked.
import type { TextRow, Transaction } from '@/lib/postgres';
import { contentTypeOf, OPENAPI_TYPE } from '../../api-request/media-type';
import type { RootRequest } from '../../api-request/root';
import type { EngineResponse } from '../../contract';
import { objectKey, type SchemaCache } from '../../schema-cache';
import type { EngineSettings } from '../../settings';
import { searchPath } from '../../statement/transaction';
import type { Catalog, Keys } from './catalog';
import { catalogStatement, openApiDocument } from './index';

export function rootOptionsResponse(): EngineResponse {
  return {
    status: 200,
    headers: [
      ['Access-Control-Allow-Origin', '*'],
      ['Allow', 'OPTIONS,GET,HEAD'],
    ],
    body: '',
  };
}

/** Reads what the document is made of. */
export function documentTransaction({ schema }: RootRequest, settings: EngineSettings): Transaction {
  return {
    readOnly: true,
    settings: [['search_path', searchPath(schema, settings)]],
    statement: catalogStatement(schema, settings.openApi?.followPrivileges ?? true),
  };
}

export function documentResponse(
  { request, schema, profiled }: RootRequest,
  rows: readonly TextRow[],
  cache: SchemaCache,
  { openApi }: EngineSettings,
): EngineResponse {
  const headers: [string, string][] = [['Content-Type', contentTypeOf(OPENAPI_TYPE)]];
  if (profiled) headers.push(['Content-Profile', schema]);
  if (request.method === 'HEAD' || !openApi) return { status: 200, headers, body: null };
  const catalog: Catalog = JSON.parse(rows[0]?.[0] ?? '{}');
  const document = openApiDocument(catalog, keysOf(schema, cache), {
    uri: openApi.uri(request),
    securityActive: openApi.securityActive,
  });
  return { status: 200, headers, body: JSON.stringify(document) };
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
