// `/`: the OpenAPI document of the schema asked.
import type { TextRow, Transaction } from '@/lib/postgres';
import { contentTypeOf, OPENAPI_TYPE } from '../../api-request/media-type';
import type { RootRequest } from '../../api-request/root';
import type { EngineResponse } from '../../contract';
import { type ForeignKeyRelationship, objectKey, type SchemaCache } from '../../schema-cache';
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
  { request, schema, profiled, fixedColumn }: RootRequest,
  rows: readonly TextRow[],
  cache: SchemaCache,
  { openApi }: EngineSettings,
): EngineResponse {
  const headers: [string, string][] = [['Content-Type', contentTypeOf(OPENAPI_TYPE)]];
  if (profiled) headers.push(['Content-Profile', schema]);
  if (request.method === 'HEAD' || !openApi) return { status: 200, headers, body: null };
  const catalog: Catalog = JSON.parse(rows[0]?.[0] ?? '{}');
  const document = openApiDocument(catalog, keysOf(schema, cache, fixedColumn), {
    uri: openApi.uri(request),
    securityActive: openApi.securityActive,
  });
  return { status: 200, headers, body: JSON.stringify(document) };
}

/** @param fixed a column that is the same in all rows that the request may see: of a key it says nothing */
function keysOf(schema: string, cache: SchemaCache, fixed: string | undefined): Keys {
  const telling = ({ columns }: ForeignKeyRelationship) =>
    columns.filter(([own, other]) => own !== fixed || other !== fixed);
  return {
    isPrimaryKey: (name, column) =>
      cache.tables.get(objectKey({ schema, name }))?.primaryKey.includes(column) ?? false,
    foreignKey: (name, column) => {
      const relationships = cache.relationships.get(objectKey({ schema, name }))?.get(schema) ?? [];
      const found = relationships
        .filter((relationship) => relationship.kind === 'foreign-key')
        .filter((relationship) => {
          const [first, ...others] = telling(relationship);
          return (
            others.length === 0 &&
            first?.[0] === column &&
            (relationship.cardinality === 'many-to-one' ||
              (relationship.cardinality === 'one-to-one' && !relationship.originIsParent))
          );
        });
      const toTable = found.find(({ targetIsView }) => !targetIsView) ?? found[0];
      return toTable && { table: toTable.target.name, column: telling(toTable)[0]?.[1] ?? '' };
    },
  };
}
