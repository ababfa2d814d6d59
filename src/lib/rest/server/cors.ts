// Cross-origin requests, answered as PostgREST answers them.

type Headers = readonly [name: string, value: string][];
type RequestHeaders = Readonly<Record<string, string | undefined>>;

const METHODS = 'GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD';
/** Headers that a browser may send without asking. */
const SIMPLE_HEADERS = ['Accept', 'Accept-Language', 'Content-Language'];
const EXPOSED =
  'Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit';
/** Seconds a browser may keep the answer to a preflight request: a day. */
const MAX_AGE = '86400';

/** The headers of the answer to a preflight request; undefined if the request is not a preflight. */
export function preflight(
  method: string,
  headers: RequestHeaders,
  allowedOrigins: readonly string[] | undefined,
): Headers | undefined {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined;
  const origin = allowOrigin(headers.origin, allowedOrigins);
  if (!origin) return undefined;
  const asked = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
  const allowed = ['Authorization', ...asked.filter((name) => name !== ''), ...SIMPLE_HEADERS];
  return [
    ...origin,
    ['Access-Control-Allow-Methods', METHODS],
    ['Access-Control-Allow-Headers', [...new Set(allowed)].join(', ')],
    ['Access-Control-Max-Age', MAX_AGE],
  ];
}

/** What is added to every other answer. */
export function corsHeaders(headers: RequestHeaders, allowedOrigins: readonly string[] | undefined): Headers {
  if (headers.origin === undefined) return [];
  const origin = allowOrigin(headers.origin, allowedOrigins);
  return origin ? [...origin, ['Access-Control-Expose-Headers', EXPOSED]] : [];
}

function allowOrigin(
  origin: string | undefined,
  allowedOrigins: readonly string[] | undefined,
): Headers | undefined {
  if (origin === undefined) return undefined;
  if (!allowedOrigins) return [['Access-Control-Allow-Origin', '*']];
  if (!allowedOrigins.includes(origin)) return undefined;
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
  ];
}
