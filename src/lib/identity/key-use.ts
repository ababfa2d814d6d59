// Records in the audit log from which networks API keys are used and refused. Alerts are raised by rules over that log.
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';

interface KeyUseDatabases {
  application: Pick<ApplicationDatabase, 'audit'>;
  operations: Pick<OperationsDatabase, 'pool'>;
}

interface UsedKey {
  id: string;
  tenantId: string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A key that was used from this many networks belongs to a program on changing addresses: further networks are not recorded. */
const MOST_NETWORKS = 200;

/** Records uses and refusals of keys. It neither delays nor fails a request: a use that could not be recorded is recorded at a later request. */
export class KeyUse {
  /** Pairs of key and network that were recorded recently, by this process or another. */
  readonly #seen = new LRUCache<string, true>({ max: 50_000, ttl: DAY_MS });
  /** Number of refusals in the current hour, by address. */
  readonly #refused = new LRUCache<string, number>({ max: 10_000, ttl: HOUR_MS, noUpdateTTL: true });

  constructor(private readonly databases: KeyUseDatabases) {}

  /** Records the use of a service key, once for each network. */
  used(key: UsedKey, address: string): void {
    const network = networkOf(address);
    const seen = `${key.id} ${network}`;
    if (this.#seen.has(seen)) return;
    this.#seen.set(seen, true);
    void this.#recordNetwork(key, network, address).catch(() => this.#seen.delete(seen));
  }

  /**
   * Records that a key was refused: at the 10th, 100th and 1000th refusal from an address within an hour, so that a program with an old
   * key, or someone who guesses, cannot fill the log.
   *
   * @param key undefined if no such key exists
   */
  refused(key: UsedKey | undefined, reason: string, address: string): void {
    const count = (this.#refused.get(address) ?? 0) + 1;
    this.#refused.set(address, count);
    if (count < 10 || !/^10+$/.test(String(count))) return;
    const details = { count: count === 10 ? 10 : count - count / 10, reason };
    const record = { action: 'api_keys.refused', entity: 'api_keys', details } as const;
    const known = key ? { entityId: key.id, tenantId: key.tenantId } : {};
    void this.databases.application.audit
      .append({ ...record, ...known }, { actor: 'anonymous', address })
      .catch(() => {});
  }

  async #recordNetwork({ id, tenantId }: UsedKey, network: string, address: string): Promise<void> {
    const { rows } = await this.databases.operations.pool.query<{ is_new: boolean }>(
      `insert into api_key_networks as known (key_id, network)
       select $1, $2 where exists (select from api_key_networks where key_id = $1 and network = $2)
         or $3 > (select count(*) from api_key_networks where key_id = $1)
       on conflict (key_id, network) do update set seen_at = now()
       returning xmax = 0 or known.seen_at < now() - interval '90 days' is_new`,
      [id, network, MOST_NETWORKS],
    );
    if (!rows[0]?.is_new) return;
    await this.databases.application.audit.append(
      {
        ...{ action: 'api_keys.new_network', entity: 'api_keys', entityId: id, tenantId },
        details: { kind: 'service', network },
      },
      { actor: `key:${id}`, address },
    );
  }
}

/** The network of an address: `192.0.2.0/24`, `2001:db8:1::/48`. That is about what a provider assigns to one customer. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address.slice(0, 64);
  const parsed = ipaddr.process(address);
  const bits = parsed.kind() === 'ipv4' ? 24 : 48;
  const network =
    parsed.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(`${parsed}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${bits}`);
  return `${network}/${bits}`;
}
