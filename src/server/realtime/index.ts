/**
 * `/realtime/v1`: channels of Supabase's clients. Changed rows of the tenant, with the listener's rights;
 * broadcasts and presence within a tenant, among all processes.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Context, Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { problem, RequestError } from '../errors';
import type { LiveChanges } from '../live/live-changes';
import { contentOf, readBroadcast } from './channel';
import { Connection, type Opening } from './connection';
import { versionOf } from './frames';
import { RowFeeds } from './row-feeds';
import { recognize, tenantOfKey, type Way } from './subscriber';
import { Topics } from './topics';

/** Bytes of a client's message. */
const MOST_MESSAGE = 1024 * 1024;
const MOST_OF_TENANT = 500;
const MOST_OF_IDENTITY = 50;
/** Interval of pings, and of checks of each channel's rights. */
const BEAT_MS = 20_000;
/** How long closing waits for clients, ms. */
const CLOSING_MS = 1_000;
const MOST_MESSAGES = 100;

const PATH = /\/realtime\/v1\/websocket\/?(?:\?|$)/;

export class Realtime {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE });
  readonly #connections = new Map<WebSocket, Connection>();
  /** Open connections by tenant, and by user or key. */
  readonly #open = new Map<string, Set<unknown>>();
  readonly #alive = new WeakSet<WebSocket>();
  readonly #topics: Topics;
  readonly #feeds: RowFeeds;
  readonly #stopWatching: () => void;
  readonly #beat: NodeJS.Timeout;
  #isClosing = false;

  constructor(
    private readonly parts: ServerDependencies,
    live: LiveChanges,
  ) {
    this.#topics = new Topics(parts.application);
    this.#feeds = new RowFeeds(parts, live);
    this.#stopWatching = parts.signIn.watch((id) => {
      for (const connection of this.#connections.values()) connection.confirm(id);
    });
    this.#beat = setInterval(() => this.#look(), BEAT_MS).unref();
  }

  /** Whether an upgrade request is for this endpoint. */
  static isMeant({ url }: Pick<IncomingMessage, 'url'>): boolean {
    return PATH.test(url ?? '');
  }

  /** @param url the request's address, as its client wrote it, without `/t/<subdomain>` */
  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { url, ...way }: Way & { url: URL },
  ): Promise<void> {
    try {
      const key = url.searchParams.get('apikey') ?? request.headers.apikey?.toString();
      const version = versionOf(url.searchParams.get('vsn'));
      if (!key)
        throw new RequestError('not_signed_in', 'No API key was sent.', { hint: 'Send one as apikey.' });
      if (!version)
        throw new RequestError('request_malformed', 'Versions 1 and 2 of the protocol are spoken.');
      // Some programs send their user's token with the connection, and none with a channel.
      const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? key;
      const tenantId = await tenantOfKey(this.parts, key, way);
      await this.#topics.start();
      if (this.#isClosing) return void socket.destroy();
      const isFull = (this.#open.get(tenantId)?.size ?? 0) >= MOST_OF_TENANT;
      if (isFull) throw tooMany('Your company has', MOST_OF_TENANT);
      this.#server.handleUpgrade(request, socket, head, (opened) =>
        this.#connect(opened, { tenantId, token, version, ...way }),
      );
    } catch (error) {
      const { status, body } = problem(error, '');
      if (status >= 500) this.parts.logger.warn({ err: error }, 'realtime connection refused');
      const text = JSON.stringify({ code: body.code, message: body.title, hint: body.hint });
      const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close`;
      socket.end(`HTTP/1.1 ${status} Refused\r\n${head}\r\n\r\n${text}`);
    }
  }

  /** Broadcasts over HTTP. */
  routes(): Hono<Environment> {
    const app = new Hono<Environment>();
    app.post('/api/broadcast', (context) => this.#takeMessages(context));
    app.post('/api/broadcast/:topic/events/:event', (context) => this.#takeMessage(context));
    app.onError((error, context) => sendRealtimeError(context, error));
    return app;
  }

  /** Ends every connection; clients connect to another process. Resolves when all have ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#beat);
    this.#stopWatching();
    const sockets = [...this.#connections.keys()];
    const ended = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of sockets) socket.close(1001, 'The server is stopping.');
    const late = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, CLOSING_MS);
    await Promise.all(ended);
    clearTimeout(late);
    this.#feeds.close();
    this.#topics.close();
  }

  #connect(socket: WebSocket, opening: Opening): void {
    const connection: Connection = new Connection(socket, opening, {
      parts: this.parts,
      topics: this.#topics,
      feeds: this.#feeds,
      admit: (of, identity) => this.#count(of, identity),
    });
    this.#connections.set(socket, connection);
    const ofTenant = this.#open.get(opening.tenantId) ?? new Set();
    this.#open.set(opening.tenantId, ofTenant.add(connection));
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    socket.on('close', () => {
      this.#connections.delete(socket);
      for (const [owner, connections] of this.#open) {
        connections.delete(connection);
        if (connections.size === 0) this.#open.delete(owner);
      }
    });
  }

  #count(connection: Connection, identity: string): void {
    const connections = this.#open.get(identity) ?? new Set();
    if (!connections.has(connection) && connections.size >= MOST_OF_IDENTITY) {
      throw tooMany('You have', MOST_OF_IDENTITY);
    }
    this.#open.set(identity, connections.add(connection));
  }

  #look(): void {
    for (const [socket, connection] of this.#connections) {
      if (!this.#alive.delete(socket)) socket.terminate();
      else socket.ping();
      connection.confirm();
    }
    this.#feeds.sweep();
  }

  async #takeMessages(context: Context<Environment>): Promise<Response> {
    const tenantId = await this.#sender(context);
    const Messages = z.object({
      messages: z
        .array(
          z.object({
            topic: z.string().min(1).max(255),
            event: z.string(),
            payload: z.unknown().optional(),
            private: z.boolean().optional(),
          }),
        )
        .min(1)
        .max(MOST_MESSAGES),
    });
    const { data } = Messages.safeParse(await context.req.json().catch(() => undefined));
    if (!data)
      throw new RequestError('request_malformed', 'The body must be {messages: [{topic, event, payload}]}.');
    const messages = data.messages.map((message) => ({ ...message, read: readBroadcast(message) }));
    for (const { topic, read, private: isPrivate } of messages) {
      this.#topics.broadcast(Topics.nameOf(tenantId, isPrivate === true, topic), read);
    }
    return context.body(null, 202);
  }

  async #takeMessage(context: Context<Environment>): Promise<Response> {
    const tenantId = await this.#sender(context);
    const { topic = '', event = '' } = context.req.param();
    if (context.req.query('persist') || context.req.query('persist[ttl]')) {
      throw new RequestError('request_malformed', 'Broadcasts are not stored here.');
    }
    const bytes = Buffer.from(await context.req.arrayBuffer());
    const isBinary = context.req.header('content-type')?.startsWith('application/octet-stream') === true;
    const content = isBinary ? bytes : JSON.stringify(parsed(bytes.toString()));
    const name = Topics.nameOf(tenantId, context.req.query('private') === 'true', topic);
    this.#topics.broadcast(name, contentOf(event, content));
    return context.body(null, 202);
  }

  /** The tenant of a broadcast over HTTP. */
  async #sender(context: Context<Environment>): Promise<string> {
    const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const token = bearer ?? context.req.header('apikey');
    if (!token)
      throw new RequestError('not_signed_in', 'You are not signed in.', { hint: 'Send a token or a key.' });
    await this.#topics.start();
    return (await recognize(this.parts, token, context.env)).tenantId;
  }
}

/** As the clients of channels read it. */
export function sendRealtimeError(context: Context<Environment>, error: unknown): Response {
  context.set('failure', error);
  const { status, body } = problem(error, context.get('requestId'));
  return context.json({ code: body.code, message: body.title, error: body.title, hint: body.hint }, status);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError('request_malformed', 'The body is not JSON.');
  }
}

function tooMany(whose: string, most: number): RequestError {
  return new RequestError('too_many_streams', `${whose} too many connections open (${most}).`, {
    hint: 'Close some first.',
  });
}
