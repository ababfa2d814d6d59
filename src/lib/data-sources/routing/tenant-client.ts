import { PostgrestClient } from '@supabase/postgrest-js';
import { MarqueeError } from '@/lib/failures';
import { toEngineRequest, toLightResponse } from '@/lib/rest';
import type { Database } from '@/lib/tenant-data/types';
import { errorResponse } from '../error-response';
import type { Call, Caller } from './call';
import type { Router } from './router';

/** Only a prefix of paths: no request is sent to it. */
const BASE = 'http://tenant.internal';

/** The client of one tenant, typed by the tenant schema. */
export type TenantClient = PostgrestClient<Database>;

/** Names the screen that sent a request, so that it is not notified of its own changes. */
export const ORIGIN_HEADER = 'x-marquee-screen';

/**
 * The client of one tenant. Each request uses the route that is current when it is sent, so a client may be kept while its
 * tenant moves. Failures are answers with PostgREST's error body, not exceptions.
 */
export function createTenantClient(
  router: Router,
  tenantId: string,
  caller: Caller,
  reading: Pick<Call, 'readOnly' | 'replica'> = {},
): TenantClient {
  const send = async (url: string, init: RequestInit) => {
    try {
      const request = toEngineRequest(url, init);
      const origin = request.headers[ORIGIN_HEADER];
      const call = { tenantId, caller, signal: init.signal ?? undefined, origin, isLocal: true, ...reading };
      return toLightResponse(await router.answer(call, request));
    } catch (error) {
      if (error instanceof MarqueeError) return errorResponse(error);
      throw error;
    }
  };
  // Repeating is the router's work: it knows which failures are worth it, and when.
  return new PostgrestClient<Database>(BASE, { fetch: send as typeof fetch, retry: false });
}
