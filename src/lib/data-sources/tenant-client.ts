import { PostgrestClient } from '@supabase/postgrest-js';
import { toEngineRequest, toLightResponse } from '@/lib/rest';
import type { EngineRequest, EngineResponse } from '@/lib/rest/contract';
import type { Database } from '@/lib/tenant-data/types';
import { errorResponse } from './error-response';
import { DataSourceError } from './errors';
import { databaseRoleOf, type Identity } from './route';
import type { Router } from './router';
import { SupabaseSource } from './supabase-source';
import { translateBody, translateQuery } from './tenant-id-translation';

/** The client only ever sees paths below this; no request leaves the process with it. */
const BASE = 'http://tenant.internal';

/** The client of one tenant, typed by the tenant schema. */
export type TenantClient = PostgrestClient<Database>;

/** Names the screen a request comes from, so that it is not told of its own changes. */
const ORIGIN_HEADER = 'x-marquee-screen';

/** Whom a client or a request acts for. */
export interface Asker {
  tenantId: string;
  identity: Identity;
  /** Of a user of a Supabase project, which verifies it. */
  accessToken?: string;
}

/**
 * The client of one tenant. Each of its requests goes by the route that holds when it is sent, so a client may be kept
 * while its tenant moves. Failures are answers with PostgREST's error body, not exceptions.
 */
export function createTenantClient(router: Router, asker: Asker): TenantClient {
  const send = async (url: string, init: RequestInit) => {
    try {
      const request = toEngineRequest(url, init);
      return toLightResponse(await answerRequest(router, asker, request, init.signal ?? undefined));
    } catch (error) {
      if (error instanceof DataSourceError) return errorResponse(error);
      throw error;
    }
  };
  // The retries of the client would hide what ours have to say: which errors are worth one, and after how long.
  return new PostgrestClient<Database>(BASE, { fetch: send as typeof fetch, retry: false });
}

/**
 * Answers one request of PostgREST's grammar for a tenant, wherever it lives.
 *
 * @throws DataSourceError what stands between the request and the database; the database's own errors are answers
 */
export async function answerRequest(
  router: Router,
  { tenantId, identity, accessToken }: Asker,
  given: EngineRequest,
  signal?: AbortSignal,
): Promise<EngineResponse> {
  const request = countingExactly(given);
  const { route, source } = await router.resolve(tenantId);
  const origin = request.headers[ORIGIN_HEADER];
  if (source instanceof SupabaseSource) {
    const signIn =
      identity.role === 'tenant_service' ? SERVICE_KEY : { serviceRole: false as const, accessToken };
    const answer = await source.answer(route, signIn, request, signal);
    if (answer.status < 400 && changesData(request)) router.changed(tenantId, origin);
    return answer;
  }
  const engine = await source.engines.of(databaseRoleOf(identity));
  const { query, body } = request;
  const idThere = route.tenantIdInDataSource;
  const translated = {
    ...request,
    query: translateQuery(query, tenantId, idThere),
    body: typeof body === 'string' ? translateBody(body, tenantId, idThere) : body,
  };
  return engine.handle(translated, {
    limits: route.limits,
    run: (transaction) => router.run(tenantId, identity, transaction, signal, origin),
  });
}

/** The planner's estimates are of all tenants' rows: whoever asks for one gets the exact number of their own. */
function countingExactly(request: EngineRequest): EngineRequest {
  const { prefer } = request.headers;
  if (!prefer || !/count=(?:planned|estimated)/.test(prefer)) return request;
  const exact = prefer.replace(/count=(?:planned|estimated)/g, 'count=exact');
  return { ...request, headers: { ...request.headers, prefer: exact } };
}

/** A project says nothing of its functions: only what asks for one with GET is known to read. */
function changesData({ method }: EngineRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

const SERVICE_KEY = { serviceRole: true } as const;
