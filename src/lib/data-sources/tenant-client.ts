import { PostgrestClient } from '@supabase/postgrest-js';
import type { EngineRequest, EngineResponse } from '@/lib/rest/contract';
import { engineOf } from './engine';
import { errorResponse } from './error-response';
import { DataSourceError } from './errors';
import type { PostgresSource } from './postgres-source';
import type { Identity, Route } from './route';
import type { Router } from './router';
import { SupabaseSource } from './supabase-source';
import { translateBody, translateQuery } from './tenant-id-translation';

/** The client only ever sees paths below this; no request leaves the process with it. */
const BASE = 'http://tenant.internal';

/**
 * The client of one tenant. Each of its requests goes by the route that holds when it is sent, so a client may be kept
 * while its tenant moves. Failures are answers with PostgREST's error body, not exceptions.
 */
export function createTenantClient(
  router: Router,
  tenantId: string,
  identity: Identity,
  accessToken: string | undefined,
): PostgrestClient {
  const send = async (input: string, init: RequestInit): Promise<Response> => {
    try {
      const { route, source } = await router.resolve(tenantId);
      const request = { method: init.method ?? 'GET', pathAndQuery: input.slice(BASE.length), init };
      return source instanceof SupabaseSource
        ? await overHttps(source, route, identity, accessToken, request)
        : await inProcess(router, source, route, identity, request);
    } catch (error) {
      if (error instanceof DataSourceError) return errorResponse(error);
      throw error;
    }
  };
  // The retries of the client would hide what ours have to say: which errors are worth one, and after how long.
  return new PostgrestClient(BASE, { fetch: send as typeof fetch, retry: false });
}

interface ClientRequest {
  method: string;
  pathAndQuery: string;
  init: RequestInit;
}

function overHttps(
  source: SupabaseSource,
  route: Route,
  identity: Identity,
  accessToken: string | undefined,
  { method, pathAndQuery, init }: ClientRequest,
): Promise<Response> {
  const signIn =
    identity.role === 'tenant_service'
      ? ({ serviceRole: true } as const)
      : ({ serviceRole: false, accessToken } as const);
  return source.fetch(route, signIn, pathAndQuery, {
    method,
    headers: new Headers(init.headers),
    body: typeof init.body === 'string' ? init.body : undefined,
    signal: init.signal ?? undefined,
  });
}

async function inProcess(
  router: Router,
  source: PostgresSource,
  route: Route,
  identity: Identity,
  { method, pathAndQuery, init }: ClientRequest,
): Promise<Response> {
  const split = pathAndQuery.indexOf('?');
  const request = {
    method,
    path: split < 0 ? pathAndQuery : pathAndQuery.slice(0, split),
    query: split < 0 ? '' : pathAndQuery.slice(split + 1),
    headers: init.headers as Record<string, string>,
    body: typeof init.body === 'string' ? init.body : null,
  };
  return toResponse(await byEngine(router, source, route, identity, request, init.signal ?? undefined));
}

/**
 * Answers one request of PostgREST's grammar for a tenant, wherever it lives; for servers that speak HTTP themselves.
 *
 * @throws DataSourceError what stands between the request and the database; the database's own errors are answers
 */
export async function answerRequest(
  router: Router,
  tenantId: string,
  identity: Identity,
  accessToken: string | undefined,
  request: EngineRequest,
  signal?: AbortSignal,
): Promise<EngineResponse> {
  const { route, source } = await router.resolve(tenantId);
  if (!(source instanceof SupabaseSource)) return byEngine(router, source, route, identity, request, signal);
  const { method, path, query, headers, body } = request;
  const response = await overHttps(source, route, identity, accessToken, {
    method,
    pathAndQuery: query ? `${path}?${query}` : path,
    init: { headers: headers as Record<string, string>, body: body as string, signal: signal ?? null },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: [...response.headers], body: bytes.length > 0 ? bytes : null };
}

async function byEngine(
  router: Router,
  source: PostgresSource,
  { tenantId, tenantIdInDataSource }: Route,
  identity: Identity,
  request: EngineRequest,
  signal: AbortSignal | undefined,
): Promise<EngineResponse> {
  const engine = await engineOf(source, (transaction) => router.run(tenantId, identity, transaction, signal));
  const { query, body } = request;
  return engine.handle({
    ...request,
    query: translateQuery(query, tenantId, tenantIdInDataSource),
    body: typeof body === 'string' ? translateBody(body, tenantId, tenantIdInDataSource) : body,
  });
}

/** As much of a Response as the client reads: undici's costs more than the query's own work. */
function toResponse(answer: EngineResponse): Response {
  const { status, headers, body } = answer;
  const light = {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    headers: {
      get(name: string): string | null {
        const wanted = name.toLowerCase();
        return headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
      },
    },
    text: async () => (typeof body === 'string' ? body : body === null ? '' : Buffer.from(body).toString()),
  };
  return light as unknown as Response;
}
