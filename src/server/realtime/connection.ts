// One WebSocket and the channels that its client has joined.
import type { RawData, WebSocket } from 'ws';
import { replaceIds } from '@/lib/data-sources';
import { MarqueeError } from '@/lib/failures';
import { pause } from '@/lib/time';
import type { ServerDependencies } from '../dependencies';
import { problem, RequestError } from '../errors';
import { Channel, JoinPayload, type Outlet, readBroadcast, readTracked } from './channel';
import { type Broadcast, decode, encode, encodeBroadcast, type Message, type Version } from './frames';
import type { RowFeeds } from './row-feeds';
import { recognize, type Way } from './subscriber';
import { Topics } from './topics';

const MOST_CHANNELS = 100;
/** Rate limit of a client's messages: per second, and in a burst. */
const MESSAGES_PER_SECOND = 100;
const MESSAGES_AT_ONCE = 300;
/** Unread bytes of a client at which sending waits; if it takes too long, the connection ends. */
const WAITED_FOR = 4 * 1024 * 1024;
const MOST_UNREAD = 16 * 1024 * 1024;
const WAIT_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What all connections share. */
export interface Shared {
  parts: ServerDependencies;
  topics: Topics;
  feeds: RowFeeds;
  /** Counts a connection of a user or key in, once. @throws RequestError `too_many_streams` */
  admit(connection: Connection, identity: string): void;
}

/** Who connected, and how. */
export interface Opening extends Way {
  tenantId: string;
  /** For channels without a token of their own. */
  token: string;
  version: Version;
}

export class Connection implements Outlet {
  readonly #channels = new Map<string, Channel>();
  /** Work on each topic in its order. */
  readonly #work = new Map<string, Promise<void>>();
  #allowance = MESSAGES_AT_ONCE;
  #allowedAt = Date.now();

  constructor(
    private readonly socket: WebSocket,
    readonly opening: Opening,
    private readonly shared: Shared,
  ) {
    socket.on('message', (data: RawData, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('close', () => this.end());
    socket.on('error', () => socket.terminate());
  }

  /** Checks again whether channels may stay open: all, or those of one user or key. */
  confirm(id?: string): void {
    for (const channel of this.#channels.values()) {
      if (id === undefined || channel.subscriber.id === id) {
        void this.#inOrder(channel.topic, () => this.#renew(channel, channel.token));
      }
    }
  }

  /** Leaves every channel. */
  end(): void {
    for (const channel of this.#channels.values()) this.#leave(channel);
  }

  send(topic: string, event: string, payload: unknown): void {
    const channel = this.#channels.get(topic);
    if (channel) this.#write({ joinRef: channel.joinRef, ref: null, topic, event, payload });
  }

  broadcast(topic: string, message: Broadcast): void {
    const frame = encodeBroadcast(this.opening.version, topic, message);
    if (frame !== undefined) this.#writeFrame(frame);
  }

  async drained(): Promise<void> {
    const until = Date.now() + WAIT_MS;
    while (this.socket.bufferedAmount > WAITED_FOR && this.socket.readyState === this.socket.OPEN) {
      if (Date.now() > until) return this.socket.terminate();
      await pause(20);
    }
  }

  close(topic: string): void {
    const channel = this.#channels.get(topic);
    if (!channel) return;
    const { joinRef } = channel;
    this.#write({ joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} });
    this.#leave(channel);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const message = decode(data, isBinary, this.opening.version);
    if (!message) {
      this.socket.close(1003, 'Not a message of this protocol.');
      return;
    }
    const { topic, event } = message;
    if (topic === 'phoenix') {
      if (event === 'heartbeat') this.#reply(message, 'ok', {});
      return;
    }
    if (!this.#allow()) {
      this.#channels.get(topic)?.system('error', 'system', 'Too many messages per second.');
      this.close(topic);
      return;
    }
    void this.#inOrder(topic, () =>
      this.#handle(message).catch((error) => this.#answerFailure(message, error)),
    );
  }

  #answerFailure(message: Message, error: unknown): void {
    const { body } = problem(error, '');
    if (body.status === 500) this.shared.parts.logger.error({ err: error }, 'realtime message failed');
    this.#reply(message, 'error', { reason: [body.title, body.hint].filter(Boolean).join(' ') });
  }

  async #handle(message: Message): Promise<void> {
    const { topic, event, payload } = message;
    if (event === 'phx_join') return this.#join(message);
    const channel = this.#channels.get(topic);
    if (!channel || (message.joinRef !== null && message.joinRef !== channel.joinRef)) {
      // A client may leave a channel that has ended meanwhile.
      if (event === 'phx_leave') return this.#reply(message, 'ok', {});
      return this.#reply(message, 'error', { reason: 'unmatched topic' });
    }
    const { topics } = this.shared;
    const name = nameOf(channel);
    switch (event) {
      case 'phx_leave':
        this.#reply(message, 'ok', {});
        return this.close(topic);
      case 'access_token': {
        const token = Object(payload).access_token;
        if (typeof token === 'string' && token !== channel.token) await this.#renew(channel, token);
        return;
      }
      case 'broadcast': {
        const { ack, self } = channel.config.broadcast ?? {};
        topics.broadcast(name, readBroadcast(payload), self ? undefined : channel);
        if (ack) this.#reply(message, 'ok', {});
        return;
      }
      case 'presence': {
        const tracked = readTracked(payload);
        topics.track(name, channel.presenceKey, channel.tracked, tracked);
        channel.tracked = tracked;
        return this.#reply(message, 'ok', {});
      }
    }
    this.#reply(message, 'error', { reason: `There is no event ${event}.` });
  }

  async #join(message: Message): Promise<void> {
    const { topic, joinRef, ref } = message;
    const { parts, topics, feeds, admit } = this.shared;
    const before = this.#channels.get(topic);
    if (before) this.#leave(before);
    if (!topic.startsWith('realtime:')) throw malformed('A topic begins with realtime:.');
    if (this.#channels.size >= MOST_CHANNELS) {
      throw new RequestError('too_many_streams', `A connection has ${MOST_CHANNELS} channels at most.`);
    }
    const read = JoinPayload.safeParse(message.payload);
    if (!read.success) throw malformed(read.error.issues[0]?.message ?? 'The payload is not right.');
    const { config, access_token } = read.data;
    if (config.broadcast?.replay) throw malformed('Broadcasts are not stored here: none can be replayed.');
    const token = access_token ?? this.opening.token;
    const channel = new Channel(topic, joinRef ?? ref, config, token, await this.#recognize(token), this);
    admit(this, channel.subscriber.identity);
    const listens = (config.postgres_changes ?? []).length > 0;
    if (listens) {
      const feed = feeds.of(this.opening.tenantId);
      const route = await parts.manager.route(this.opening.tenantId);
      const id = route.tenantIdInDataSource;
      channel.bind(await feed.tables(), { id, withOneId: (text) => replaceIds(text, route) });
      await feed.add(channel);
      try {
        // The end of a session that was announced meanwhile has not found this channel.
        channel.subscriber = await this.#recognize(token);
      } catch (error) {
        feeds.remove(this.opening.tenantId, channel);
        throw error;
      }
    }
    if (this.socket.readyState !== this.socket.OPEN) return feeds.remove(this.opening.tenantId, channel);
    this.#channels.set(topic, channel);
    this.#endWithToken(channel);
    const present = topics.join(nameOf(channel), channel);
    this.#reply(message, 'ok', {
      postgres_changes: channel.bindings.map(({ test: _, ...binding }) => binding),
    });
    if (channel.seesPresence) this.send(topic, 'presence_state', present);
    if (listens) channel.system('ok', 'postgres_changes', 'Subscribed to PostgreSQL');
    parts.logger.debug({ tenantId: this.opening.tenantId, listens }, 'channel joined');
  }

  /** The channel goes on with this token, or ends. */
  async #renew(channel: Channel, token: string): Promise<void> {
    try {
      const subscriber = await this.#recognize(token);
      channel.subscriber = subscriber;
      channel.token = token;
      this.#endWithToken(channel);
    } catch (error) {
      // A database that is briefly unreachable does not end channels.
      if (!(error instanceof MarqueeError) || error.status >= 500) return;
      channel.refuse(error);
    }
  }

  async #recognize(token: string) {
    const subscriber = await recognize(this.shared.parts, token, this.opening);
    if (subscriber.tenantId === this.opening.tenantId) return subscriber;
    throw new RequestError('not_signed_in', 'The token is for another company than the API key.');
  }

  #endWithToken(channel: Channel): void {
    clearTimeout(channel.expiry);
    const { expiresAt } = channel.subscriber;
    if (expiresAt === undefined) return;
    const end = () => channel.refuse(new RequestError('not_signed_in', 'The token has expired.'));
    channel.expiry = setTimeout(end, Math.min(Math.max(0, expiresAt - Date.now()), LONGEST_TIMER_MS)).unref();
  }

  #leave(channel: Channel): void {
    const { topics, feeds } = this.shared;
    if (this.#channels.get(channel.topic) !== channel) return;
    this.#channels.delete(channel.topic);
    clearTimeout(channel.expiry);
    const name = nameOf(channel);
    if (channel.tracked) topics.track(name, channel.presenceKey, channel.tracked, undefined);
    topics.leave(name, channel);
    feeds.remove(this.opening.tenantId, channel);
  }

  async #inOrder(topic: string, work: () => Promise<void>): Promise<void> {
    const before = this.#work.get(topic) ?? Promise.resolve();
    const done = before.then(work).catch(() => {});
    this.#work.set(topic, done);
    await done;
    if (this.#work.get(topic) === done) this.#work.delete(topic);
  }

  #allow(): boolean {
    const now = Date.now();
    const earned = ((now - this.#allowedAt) / 1000) * MESSAGES_PER_SECOND;
    this.#allowance = Math.min(MESSAGES_AT_ONCE, this.#allowance + earned) - 1;
    this.#allowedAt = now;
    if (this.#allowance >= 0) return true;
    this.#allowance = 0;
    return false;
  }

  /** Messages without a reference are answered too, as Phoenix does: some clients join so, and wait for the answer. */
  #reply({ joinRef, ref, topic }: Message, status: 'ok' | 'error', response: Record<string, unknown>): void {
    this.#write({ joinRef, ref, topic, event: 'phx_reply', payload: { status, response } });
  }

  #write(message: Message): void {
    this.#writeFrame(encode(this.opening.version, message));
  }

  #writeFrame(frame: string | Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MOST_UNREAD) {
      this.socket.terminate();
      return;
    }
    this.socket.send(frame);
    this.shared.parts.manager.countUsage(this.opening.tenantId, { egressBytes: Buffer.byteLength(frame) });
  }
}

function nameOf({ subscriber, config, subTopic }: Channel): string {
  return Topics.nameOf(subscriber.tenantId, config.private === true, subTopic);
}

function malformed(message: string): RequestError {
  return new RequestError('request_malformed', message);
}
