// Methods that Node's HTTP parser does not know end there; PostgREST answers them like any other wrong method.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EngineRequest, EngineResponse } from '../contract';

const REQUEST_LINE = /^([A-Za-z]+) ([^ ?]+)\??([^ ]*) HTTP\/1\.[01]\r\n/;

interface ParserError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

/** The request that the parser refused because of its method; undefined for what is no HTTP at all. */
export function requestOfUnknownMethod(error: ParserError): EngineRequest | undefined {
  if (error.code !== 'HPE_INVALID_METHOD' || !error.rawPacket) return undefined;
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
  return { method, path, query, headers };
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
