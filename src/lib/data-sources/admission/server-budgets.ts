// How many connections this process may open to each database server, so that all processes together stay below the server's ceiling.
// Each process claims a number of connections in the operations database. The claims never add up to more than the ceiling.
import type pg from 'pg';
import { type Membership, type OperationsDatabase, withTransaction } from '@/lib/operations';
import { tenantDataVersion } from '@/lib/tenant-data';
import { withDeadline } from '@/lib/time';
import { ConnectionBudget } from './connection-budget';

/** Budgets of connections of this process, one for each server. */
export interface Budgets {
  budgetOf(server: string): Promise<ConnectionBudget>;
  close(): Promise<void>;
}

/** Budgets of a process that is the only one: every server has the same ceiling. */
export class LocalBudgets implements Budgets {
  readonly #budgets = new Map<string, ConnectionBudget>();

  constructor(private readonly connectionsPerServer: number) {}

  async budgetOf(server: string): Promise<ConnectionBudget> {
    let budget = this.#budgets.get(server);
    if (!budget) {
      budget = new ConnectionBudget(this.connectionsPerServer);
      this.#budgets.set(server, budget);
    }
    return budget;
  }

  async close(): Promise<void> {}
}

export interface SharedBudgetsOptions {
  /** Ceiling of a server that the registry does not know. */
  connectionsPerServer: number;
  /** How often claims are balanced, ms. Default 1,000. */
  everyMs?: number;
}

/** How long the first use of a server waits for its claim, ms. */
const FIRST_CLAIM_MS = 5_000;
/** An arbitrary number, the same in every process of Marquee. */
const ADVISORY_LOCK = 7_302_461_004;
const ROLE = 'router';

/**
 * Budgets that share each server's ceiling with the other processes that use the server. As long as this process could not register, it is
 * taken for the only one.
 */
export class SharedBudgets implements Budgets {
  readonly #budgets = new Map<string, ConnectionBudget>();
  readonly #timer: NodeJS.Timeout;
  #membership: Membership | undefined;
  #balancing: Promise<void> = Promise.resolve();
  #isBalancing = false;
  #claims: Record<string, number> = {};

  private constructor(
    private readonly operations: Pick<OperationsDatabase, 'pool' | 'processes'>,
    private readonly options: SharedBudgetsOptions,
  ) {
    const balance = () => {
      if (!this.#isBalancing) void this.#balance();
    };
    this.#timer = setInterval(balance, options.everyMs ?? 1_000).unref();
  }

  /** Registers this process, so that others share the ceilings with it; if the operations database cannot be reached, as soon as it can. */
  static async join(
    operations: Pick<OperationsDatabase, 'pool' | 'processes'>,
    options: SharedBudgetsOptions,
  ): Promise<SharedBudgets> {
    const budgets = new SharedBudgets(operations, options);
    await budgets.#balance();
    return budgets;
  }

  /** The budget of a server. It may be 0 until other processes have given up part of theirs. */
  async budgetOf(server: string): Promise<ConnectionBudget> {
    const known = this.#budgets.get(server);
    if (known) return known;
    const budget = new ConnectionBudget(this.#membership ? 0 : this.options.connectionsPerServer);
    this.#budgets.set(server, budget);
    if (!this.#membership) return budget;
    const late = () => new Error('The operations database does not answer.');
    await withDeadline(this.#balance(), FIRST_CLAIM_MS, late).catch(() => this.#letOneThrough());
    return budget;
  }

  /** Stops balancing and gives up the claims, so that other processes can have the connections. Close the connections first. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#balancing;
    await this.#membership?.leave();
  }

  /** While the operations database cannot be reached, claims stay as they are; a server of which there is none gets one connection. */
  #balance(): Promise<void> {
    this.#isBalancing = true;
    const balancing = this.#balancing
      .then(() => this.#claim())
      .catch(() => this.#letOneThrough())
      .finally(() => {
        if (this.#balancing === balancing) this.#isBalancing = false;
      });
    this.#balancing = balancing;
    return balancing;
  }

  #letOneThrough(): void {
    for (const budget of this.#budgets.values()) if (budget.max === 0) budget.resize(1);
  }

  async #join(): Promise<Membership> {
    return this.operations.processes.join({
      role: ROLE,
      connections: () => ({ ...this.#claims }),
      schemaVersion: await tenantDataVersion(),
    });
  }

  async #claim(): Promise<void> {
    this.#membership ??= await this.#join();
    const { id } = this.#membership;
    if (this.#budgets.size === 0) return;
    await withTransaction(this.operations.pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
      const others = await this.#claimsOfOthers(client, id);
      const ceilings = await ceilingsOf(client);
      for (const [server, budget] of this.#budgets) {
        const ceiling = ceilings.get(server) ?? this.options.connectionsPerServer;
        this.#claims[server] = claimOn(budget, ceiling, others.get(server) ?? []);
      }
      await client.query('update processes set connections = $2 where id = $1', [
        id,
        JSON.stringify(this.#claims),
      ]);
    });
  }

  async #claimsOfOthers(client: pg.ClientBase, id: string): Promise<Map<string, number[]>> {
    const { rows } = await client.query<{ server: string; claimed: number }>(
      `select key as server, value::int as claimed from processes, jsonb_each_text(connections)
       where role = $1 and id <> $2 and seen_at > now() - interval '30 s'`,
      [ROLE, id],
    );
    const claims = new Map<string, number[]>();
    for (const { server, claimed } of rows) claims.set(server, [...(claims.get(server) ?? []), claimed]);
    return claims;
  }
}

/**
 * Takes an even share of the ceiling, but at most what the others leave.
 *
 * @returns the claim to record: open connections above the share count until they are closed
 */
function claimOn(budget: ConnectionBudget, ceiling: number, others: readonly number[]): number {
  const left = ceiling - others.reduce((sum, claimed) => sum + claimed, 0);
  const share = Math.max(1, Math.floor(ceiling / (others.length + 1)));
  const claim = Math.max(0, Math.min(share, left));
  if (claim !== budget.max) budget.resize(claim);
  return Math.max(claim, budget.used);
}

/** The ceiling of each server. If data sources of one server have different ceilings, the smallest counts. */
async function ceilingsOf(client: pg.ClientBase): Promise<Map<string, number>> {
  const { rows } = await client.query<{ server: string; ceiling: number }>(
    'select server_key as server, min(connection_budget)::int as ceiling from data_sources group by server_key',
  );
  return new Map(rows.map(({ server, ceiling }) => [server, ceiling]));
}
