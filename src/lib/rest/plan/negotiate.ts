// Chooses the answer's media type among the accepted ones, and what makes it.

import { ARRAY, type MediaType, OBJECT } from '../api-request/media-type';
import type { MediaHandlers, ObjectName, ResolvedHandler } from '../schema-cache/media-handlers';

export interface Negotiation {
  /** Best first, from `parseAccept`. */
  accepts: readonly MediaType[];
  handlers: MediaHandlers;
  /** The requested relation or function. */
  object: ObjectName;
  /** Whole rows are requested (no `select`): only then do the object's own handlers apply. */
  wholeRows: boolean;
  /** `db-plan-enabled` */
  planEnabled: boolean;
  /** False for HEAD and for writes without `return=representation`. */
  bodyWanted: boolean;
}

/** The first accepted type that can be made; undefined is 406 (PGRST107, see `unavailableMessage`). */
export function negotiate(negotiation: Negotiation): ResolvedHandler | undefined {
  for (const type of negotiation.accepts) {
    const found = resolve(negotiation, type);
    if (found) return negotiation.bodyWanted ? found : { handler: { kind: 'none' }, type: found.type };
  }
  return undefined;
}

/** Types of PostgREST's own carry parameters and cannot be overridden. */
function resolve(negotiation: Negotiation, type: MediaType): ResolvedHandler | undefined {
  if (type.name === OBJECT) {
    return { handler: { kind: 'object', nullsStripped: type.nullsStripped === true }, type };
  }
  if (type.name === ARRAY) return { handler: { kind: 'array-nulls-stripped' }, type };
  if (type.plan) {
    const explained = negotiation.planEnabled ? resolve(negotiation, type.plan.for) : undefined;
    return explained && { handler: explained.handler, type };
  }
  return negotiation.handlers.find(negotiation.object, type, negotiation.wholeRows);
}
