// The engine together with a way to run its transactions: what a program outside this room uses.
import type { FixedFilter } from './api-request/values';
import type { EngineRequest, EngineResponse, RunTransaction } from './contract';
import { Engine, isPlanned } from './engine';
import { createEngineFetch, type LightResponse } from './fetch';
import type { SchemaCache } from './schema-cache';
import type { EngineSettings } from './settings';

export interface DataEngineOptions {
  /** A function is called at each request, so that a reload takes effect at once. */
  schemaCache: SchemaCache | (() => SchemaCache);
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

export interface DataEngine {
  /**
   * Answers a request. Errors of the request and of PostgreSQL are answers.
   *
   * @throws what `run` throws that PostgreSQL has not said: no connection, a deadline
   */
  handle(request: EngineRequest, context?: RequestContext): Promise<EngineResponse>;
  /** A `fetch` for `PostgrestClient`, without a network: reads path and query after the client's URL. */
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<LightResponse>;
}

/** An engine for any PostgreSQL. It keeps plans, nothing of the data. */
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
