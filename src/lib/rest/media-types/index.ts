export type { MediaHandler, MediaHandlerRow, ObjectName, ResolvedHandler } from './handlers';
export { MediaHandlers } from './handlers';
export {
  ANY_TYPE,
  contentTypeOf,
  formatMediaType,
  JSON_TYPE,
  type MediaType,
  OPENAPI_TYPE,
  type PlanOption,
  type PlanRequest,
  parseAccept,
  parseMediaType,
} from './media-type';
export { type Negotiation, negotiate, unavailableMessage } from './negotiate';
