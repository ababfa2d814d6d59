import type { TenantPlacement } from '@/lib/application';
import type { Timelines } from '@/lib/operations';
import { Cluster } from '@/lib/postgres';
import type { Budgets } from '../admission/server-budgets';
import { staleRoute } from '../errors';
import type { Meter } from '../metering/meter';
import { checkedUrl, serverOf } from '../pool/connect';
import { Deadlines } from '../pool/deadlines';
import type { Route, TenantDirectory } from '../routing/route';
import type { AtStage } from '../routing/stage';
import type { SlowStatement } from './postgres/observations';
import { PostgresSource } from './postgres/postgres-source';
import type { ReplicaSetOptions } from './postgres/replicas/replica-set';
import type { StatementObserver } from './postgres/statement-observer';
import type { Source } from './source';
import { SupabaseSource } from './supabase/supabase-source';

export interface SourceSettings {
  /** Maximum number of connections to one server, unless the registry sets a budget. */
  connectionsPerServer: number;
  /** Time limit of TCP, TLS and sign-in together, ms. */
  connectTimeoutMs: number;
  /** An unused connection is closed after this time, ms. */
  idleTimeoutMs: number;
  /** A statement that takes longer, including the time that it waits, is slow, ms. */
  slowMs: number;
  /** Called for each slow statement: the tenant and the text, never values. */
  onSlow?: (slow: SlowStatement) => void;
  /** The current observer of statements. */
  observer?: () => StatementObserver | undefined;
  /** Counts what tenants use. */
  meter?: Meter | undefined;
  /** The region of this process. Replicas there are preferred. */
  region?: string | undefined;
  /** Functions of a Supabase project that its tenants may call; none by default. */
  allowedFunctions: readonly string[];
  /** Awaited at each stage of each attempt, so that a test can change routes in between. */
  atStage?: AtStage | undefined;
}

export const DEFAULT_SOURCE_SETTINGS: SourceSettings = {
  connectionsPerServer: 20,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 30_000,
  slowMs: 500,
  allowedFunctions: [],
};

const SWEEP_MS = 5_000;

/** The data sources that this process uses, with one pool for each database and one budget for each server. */
export class Sources {
  readonly #sources = new Map<string, Source>();
  readonly #making = new Map<string, Promise<Source>>();
  /** Of the URL by which each source was read last. */
  readonly #fingerprints = new Map<string, string>();
  readonly #deadlines = new Deadlines();
  readonly #sweeper: NodeJS.Timeout;

  constructor(
    private readonly directory: Pick<TenantDirectory, 'credentials' | 'replicas'>,
    private readonly budgets: Budgets,
    private readonly settings: SourceSettings,
    private readonly known: Pick<ReplicaSetOptions, 'holds' | 'lastWrite'>,
    private readonly timelines?: Pick<Timelines, 'find' | 'keep'>,
  ) {
    this.#sweeper = setInterval(() => this.#closeIdle(), SWEEP_MS).unref();
  }

  /** The source, if it is in use already. */
  peek(dataSourceId: string): Source | undefined {
    return this.#sources.get(dataSourceId);
  }

  /** The source of a route. Concurrent calls share a source that is being opened. */
  async of(route: Route): Promise<Source> {
    const known = this.#sources.get(route.dataSourceId) ?? this.#making.get(route.dataSourceId);
    if (known) return known;
    const making = this.#make(route).finally(() => this.#making.delete(route.dataSourceId));
    this.#making.set(route.dataSourceId, making);
    return making;
  }

  /** Every source in use, for metrics and health. */
  all(): IterableIterator<Source> {
    return this.#sources.values();
  }

  /** Call when address or credentials of a source may have changed. @param tenantId a tenant that lives there */
  async reread(dataSourceId: string, tenantId: string): Promise<void> {
    await this.#sources.get(dataSourceId)?.reread(tenantId);
  }

  /**
   * Called with each placement that was read: if its URL is not the one that the source is known by, the source reads address and
   * credentials again. The announcement of the change may have been missed, or have come while no route to the source was known.
   */
  async follow({ tenantId, dataSourceId, urlFingerprint }: TenantPlacement): Promise<void> {
    if (!dataSourceId || !urlFingerprint || this.#fingerprints.get(dataSourceId) === urlFingerprint) return;
    try {
      const source = this.#sources.get(dataSourceId) ?? (await this.#making.get(dataSourceId));
      // Not read if the tenant has moved away meanwhile.
      if (!source || (await source.reread(tenantId))) this.#fingerprints.set(dataSourceId, urlFingerprint);
    } catch {
      // The next placement that is read tries again.
    }
  }

  /** Makes a source read its schema again: tables, columns or functions have changed. */
  forgetSchema(dataSourceId: string): void {
    this.#sources.get(dataSourceId)?.forgetSchema();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.allSettled(this.#making.values());
    await Promise.all([...this.#sources.values()].map((source) => source.close()));
    this.#sources.clear();
  }

  async #make(route: Route): Promise<Source> {
    const id = route.dataSourceId;
    const source =
      route.engine === 'supabase'
        ? new SupabaseSource({
            id,
            readCredentials: (tenantId) => this.#credentials(tenantId, id),
            allowedFunctions: this.settings.allowedFunctions,
            meter: this.settings.meter,
            atStage: this.settings.atStage,
          })
        : await this.#makePostgres(route);
    this.#sources.set(id, source);
    return source;
  }

  async #makePostgres(route: Route): Promise<PostgresSource> {
    const id = route.dataSourceId;
    const { url } = await this.#credentials(route.tenantId, id);
    await this.#followTimeline(id, url);
    return new PostgresSource({
      id,
      url,
      tenantId: route.tenantId,
      readUrl: async (tenantId) => (await this.#credentials(tenantId, id)).url,
      readReplicas: async (tenantId) => (await this.directory.replicas?.(tenantId)) ?? [],
      budgetOf: (server) => this.budgets.budgetOf(server),
      ...this.known,
      region: this.settings.region,
      budget: await this.budgets.budgetOf(serverOf(checkedUrl(url, id))),
      deadlines: this.#deadlines,
      connectTimeoutMs: this.settings.connectTimeoutMs,
      slowMs: this.settings.slowMs,
      onSlow: this.settings.onSlow,
      observer: this.settings.observer,
      meter: this.settings.meter,
      atStage: this.settings.atStage,
    });
  }

  /**
   * Reads the latest timeline that other processes have seen, so that a process that starts while only a replaced primary answers does not
   * mistake it for the primary. While the operations database cannot be reached, tenants are served without this.
   */
  async #followTimeline(id: string, url: string): Promise<void> {
    const cluster = Cluster.of(url, true);
    const { timelines } = this;
    if (!cluster || !timelines) return;
    const seen = await timelines.find(id).catch(() => undefined);
    if (seen) Cluster.expect(url, seen);
    cluster.onChange(async () => {
      if (!cluster.primary || !cluster.seen) return;
      const latest = await timelines.keep(id, cluster.seen).catch(() => undefined);
      if (latest) Cluster.expect(url, latest);
    });
  }

  async #credentials(tenantId: string, dataSourceId: string) {
    const credentials = await this.directory.credentials(tenantId);
    if (credentials?.dataSourceId === dataSourceId) return credentials;
    throw staleRoute(tenantId);
  }

  #closeIdle(): void {
    for (const source of this.#sources.values()) source.closeIdleFor(this.settings.idleTimeoutMs);
  }
}
