// One topic that one connection has joined.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { MarqueeError } from '@/lib/failures';
import { RequestError } from '../errors';
import type { PublishedTable } from './changed-rows';
import { type Filter, type FilteredTenant, type Row, readFilter } from './filter';
import type { Broadcast } from './frames';
import type { Meta, PresenceDiff } from './presence';
import { type Listener, type RowChange, readableColumns } from './row-feed';
import type { Subscriber } from './subscriber';
import type { Member } from './topics';

const MOST_BINDINGS = 100;
/** Bytes of what is broadcast or tracked. */
export const MOST_CONTENT = 256 * 1024;
const MOST_TRACKED = 16 * 1024;
/** Bytes of an event's name: a binary frame says its length in one byte. */
const LONGEST_EVENT = 255;

const Binding = z.object({
  event: z.enum(['*', 'INSERT', 'UPDATE', 'DELETE']),
  schema: z.string().nullish(),
  table: z.string().nullish(),
  filter: z.string().nullish(),
  select: z.array(z.string()).nullish(),
});

/** What a client sends to join. */
export const JoinPayload = z.object({
  access_token: z.string().nullish(),
  config: z
    .object({
      broadcast: z.object({ ack: z.boolean(), self: z.boolean(), replay: z.unknown() }).partial().nullish(),
      presence: z
        .object({ key: z.string().max(255), enabled: z.boolean() })
        .partial()
        .nullish(),
      postgres_changes: z.array(Binding).max(MOST_BINDINGS).nullish(),
      private: z.boolean().nullish(),
    })
    .default({}),
});
export type JoinConfig = z.infer<typeof JoinPayload>['config'];

interface BoundChanges extends z.infer<typeof Binding> {
  id: number;
  test: Filter | undefined;
}

/** What a channel needs of its connection. */
export interface Outlet {
  send(topic: string, event: string, payload: unknown): void;
  broadcast(topic: string, message: Broadcast): void;
  drained(): Promise<void>;
  /** Ends the channel so that the client does not rejoin by itself. */
  close(topic: string): void;
}

let bindingIds = 0;

/** A client's channel: rows, broadcasts and presences of one topic. */
export class Channel implements Listener, Member {
  readonly presenceKey: string;
  tracked: Meta | undefined;
  bindings: BoundChanges[] = [];
  expiry: NodeJS.Timeout | undefined;

  constructor(
    readonly topic: string,
    readonly joinRef: string | null,
    readonly config: JoinConfig,
    public token: string,
    public subscriber: Subscriber,
    private readonly outlet: Outlet,
  ) {
    this.presenceKey = config.presence?.key || randomUUID();
  }

  /** As the client named it. */
  get subTopic(): string {
    return this.topic.slice('realtime:'.length);
  }

  /** Clients that do not send `enabled` expect presence events. */
  get seesPresence(): boolean {
    return this.config.presence?.enabled !== false;
  }

  /** Reads its subscriptions to rows. @throws RequestError `request_malformed` */
  bind(tables: Record<string, PublishedTable>, tenant: FilteredTenant): void {
    this.bindings = (this.config.postgres_changes ?? []).map((binding) => {
      const { table, filter } = binding;
      const schema = binding.schema ?? 'public';
      if (schema !== 'public' && schema !== '*') {
        throw new RequestError('request_malformed', `There is no schema ${schema}; tables are in public.`);
      }
      const all = !table || table === '*';
      const published = all ? undefined : Object.hasOwn(tables, table) && tables[table];
      if (published === false) throw new RequestError('request_malformed', `There is no table ${table}.`);
      if (filter && !published) {
        throw new RequestError('request_malformed', 'A filter needs a table.', { hint: 'Name one.' });
      }
      const columns = published ? readableColumns(published, this.subscriber) : [];
      const typeOf = (column: string) => columns.find(({ name }) => name === column)?.type;
      bindingIds += 1;
      return { ...binding, id: bindingIds, test: filter ? readFilter(filter, typeOf, tenant) : undefined };
    });
  }

  wants(change: RowChange): boolean {
    return this.bindings.some((binding) => isMeant(binding, change));
  }

  send(change: RowChange, record: Row, columns: { name: string; type: string }[]): void {
    const { table, type, at } = change;
    const seen = { ...change, record: { ...change.record, ...record } };
    const meant = this.bindings.filter((binding) => isMeant(binding, seen));
    for (const bindings of Map.groupBy(meant, ({ select }) => select?.join()).values()) {
      const selected = bindings[0]?.select;
      const isSelected = (name: string) => !selected || selected.includes(name) || name === 'id';
      const given = Object.fromEntries(Object.entries(record).filter(([name]) => isSelected(name)));
      const key = { id: change.record.id, tenant_id: change.record.tenant_id };
      const data = {
        ...{ schema: 'public', table, type, commit_timestamp: new Date(at).toISOString(), errors: null },
        columns: columns.filter(({ name }) => isSelected(name)),
        ...(type === 'DELETE' ? {} : { record: given }),
        ...(type === 'INSERT' ? {} : { old_record: key }),
      };
      this.outlet.send(this.topic, 'postgres_changes', { ids: bindings.map(({ id }) => id), data });
    }
  }

  drained(): Promise<void> {
    return this.outlet.drained();
  }

  refuse(error: MarqueeError): void {
    this.system('error', 'system', error.forUser().message);
    this.outlet.close(this.topic);
  }

  warn(message: string): void {
    this.system('error', 'postgres_changes', message);
  }

  system(status: 'ok' | 'error', extension: string, message: string): void {
    this.outlet.send(this.topic, 'system', { channel: this.subTopic, extension, message, status });
  }

  broadcast(message: Broadcast): void {
    this.outlet.broadcast(this.topic, message);
  }

  presenceDiff(diff: PresenceDiff): void {
    this.outlet.send(this.topic, 'presence_diff', diff);
  }
}

function isMeant({ event, table, test }: BoundChanges, change: RowChange): boolean {
  if (event !== '*' && event !== change.type) return false;
  if (table && table !== '*' && table !== change.table) return false;
  return test === undefined || test.matches(change.record);
}

const BroadcastPayload = z.object({
  event: z.string(),
  payload: z.unknown().optional(),
  persist: z.unknown().optional(),
});

/** @throws RequestError `request_malformed`, `body_too_large` */
export function readBroadcast(payload: unknown): Broadcast {
  const { data } = BroadcastPayload.safeParse(payload);
  if (!data) {
    throw new RequestError('request_malformed', 'A broadcast needs an event and a payload.', {
      hint: 'Send {type: "broadcast", event, payload}.',
    });
  }
  if (data.persist) throw new RequestError('request_malformed', 'Broadcasts are not stored here.');
  return contentOf(
    data.event,
    Buffer.isBuffer(data.payload) ? data.payload : JSON.stringify(data.payload ?? {}),
  );
}

/** @throws RequestError `request_malformed`, `body_too_large` */
export function contentOf(event: string, content: string | Buffer): Broadcast {
  if (Buffer.byteLength(event) > LONGEST_EVENT) {
    throw new RequestError('request_malformed', `An event’s name has ${LONGEST_EVENT} bytes at most.`);
  }
  if (Buffer.byteLength(content) > MOST_CONTENT) {
    throw new RequestError('body_too_large', `A broadcast has ${MOST_CONTENT / 1024} KB at most.`, {
      hint: 'Send where the data are instead of the data.',
    });
  }
  return { event, content };
}

/** What a client tracks; undefined where it tracks nothing any more. @throws RequestError `request_malformed`, `body_too_large` */
export function readTracked(payload: unknown): Meta | undefined {
  const Tracked = z.object({ event: z.string(), payload: z.record(z.string(), z.unknown()).nullish() });
  const { data } = Tracked.safeParse(payload);
  const event = data?.event.toLowerCase();
  if (event === 'untrack') return undefined;
  if (event !== 'track') throw new RequestError('request_malformed', 'Presence is tracked or untracked.');
  if (JSON.stringify(data?.payload ?? {}).length > MOST_TRACKED) {
    throw new RequestError('body_too_large', `A presence has ${MOST_TRACKED / 1024} KB at most.`);
  }
  return { ...data?.payload, phx_ref: randomUUID() };
}
