// PostgREST's pipeline over any PostgreSQL: api-request → schema-cache → plan → statement → response.
export { isCallPath } from './api-request/target';
export type { FixedFilter } from './api-request/values';
export type { EngineRequest, EngineResponse, ResponseError, RunTransaction } from './contract';
export { createDataEngine, type DataEngine, type DataEngineOptions } from './data-engine';
export { Engine, isPlanned } from './engine';
export { EngineError } from './errors';
export { type LightResponse, toEngineRequest, toLightResponse } from './fetch';
export { isCatalogType } from './plan/catalog-names';
export { statusOfSqlstate } from './postgres-error';
export { errorResponse } from './response/respond';
export { loadSchemaCache, type SchemaCache } from './schema-cache';
export { claimRefused, notDecodable, tokenRequired } from './server/authentication/errors';
export type { EngineSettings } from './settings';
