// Broadcasts and presence of a tenant's topics, among all connections of all processes.
import { randomUUID } from 'node:crypto';
import type { ApplicationDatabase } from '@/lib/application';
import { RequestError } from '../errors';
import type { Broadcast } from './frames';
import {
  add,
  emptyState,
  isEmptyDiff,
  type Meta,
  Presence,
  type PresenceDiff,
  type PresenceState,
} from './presence';

/** Interval of a process's heartbeat, and how long it is valid. */
const ALIVE_MS = 10_000;
const DEAD_MS = 35_000;
/** Presences of one topic that one process keeps. */
const MOST_PRESENT = 1_000;

/** A channel of a connection, as its topic knows it. */
export interface Member {
  broadcast(message: Broadcast): void;
  /** Whether it wants to know who is present. */
  readonly seesPresence: boolean;
  presenceDiff(diff: PresenceDiff): void;
}

interface Topic {
  members: Set<Member>;
  presence: Presence;
}

/** Messages between processes, after the sender's name. `topic` includes the tenant. */
type Relayed =
  | { kind: 'broadcast'; topic: string; event: string; json?: string; bytes?: string }
  | { kind: 'diff'; topic: string; diff: PresenceDiff }
  | { kind: 'state'; topic: string; state: PresenceState }
  | { kind: 'who'; topic: string }
  | { kind: 'alive' }
  | { kind: 'gone' };

/** The topics that this process has members in. */
export class Topics {
  /** The name of this server among the others. */
  readonly #self = randomUUID();
  readonly #topics = new Map<string, Topic>();
  /** When other processes were last heard, ms. */
  readonly #heard = new Map<string, number>();
  #listening: Promise<unknown> | undefined;
  #beat: NodeJS.Timeout | undefined;

  constructor(private readonly application: Pick<ApplicationDatabase, 'relay' | 'listenToRelay'>) {}

  /** The name of a tenant's topic: no other tenant has it, whatever clients call theirs. */
  static nameOf(tenantId: string, isPrivate: boolean, topic: string): string {
    return `${tenantId} ${isPrivate ? 'private' : 'public'} ${topic}`;
  }

  /** Hears of other processes from now on. */
  async start(): Promise<void> {
    this.#listening ??= this.application.listenToRelay((message) => this.#hear(message));
    await this.#listening.catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    this.#beat ??= setInterval(() => this.#live(), ALIVE_MS).unref();
  }

  /** @returns who is present, as far as it is known; others follow as joins */
  join(name: string, member: Member): PresenceState {
    const topic = this.#topics.get(name) ?? { members: new Set(), presence: new Presence() };
    const isNew = !this.#topics.has(name);
    this.#topics.set(name, topic);
    topic.members.add(member);
    if (isNew) this.#relay({ kind: 'who', topic: name });
    return topic.presence.state();
  }

  leave(name: string, member: Member): void {
    const topic = this.#topics.get(name);
    topic?.members.delete(member);
    if (topic?.members.size === 0) this.#topics.delete(name);
  }

  /**
   * Sends to all members in all processes but the sender.
   *
   * @throws RequestError `too_many_attempts` where other processes do not keep up
   */
  broadcast(name: string, message: Broadcast, sender?: Member): void {
    const { event, content } = message;
    const carried = typeof content === 'string' ? { json: content } : { bytes: content.toString('base64') };
    const sent = this.#relay({ kind: 'broadcast', topic: name, event, ...carried });
    if (!sent) {
      throw new RequestError('too_many_attempts', 'Too many messages are being sent.', {
        hint: 'Send fewer, or later.',
      });
    }
    this.#send(name, message, sender);
  }

  /** Replaces what a member tracks. @throws RequestError `too_many_attempts` */
  track(name: string, key: string, before: Meta | undefined, after: Meta | undefined): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    if (after && !before && topic.presence.count(this.#self) >= MOST_PRESENT) {
      throw new RequestError('too_many_attempts', `More than ${MOST_PRESENT} are present in this topic.`);
    }
    const diff = { joins: emptyState(), leaves: emptyState() };
    if (before) add(diff.leaves, key, before);
    if (after) add(diff.joins, key, after);
    this.#relay({ kind: 'diff', topic: name, diff });
    this.#sendDiff(topic, topic.presence.apply(this.#self, diff));
  }

  close(): void {
    clearInterval(this.#beat);
    this.#relay({ kind: 'gone' });
  }

  #relay(message: Relayed): boolean {
    return this.application.relay(Buffer.from(this.#self + JSON.stringify(message)));
  }

  #hear(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      for (const topic of this.#topics.keys()) this.#relay({ kind: 'who', topic });
      return;
    }
    const from = bytes.toString('latin1', 0, this.#self.length);
    if (from === this.#self) return;
    const message: Relayed = JSON.parse(bytes.toString('utf8', from.length));
    if (message.kind === 'gone') {
      this.#forget(from);
      return;
    }
    this.#heard.set(from, Date.now());
    if (message.kind === 'alive') return;
    const topic = this.#topics.get(message.topic);
    if (!topic) return;
    switch (message.kind) {
      case 'broadcast': {
        const content = message.json ?? Buffer.from(message.bytes ?? '', 'base64');
        this.#send(message.topic, { event: message.event, content });
        break;
      }
      case 'diff':
        this.#sendDiff(topic, topic.presence.apply(from, message.diff));
        break;
      case 'state':
        this.#sendDiff(topic, topic.presence.replace(from, message.state));
        break;
      case 'who': {
        const state = topic.presence.state(this.#self);
        this.#relay({ kind: 'state', topic: message.topic, state });
      }
    }
  }

  #send(name: string, message: Broadcast, sender?: Member): void {
    for (const member of this.#topics.get(name)?.members ?? [])
      if (member !== sender) member.broadcast(message);
  }

  #sendDiff(topic: Topic, diff: PresenceDiff): void {
    if (isEmptyDiff(diff)) return;
    for (const member of topic.members) if (member.seesPresence) member.presenceDiff(diff);
  }

  #live(): void {
    if (this.#topics.size > 0) this.#relay({ kind: 'alive' });
    for (const [process, at] of this.#heard) if (Date.now() - at > DEAD_MS) this.#forget(process);
  }

  #forget(process: string): void {
    this.#heard.delete(process);
    for (const topic of this.#topics.values())
      this.#sendDiff(topic, topic.presence.replace(process, emptyState()));
  }
}
