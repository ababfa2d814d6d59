// The engine together with a way to run its transactions: what a program outside this room uses.
import type { FixedFilter } from './api-request/values';
import type { EngineRequest, EngineResponse, RunTransaction } from './contract';
import { Engine, isPlanned } from './engine';
import { createEngineFetch, type LightResponse } from './fetch';
import type { SchemaCache } from './schema-cache';
import type { EngineSettings } from './settings';

/** What `createDataEngine` needs. */
export interface DataEngineOptions {
  /** From `loadSchemaCache`. A function is called at each request, so that a reload takes effect at once. */
  schemaCache: SchemaCache | (() => SchemaCache);
  /** Runs the transaction of each request. */
  run: RunTransaction;
  settings?: EngineSettings;
}

/** Options of one request. */
export interface RequestContext {
  /** Runs this request's transactions, instead of the engine's `run`. */
  run?: RunTransaction;
  /** Whether the caller's identity is known; a missing privilege is then 403 rather than 401. Default true. */
  authenticated?: boolean;
  /** What is known of all rows that the request may see. */
  fixed?: FixedFilter;
}

/** Answers requests in PostgREST's grammar. Made by `createDataEngine`. */
export interface DataEngine {
  /**
   * Answers a request. Errors of the request and of PostgreSQL are answers.
   *
   * @throws what `run` throws, unless it is an error that PostgreSQL reported: a failed connection, a deadline
   */
  handle(request: EngineRequest, context?: RequestContext): Promise<EngineResponse>;
  /** A `fetch` for `PostgrestClient` that answers without a network. @throws as `handle` */
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<LightResponse>;
}

/** Makes an engine for any PostgreSQL database. It caches plans, and no data. */
export function createDataEngine({ schemaCache, run, settings }: DataEngineOptions): DataEngine {
  const engine = new Engine(schemaCache, settings);
  const answer = async (request: EngineRequest, context: RequestContext, terse: boolean) => {
    const execute = context.run ?? run;
    try {
      let step = engine.plan(engine.read(request, { terse, fixed: context.fixed }));
      while (isPlanned(step)) step = engine.respond(step, await execute(step.transaction));
      return step;
    } catch (error) {
      const refusal = engine.refusal(error, context.authenticated);
      if (!refusal) throw error;
      return refusal;
    }
  };
  return {
    handle: (request, context = {}) => answer(request, context, false),
    fetch: createEngineFetch((request) => answer(request, {}, true)),
  };
}
