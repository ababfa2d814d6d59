// A fetch for the real `PostgrestClient` without a network. It returns only what the client reads of a Response: making one of
// undici's costs more than everything else that the engine does for a request.
import type { EngineRequest, EngineResponse } from './contract';

/** The parts of a response that `PostgrestClient` reads. */
export interface LightResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  300: 'Multiple Choices',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  416: 'Requested Range Not Satisfiable',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The answer of an engine as a response for `PostgrestClient`. */
export function toLightResponse({ status, headers, body }: EngineResponse): LightResponse {
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: STATUS_TEXTS[status] ?? '',
    headers: {
      get: (name) => {
        const wanted = name.toLowerCase();
        return headers.find(([each]) => each.toLowerCase() === wanted)?.[1] ?? null;
      },
    },
    text: async () => {
      if (body === null || typeof body === 'string') return body ?? '';
      return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    },
  };
}

/** A client's `fetch` as a request; its path begins after the origin and `basePath`. */
export function toEngineRequest(url: string, init: RequestInit = {}, basePath = ''): EngineRequest {
  const origin = url.indexOf('://');
  const start = origin < 0 ? 0 : url.indexOf('/', origin + 3);
  const pathAndQuery = start < 0 ? '/' : url.slice(start + basePath.length);
  const question = pathAndQuery.indexOf('?');
  return {
    method: init.method ?? 'GET',
    path: question < 0 ? pathAndQuery : pathAndQuery.slice(0, question),
    query: question < 0 ? '' : pathAndQuery.slice(question + 1),
    headers: toRecord(init.headers),
    body: toBody(init.body),
  };
}

function toRecord(headers: RequestInit['headers']): Record<string, string> {
  const record: Record<string, string> = {};
  if (!headers) return record;
  if (headers instanceof Headers) {
    headers.forEach((value, name) => {
      record[name] = value;
    });
    return record;
  }
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  for (const [name, value] of pairs) {
    if (name !== undefined && value !== undefined) record[name.toLowerCase()] = String(value);
  }
  return record;
}

function toBody(body: RequestInit['body']): string | Uint8Array | null {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return body instanceof URLSearchParams ? body.toString() : null;
}

export function createEngineFetch(handle: (request: EngineRequest) => Promise<EngineResponse>) {
  return async (input: string | URL | Request, init?: RequestInit): Promise<LightResponse> => {
    const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    init?.signal?.throwIfAborted();
    return toLightResponse(await handle(toEngineRequest(url, init)));
  };
}
