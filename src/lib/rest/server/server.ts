// Node's HTTP around the service.
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { answersBefore, dropUnread } from '@/lib/time';
import type { EngineRequest, EngineResponse } from '../contract';
import { corsHeaders, preflight } from './cors';
import { type ListeningServer, listening } from './listening';
import { refusedRequest, sendRaw } from './refused-request';
import type { RestService, ServedResponse } from './service';
import { levelOf } from './service-events';

const VARY = 'Accept, Prefer, Range';
const NON_ASCII = /[^\x20-\x7e\t]/;
const STATUSES_WITHOUT_BODY = new Set([204, 304]);
const KEEP_ALIVE_MS = 75_000;
/** Bytes of a request's line and headers: filters may be long. */
const MAX_HEAD = 64 * 1024;

/** Listens for API requests. @throws StartError `port_in_use`, `listen_failed` */
export function listen(service: RestService): Promise<ListeningServer> {
  const { server_host: host, server_port: port, ...rest } = service.startConfiguration;
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEAD },
    (incoming, outgoing) => {
      void answer(service, incoming, outgoing);
    },
  );
  server.on('clientError', (error, socket) => {
    if (!socket.writable) return;
    const request = refusedRequest(error);
    if (request) answerRaw(service, request, socket);
    else {
      const status = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
      sendRaw(socket, { status, headers: [], body: null });
    }
  });
  server.on('connect', (incoming, socket) => {
    socket.on('error', () => socket.destroy());
    answerRaw(service, toEngineRequest(incoming), socket);
  });
  const { server_unix_socket: path, server_unix_socket_mode: mode, server_reuseport: reusePort } = rest;
  return listening(server, path === undefined ? { port, host, reusePort } : { path, mode });
}

/** Never rejects: an unhandled rejection would end the process. */
function answerRaw(service: RestService, request: EngineRequest, socket: Duplex): void {
  respond(service, request).then(
    (response) => sendRaw(socket, response),
    () => socket.destroy(),
  );
}

async function answer(
  service: RestService,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    await answersBefore(outgoing);
    dropUnread(outgoing);
    const request = toEngineRequest(incoming);
    if (hasBody(incoming)) request.body = await readBody(incoming);
    const response = await respond(service, request);
    send(outgoing, request.method, response);
    logRequest(service, incoming, response);
  } catch {
    // The client went away, or a header that the database chose cannot be sent.
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}

async function respond(service: RestService, request: EngineRequest): Promise<ServedResponse> {
  const { server_cors_allowed_origins: origins, server_trace_header: trace } = service.configuration;
  const preflightHeaders = preflight(request.method, request.headers, origins);
  const response: ServedResponse = preflightHeaders
    ? { status: 200, headers: [...preflightHeaders], body: '' }
    : await service.handle(request);
  if (!preflightHeaders && request.headers.origin !== undefined) {
    for (const header of corsHeaders(request.headers, origins)) addHeader(response, header[0], header[1]);
  }
  if (!preflightHeaders) addHeader(response, 'Vary', VARY);
  if (trace) addHeader(response, trace, request.headers[trace.toLowerCase()] ?? '');
  return response;
}

function logRequest(service: RestService, incoming: IncomingMessage, response: ServedResponse): void {
  const { status, body, role } = response;
  const level = levelOf(status);
  if (!service.logs(level)) return;
  service.log({
    level,
    event: 'request',
    address: incoming.socket.remoteAddress,
    role,
    request: `${incoming.method} ${incoming.url} HTTP/${incoming.httpVersion}`,
    status,
    bytes: body === null ? 0 : Buffer.byteLength(body),
    referer: incoming.headers.referer,
    agent: incoming.headers['user-agent'],
  });
}

function addHeader(response: EngineResponse, name: string, value: string): void {
  const lower = name.toLowerCase();
  if (!response.headers.some(([present]) => present.toLowerCase() === lower))
    response.headers.push([name, value]);
}

function toEngineRequest(incoming: IncomingMessage): EngineRequest {
  // Through a proxy the whole URL may stand in the request line.
  const url = decodeUtf8(incoming.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const question = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? '' : url.slice(question + 1),
    headers: decodedHeaders(incoming.headers),
  };
}

/** Node reads bytes as Latin-1; clients send UTF-8. */
function decodeUtf8(text: string): string {
  return NON_ASCII.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

function decodedHeaders(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string') headers[name] = value?.join(', ');
    else if (NON_ASCII.test(value)) headers[name] = decodeUtf8(value);
  }
  return headers as Record<string, string | undefined>;
}

function hasBody(incoming: IncomingMessage): boolean {
  const { headers } = incoming;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** A line break or control character would end the status line. */
const NO_REASON = /[^\t\x20-\x7e]/;

function reasonPhrase({ status, statusText }: EngineResponse): string {
  const usual = STATUS_CODES[status] ?? '';
  return statusText === undefined || NO_REASON.test(statusText) ? usual : statusText;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, method: string, response: EngineResponse): void {
  const { status, headers } = response;
  const flat: string[] = [];
  let hasLength = false;
  for (const [name, value] of headers) {
    hasLength ||= name.toLowerCase() === 'content-length';
    flat.push(name, NON_ASCII.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value);
  }
  const body = STATUSES_WITHOUT_BODY.has(status) ? null : response.body;
  if (!hasLength && method !== 'HEAD' && !STATUSES_WITHOUT_BODY.has(status)) {
    flat.push('Content-Length', String(body === null ? 0 : Buffer.byteLength(body)));
  }
  outgoing.writeHead(status, reasonPhrase(response), flat);
  outgoing.end(method === 'HEAD' ? undefined : (body ?? undefined));
}
