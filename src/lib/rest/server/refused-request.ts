// Requests that end in Node's HTTP parser, although PostgREST answers them: methods that it does not know (they are
// wrong methods like any other) and paths with characters beyond ASCII.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EngineRequest, EngineResponse } from '../contract';

const REQUEST_LINE = /^([A-Za-z]+) ([^ ?]+)\??([^ ]*) HTTP\/1\.[01]\r\n/;

interface ParserError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

const ANSWERABLE = new Set(['HPE_INVALID_METHOD', 'HPE_INVALID_URL']);

/** The request that the parser refused; undefined if it is not HTTP. A body is what came with the head. */
export function refusedRequest(error: ParserError): EngineRequest | undefined {
  if (!error.rawPacket || !ANSWERABLE.has(error.code ?? '')) return undefined;
  const text = error.rawPacket.toString('utf8');
  const line = REQUEST_LINE.exec(text);
  const [head = ''] = text.split('\r\n\r\n', 1);
  if (!line) return undefined;
  const [, method = '', path = '', query = ''] = line;
  const headers: Record<string, string> = {};
  for (const field of head.split('\r\n').slice(1)) {
    const colon = field.indexOf(':');
    if (colon > 0) headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim();
  }
  const body = text.slice(head.length + 4);
  return { method, path, query, headers, ...(body && { body }) };
}

/** Writes an answer without Node's help and closes the connection: what follows on it cannot be told apart. */
export function sendRaw(socket: Duplex, { status, headers, body }: EngineResponse): void {
  const payload = Buffer.from(body ?? '');
  const fields = headers.filter(([name]) => !/^(content-length|connection)$/i.test(name));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${payload.length}`,
    'Connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), payload]));
}
