import pg from 'pg';
import { classify } from '@/lib/failures';
import { parsePostgresUrl, urlAt } from '../address/postgres-url';
import { tenantDataConfig } from '../client';
import { Cluster } from './cluster';

/** How long to wait for a primary if the configuration sets no time limit for connecting, ms. */
const FIND_MS = 10_000;

export interface PrimaryClientConfig extends pg.ClientConfig {
  /** Whether the URL is that of a tenant data database: TLS and addresses are then those of the URL, and this machine's environment is ignored. */
  isTenantData?: boolean;
}

/**
 * The driver's client for a URL with one or several hosts. It connects to the primary, and its connection ends when another server becomes the
 * primary. For `new pg.Pool({Client: PrimaryClient})`, and for single connections.
 */
export class PrimaryClient extends pg.Client {
  readonly #cluster: Cluster | undefined;
  readonly #findMs: number;

  constructor({ isTenantData = false, connectionString = '', ...more }: PrimaryClientConfig = {}) {
    super(configOf(connectionString, isTenantData, more));
    this.#cluster = Cluster.of(connectionString, isTenantData);
    this.#findMs = more.connectionTimeoutMillis || FIND_MS;
  }

  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    if (!this.#cluster) return (super.connect as (back?: typeof callback) => Promise<this>)(callback);
    const connecting = this.#connect(this.#cluster);
    if (!callback) return connecting;
    // The driver's pool calls it a success if there is no error argument.
    connecting.then(() => (callback as () => void)(), callback);
    return undefined;
  }

  async #connect(cluster: Cluster): Promise<this> {
    const primary = await cluster.find(this.#findMs);
    const { host, port } = primary.host;
    Object.assign(this, { host, port });
    cluster.tie(this, primary);
    try {
      await super.connect();
      await cluster.expectPrimary(this, primary);
    } catch (error) {
      this.connection.stream.destroy();
      if (classify(error).session === 'gone') cluster.suspect(primary.host);
      throw error;
    }
    return this;
  }
}

function configOf(text: string, isTenantData: boolean, more: pg.ClientConfig): pg.ClientConfig {
  const url = parsePostgresUrl(text);
  const [first] = url?.hosts ?? [];
  if (!url || !first) return text ? { ...more, connectionString: text } : more;
  return isTenantData
    ? { ...tenantDataConfig(url, first), ...more }
    : { ...more, connectionString: urlAt(text, first) };
}
