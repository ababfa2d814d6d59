import { PostgrestClient } from '@supabase/postgrest-js';
import { MarqueeError } from '@/lib/failures';
import type { Transaction } from '@/lib/postgres';
import type { EngineRequest, EngineResponse } from '@/lib/rest';
import { toEngineRequest, toLightResponse } from '@/lib/rest';
import type { Database } from '@/lib/tenant-data/types';
import { errorResponse } from '../error-response';
import { isRefusedUnsent } from '../errors';
import type { Source } from '../sources/sources';
import { SupabaseSource } from '../sources/supabase/supabase-source';
import type { Caller } from './caller';
import { databaseRoleOf, type Route } from './route';
import type { Router } from './router';
import { translateRequest } from './tenant-id-translation';

/** The client only ever sees paths below this; no request leaves the process with it. */
const BASE = 'http://tenant.internal';

/** The client of one tenant, typed by the tenant schema. */
export type TenantClient = PostgrestClient<Database>;

/** Names the screen a request comes from, so that it is not told of its own changes. */
export const ORIGIN_HEADER = 'x-marquee-screen';

/** Whose request it is, and whom it acts for. */
export interface Asker {
  tenantId: string;
  caller: Caller;
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
      if (error instanceof MarqueeError) return errorResponse(error);
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
export function answerRequest(
  router: Router,
  { tenantId, caller }: Asker,
  given: EngineRequest,
  signal?: AbortSignal,
): Promise<EngineResponse> {
  const request = countingExactly(given);
  return router.request(
    tenantId,
    (route, source) => answerAt(router, route, source, caller, request, signal),
    signal,
  );
}

/** Identity, translation, engine and statement by one route: where it is refused, all of them were wrong. */
async function answerAt(
  router: Router,
  route: Route,
  source: Source,
  caller: Caller,
  request: EngineRequest,
  signal: AbortSignal | undefined,
): Promise<EngineResponse> {
  const { atStage } = router;
  const { tenantId } = route;
  const origin = request.headers[ORIGIN_HEADER];
  if (atStage) await atStage('routed', route);
  const acting = caller.identityAt(route);
  const identity =
    acting instanceof Promise
      ? await acting.catch(async (error: unknown) => {
          await router.expectHolds(route);
          throw error;
        })
      : acting;
  if (atStage) await atStage('identified', route);
  const translated = translateRequest(request, route);
  if (source instanceof SupabaseSource) {
    if (atStage) await atStage('translated', route);
    const { useServiceRole, accessToken } = caller;
    const signIn = useServiceRole ? SERVICE_KEY : { serviceRole: false as const, accessToken };
    if (atStage) await atStage('entering', route);
    const changes = changesData(request);
    try {
      const answer = await source.answer(route, signIn, translated, signal);
      // Not every project keeps a fence; a read may be made again where the tenant is now.
      if (!changes) await router.expectHolds(route);
      else if (answer.status < 400) router.changed(tenantId, origin);
      return answer;
    } catch (error) {
      if (isRefusedUnsent(error)) await router.expectHolds(route);
      throw error;
    }
  }
  const role = databaseRoleOf(identity);
  const engine = await source.engines.of(role);
  if (atStage) await atStage('translated', route);
  let entered = false;
  const overrides = {
    limits: route.limits,
    run: async (transaction: Transaction) => {
      if (atStage) await atStage('entering', route);
      entered = true;
      const rows = await source.run(route, identity, transaction, signal);
      if (!transaction.readOnly) router.changed(tenantId, origin);
      return rows;
    },
  };
  let answer = await engine.handle(translated, overrides);
  if (!entered && namesUnknown(answer)) {
    const current = await source.engines.afterMiss(role);
    if (current !== engine) answer = await current.handle(translated, overrides);
  }
  if (!entered) await router.expectHolds(route);
  return answer;
}

/** PostgREST's codes for a relation, column, relationship or function that the schema cache does not have. */
function namesUnknown({ status, body }: EngineResponse): boolean {
  return status >= 400 && typeof body === 'string' && /^\{"code":"PGRST20[0245]"/.test(body);
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
