import { SyncError } from './errors';

export { SyncError };

/** Access to a connected service. */
export interface SyncApi {
  /** Without a slash at the end. */
  url: string;
  /** @param renew the one given before was not accepted */
  accessToken(renew: boolean): Promise<string>;
}

const TIMEOUT_MS = 20_000;

/**
 * One request with JSON. Answers with a status in `expected` are returned to the caller.
 *
 * @throws SyncError `sync_unreachable` (no answer, too many requests, 5xx), `sync_refused`
 */
export async function askApi(
  api: SyncApi,
  name: string,
  method: string,
  path: string,
  body?: object,
  expected: number[] = [],
): Promise<{ status: number; body: unknown }> {
  const send = async (renew: boolean) => {
    const headers = {
      authorization: `Bearer ${await api.accessToken(renew)}`,
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    return fetch(`${api.url}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((cause) => {
      throw new SyncError('sync_unreachable', `${name} does not answer.`, {}, cause);
    });
  };
  const first = await send(false);
  const response = first.status === 401 ? await send(true) : first;
  const { status } = response;
  const text = await response.text();
  const answer = parse(text);
  if (response.ok || expected.includes(status)) return { status, body: answer };
  const isBusy = status === 401 || status === 429 || status >= 500 || isRateLimit(status, text);
  throw new SyncError(
    isBusy ? 'sync_unreachable' : 'sync_refused',
    `${name} answered ${status}${explanation(answer)}.`,
    { status, ...vendorCode(answer) },
  );
}

/** Google says "too many requests" as 403 as well. */
function isRateLimit(status: number, text: string): boolean {
  return status === 403 && /rateLimitExceeded|userRateLimitExceeded|quotaExceeded/.test(text);
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Intuit: `Fault.Error[].{Message,Detail,code}`; Google: `error.message`. */
interface VendorError {
  Fault?: { Error?: { Message?: string; Detail?: string; code?: string }[] };
  error?: { message?: string };
}

function explanation(answer: unknown): string {
  const { Fault, error } = (answer ?? {}) as VendorError;
  const said = Fault?.Error?.[0]?.Detail ?? Fault?.Error?.[0]?.Message ?? error?.message;
  return said ? `: ${said.slice(0, 300).replace(/\.$/, '')}` : '';
}

function vendorCode(answer: unknown): { vendorCode?: string } {
  const code = ((answer ?? {}) as VendorError).Fault?.Error?.[0]?.code;
  return code ? { vendorCode: code } : {};
}
