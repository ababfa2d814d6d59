import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { type AddressRule, allowedLookup, expectAllowed } from '@/lib/network';

const TIMEOUT_MS = 10_000;
/** Bytes of an answer: descriptions and key sets of providers are far smaller. */
const LARGEST_ANSWER = 1024 * 1024;

interface Init {
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/**
 * `fetch` for an identity provider, whose address a customer gave: reaches allowed addresses only, follows no redirect and reads
 * answers of limited size.
 *
 * @throws NetworkError `address_refused`; Error where there is no answer
 */
export function providerFetch(rule: AddressRule): (url: string, init: Init) => Promise<Response> {
  return async (address, { method = 'GET', headers = {}, body, signal }) => {
    const url = new URL(address);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) expectAllowed(host, rule);
    const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    return new Promise((resolve, reject) => {
      const request = begin(url, {
        method,
        headers,
        lookup: allowedLookup(rule),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      request.on('error', reject);
      request.on('upgrade', (_, socket) => {
        socket.destroy();
        reject(new Error('The provider’s answer is not valid HTTP.'));
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > LARGEST_ANSWER) request.destroy(new Error('The provider’s answer is too large.'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          // Thrown from an event, an error would end the process: a provider may answer with an invalid status.
          try {
            resolve(toResponse(response, chunks));
          } catch (error) {
            reject(error);
          }
        });
      });
      request.end(body === undefined || body === null ? undefined : String(body));
    });
  };
}

/** @throws RangeError, TypeError if `Response` does not accept the answer */
function toResponse(
  { statusCode: status = 502, headersDistinct }: IncomingMessage,
  chunks: Buffer[],
): Response {
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, { status, headers });
}
