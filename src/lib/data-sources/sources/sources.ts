import type { Budgets } from '../admission/server-budgets';
import { staleRoute } from '../errors';
import { checkedUrl, serverOf } from '../pool/connect';
import { Deadlines } from '../pool/deadlines';
import type { Route, TenantDirectory } from '../routing/route';
import type { SlowStatement } from './postgres/observations';
import { PostgresSource } from './postgres/postgres-source';
import type { StatementObserver } from './postgres/statement-observer';
import { SupabaseSource } from './supabase/supabase-source';

export interface SourceSettings {
  /** Connections to one server, where no registry says otherwise. */
  connectionsPerServer: number;
  /** TCP, TLS and sign-in, ms. */
  connectTimeoutMs: number;
  /** After which an unused connection is closed, ms. */
  idleTimeoutMs: number;
  /** A statement that waits and runs longer is slow, ms. */
  slowMs: number;
  /** Told of each slow statement: the tenant and the text, never values. */
  onSlow?: (slow: SlowStatement) => void;
  /** Who looks on while statements run. */
  observer?: () => StatementObserver | undefined;
  /** Functions of a Supabase project that its tenants may call; none by default. */
  allowedFunctions: readonly string[];
}

export const DEFAULT_SOURCE_SETTINGS: SourceSettings = {
  connectionsPerServer: 20,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 30_000,
  slowMs: 500,
  allowedFunctions: [],
};

export type Source = PostgresSource | SupabaseSource;

const SWEEP_MS = 5_000;

/** The data sources this process talks to: one pool a database, one budget a server, each made once. */
export class Sources {
  readonly #sources = new Map<string, Source>();
  readonly #making = new Map<string, Promise<Source>>();
  readonly #deadlines = new Deadlines();
  readonly #sweeper: NodeJS.Timeout;

  constructor(
    private readonly directory: Pick<TenantDirectory, 'credentials'>,
    private readonly budgets: Budgets,
    private readonly settings: SourceSettings,
  ) {
    this.#sweeper = setInterval(() => this.#closeIdle(), SWEEP_MS).unref();
  }

  /** The source of a route at once where it is known. */
  peek(dataSourceId: string): Source | undefined {
    return this.#sources.get(dataSourceId);
  }

  /** The source of a route; made by the first who asks, for all who ask meanwhile. */
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

  /** Address or credentials of a source may have changed. */
  async reread(dataSourceId: string): Promise<void> {
    await this.#sources.get(dataSourceId)?.reread();
  }

  /** Tables, columns or functions of a source have changed. A Supabase project reads its own. */
  forgetSchema(dataSourceId: string): void {
    const source = this.#sources.get(dataSourceId);
    if (!(source instanceof PostgresSource)) return;
    source.engines.forget();
    source.pool.cool();
  }

  /** A tenant has arrived at a source: what its sessions run there is planned anew. */
  cool(dataSourceId: string): void {
    const source = this.#sources.get(dataSourceId);
    if (source instanceof PostgresSource) source.pool.cool();
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
          })
        : await this.#makePostgres(route);
    this.#sources.set(id, source);
    return source;
  }

  async #makePostgres(route: Route): Promise<PostgresSource> {
    const id = route.dataSourceId;
    const { url } = await this.#credentials(route.tenantId, id);
    return new PostgresSource({
      id,
      url,
      readUrl: async (tenantId) => (await this.#credentials(tenantId, id)).url,
      budget: await this.budgets.budgetOf(serverOf(checkedUrl(url, id))),
      deadlines: this.#deadlines,
      connectTimeoutMs: this.settings.connectTimeoutMs,
      slowMs: this.settings.slowMs,
      onSlow: this.settings.onSlow,
      observer: this.settings.observer,
    });
  }

  async #credentials(tenantId: string, dataSourceId: string) {
    const credentials = await this.directory.credentials(tenantId);
    if (credentials?.dataSourceId === dataSourceId) return credentials;
    throw staleRoute(tenantId);
  }

  #closeIdle(): void {
    for (const source of this.#sources.values()) {
      if (source instanceof PostgresSource) source.pool.closeIdleFor(this.settings.idleTimeoutMs);
    }
  }
}
