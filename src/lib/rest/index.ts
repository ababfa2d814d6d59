export { claimRefused, notDecodable, tokenRequired } from './authentication/errors';
export type {
  EngineRequest,
  EngineResponse,
  RunTransaction,
  Statement,
  TextRow,
  Transaction,
} from './contract';
export { createDataEngine, type DataEngine, type DataEngineOptions, type RequestContext } from './engine';
export { EngineError } from './errors';
export { type LightResponse, toEngineRequest, toLightResponse } from './fetch';
export {
  type PipelineOptions,
  ResultTooLargeError,
  runPipeline,
  runTransaction,
} from './pipeline';
export { errorResponse } from './response/respond';
export { loadSchemaCache, type SchemaCache } from './schema-cache';
export type { EngineSettings } from './settings';
export { guardWire, limitAnswers, ProtocolError, WIDE } from './wire-guard';
