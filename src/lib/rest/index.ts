export type { EngineRequest, EngineResponse, RunTransaction } from './contract';
export { createDataEngine, type DataEngine, type DataEngineOptions, type RequestContext } from './engine';
export { EngineError } from './errors';
export { type LightResponse, toEngineRequest, toLightResponse } from './fetch';
export { errorResponse } from './response/respond';
export { loadSchemaCache, type SchemaCache } from './schema-cache';
export { claimRefused, notDecodable, tokenRequired } from './server/authentication/errors';
export type { EngineSettings } from './settings';
