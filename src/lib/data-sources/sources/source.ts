import type { Statement, TextRow } from '@/lib/postgres';
import type { EngineRequest, EngineResponse } from '@/lib/rest';
import type { CircuitBreaker } from '../admission/circuit-breaker';
import type { PoolStatistics } from '../pool/connection-pool';
import type { Call } from '../routing/call';
import type { Route } from '../routing/route';
import type { Observations } from './postgres/observations';
import type { TenantTransaction } from './postgres/transaction-client';

/** The result of one attempt of a call, by one route. */
export interface Attempted<T> {
  readonly value: T;
  /** Whether the tenant's fence has confirmed the route. If not, the route may have changed unnoticed. */
  readonly isConfirmed: boolean;
  /** Whether the attempt may have changed the tenant's rows. */
  readonly hasChanged: boolean;
}

export interface TransactionOptions {
  /** Default false. */
  readOnly?: boolean | undefined;
}

/**
 * A database that holds tenants' data. Each method makes one attempt by one route, in which the tenant has its id in the
 * data source (`Route.tenantIdInDataSource`).
 *
 * @throws (by each) DataSourceError `route_stale` if the fence refused the route before anything ran: the router then repeats the whole
 *   call by a newer route
 */
export interface Source {
  /** The registry's id. */
  readonly id: string;
  readonly breaker: CircuitBreaker;
  /** Undefined if each request has a connection of its own. */
  readonly pool?: { readonly statistics: PoolStatistics };
  /** Counts of its statements. */
  readonly observed?: Observations;

  /** Answers a request in PostgREST's grammar. Errors of the database are answers. */
  answer(route: Route, call: Call, request: EngineRequest): Promise<Attempted<EngineResponse>>;
  /** Runs one SQL statement. */
  execute(
    route: Route,
    call: Call,
    statement: Statement,
    options: TransactionOptions,
  ): Promise<Attempted<TextRow[]>>;
  /** Runs `work` in an interactive transaction. */
  transact<T>(
    route: Route,
    call: Call,
    work: (transaction: TenantTransaction) => Promise<T>,
    options: TransactionOptions,
  ): Promise<Attempted<T>>;

  /** As `DataSourceManager.readToken`. */
  readToken?(route: Route): Promise<string | undefined>;

  /** Call when address or credentials may have changed: reads them again. @param tenantId a tenant that lives there @returns false if it has moved away */
  reread(tenantId: string): Promise<boolean>;
  /** Call when tables, columns or functions have changed: the schema is read again before its next use. */
  forgetSchema(): void;
  /** Marks sessions as cold: a tenant has arrived, so its statements are planned for the first time here. */
  cool(): void;
  /** Closes connections that were idle for at least this time, ms. */
  closeIdleFor(idleMs: number): void;
  /** Final. */
  close(): Promise<void>;
}
