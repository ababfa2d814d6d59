// A tenant data database that is reached over PostgreSQL's protocol. Every statement of a tenant runs in the tenant's context.
import {
  localSettings,
  runTransaction,
  type Statement,
  type TextRow,
  type Transaction,
  wasKept,
} from '@/lib/postgres';
import { type Engine, EngineError, type EngineRequest, type EngineResponse, isPlanned } from '@/lib/rest';
import { isConnectionGone } from '../../connection-errors';
import { readOnlyClient } from '../../errors';
import type { Call } from '../../routing/call';
import { type Identity, type Route, type SchemaRole, schemaRoleOf } from '../../routing/route';
import type { AtStage } from '../../routing/stage';
import { countOwn, translateValues } from '../../routing/translation';
import type { Attempted, Source, TransactionOptions } from '../source';
import { Engines } from './engines';
import { readThroughFailover } from './read-through-failover';
import { formatReadToken } from './replicas/read-token';
import { ReplicaReads } from './replicas/replica-reads';
import type { ReplicaSetOptions } from './replicas/replica-set';
import { Sessions } from './sessions';
import { StatementLog, type StatementLogOptions } from './statement-log';
import { runStatement, type TenantStatement } from './tenant-statement';
import { runWork } from './tenant-transaction';
import type { TenantTransaction } from './transaction-client';

export interface PostgresSourceOptions extends ReplicaSetOptions, StatementLogOptions {
  atStage?: AtStage | undefined;
}

/** PostgREST's codes for a relation, column, relationship or function that is not in the schema cache. */
const UNKNOWN = new Set(['PGRST200', 'PGRST202', 'PGRST204', 'PGRST205']);

export class PostgresSource implements Source {
  readonly id: string;
  readonly #sessions: Sessions;
  readonly #log: StatementLog;
  readonly #engines: Engines;
  readonly #atStage: AtStage | undefined;
  readonly #reads: ReplicaReads;

  constructor(options: PostgresSourceOptions) {
    this.id = options.id;
    this.#sessions = new Sessions(options);
    this.#log = new StatementLog(options.id, options);
    this.#engines = new Engines((role) => (transaction) => this.#runAs(role, transaction));
    this.#atStage = options.atStage;
    this.#reads = new ReplicaReads(options);
  }

  get breaker() {
    return this.#sessions.breaker;
  }

  get pool() {
    return this.#sessions.pool;
  }

  get observed() {
    return this.#log.observed;
  }

  /** The engine plans the request, the statement runs for the tenant, and the engine turns its rows into the answer. */
  async answer(route: Route, call: Call, asked: EngineRequest): Promise<Attempted<EngineResponse>> {
    const request = countOwn(asked, 'estimated');
    this.#sessions.serve(route.tenantId);
    const identifying = this.#identify(route, call);
    const caller = identifying instanceof Promise ? await identifying : identifying;
    const identity = request.method === 'GET' ? caller : ofScreen(caller, call);
    const role = schemaRoleOf(identity);
    const options = {
      limits: route.limits,
      terse: call.isLocal,
      fixed: { column: 'tenant_id', value: route.tenantIdInDataSource },
    };
    const finding = this.#engines.of(role);
    let engine = finding instanceof Promise ? await finding : finding;
    let isConfirmed = false;
    let hasChanged = false;
    try {
      let step: ReturnType<Engine['plan']>;
      try {
        step = engine.plan(engine.read(request, options));
      } catch (error) {
        if (!(error instanceof EngineError) || !UNKNOWN.has(error.code)) throw error;
        // The schema may have changed since it was read.
        engine = await this.#engines.afterMiss(role);
        step = engine.plan(engine.read(request, options));
      }
      while (isPlanned(step)) {
        if (call.readOnly && !step.transaction.readOnly) throw readOnlyClient();
        isConfirmed = true;
        const { transaction, callsFunction } = step;
        const rows = await this.#run(route, call, identity, { ...transaction, callsFunction });
        hasChanged ||= wasKept(step.transaction, rows);
        step = engine.respond(step, rows);
      }
      return { value: step, isConfirmed, hasChanged };
    } catch (error) {
      const refusal = engine.refusal(error);
      if (!refusal) throw error;
      return { value: refusal, isConfirmed, hasChanged };
    }
  }

  async execute(
    route: Route,
    call: Call,
    statement: Statement,
    { readOnly = false }: TransactionOptions,
  ): Promise<Attempted<TextRow[]>> {
    const identifying = this.#identify(route, call);
    const identity = identifying instanceof Promise ? await identifying : identifying;
    const values = translateValues(statement.values, route);
    const translated = values === statement.values ? statement : { ...statement, values };
    const transaction = { readOnly, settings: [], statement: translated, developers: true };
    const rows = await this.#run(route, call, identity, transaction);
    return { value: rows, isConfirmed: true, hasChanged: !readOnly };
  }

  async transact<T>(
    route: Route,
    call: Call,
    work: (transaction: TenantTransaction) => Promise<T>,
    { readOnly = false }: TransactionOptions,
  ): Promise<Attempted<T>> {
    const identity = await this.#identify(route, call);
    if (this.#atStage) await this.#atStage('entering', route);
    const given = { work, readOnly, signal: call.signal };
    const here = () => runWork(this.#sessions, this.#log, route, identity, given);
    let hasBegun = false;
    const there = (sessions: Sessions, before: Statement) =>
      runWork(sessions, this.#log, route, identity, {
        ...{ ...given, before },
        work: (transaction) => {
          hasBegun = true;
          return work(transaction);
        },
      });
    const { replica, signal } = call;
    const value =
      replica && readOnly
        ? await this.#reads.run(route, replica, signal, there, here, () => hasBegun)
        : await here();
    return { value, isConfirmed: true, hasChanged: !readOnly };
  }

  /** A read with the token sees at least what is committed now. Undefined if the primary does not answer. */
  async readToken({ epoch }: Route): Promise<string | undefined> {
    const lsn = await this.#reads.set.position();
    return lsn === undefined ? undefined : formatReadToken({ epoch: BigInt(epoch), lsn });
  }

  async reread(tenantId: string): Promise<boolean> {
    const [wasRead] = await Promise.all([this.#sessions.reread(tenantId), this.#reads.set.reread(tenantId)]);
    return wasRead;
  }

  forgetSchema(): void {
    this.#engines.forget();
    this.cool();
  }

  cool(): void {
    this.#sessions.pool.cool();
  }

  closeIdleFor(idleMs: number): void {
    this.#sessions.closeIdleFor(idleMs);
    this.#reads.set.closeIdleFor(idleMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sessions.close(), this.#reads.set.close()]);
  }

  /** The caller's identity. It is a promise only while a token is being verified, since every call passes here. */
  #identify(route: Route, { caller }: Call): Identity | Promise<Identity> {
    const identity = caller.identityIn(route.tenantId);
    return this.#atStage ? this.#atIdentified(this.#atStage, route, identity) : identity;
  }

  async #atIdentified(atStage: AtStage, route: Route, identity: Identity | Promise<Identity>) {
    const identified = await identity;
    await atStage('identified', route);
    return identified;
  }

  #run(route: Route, call: Call, identity: Identity, statement: TenantStatement): Promise<TextRow[]> {
    if (this.#atStage) return this.#atEntering(this.#atStage, route, call, identity, statement);
    return this.#enter(route, call, identity, statement);
  }

  async #atEntering(
    atStage: AtStage,
    route: Route,
    call: Call,
    identity: Identity,
    statement: TenantStatement,
  ) {
    await atStage('entering', route);
    return this.#enter(route, call, identity, statement);
  }

  #enter(
    route: Route,
    { replica, signal }: Call,
    identity: Identity,
    statement: TenantStatement,
  ): Promise<TextRow[]> {
    const here = () => runStatement(this.#sessions, this.#log, route, identity, statement, signal);
    if (!replica || !statement.readOnly) return here();
    const there = (sessions: Sessions, before: Statement) =>
      runStatement(sessions, this.#log, route, identity, { ...statement, before }, signal);
    return this.#reads.run(route, replica, signal, there, here);
  }

  /** Runs a statement of the source itself, such as reading the catalogs, as a role and for no tenant. */
  #runAs(role: SchemaRole, transaction: Transaction): Promise<TextRow[]> {
    const run = () => this.#runOnceAs(role, transaction);
    return this.#sessions.hasSeveralHosts ? readThroughFailover(this.#sessions, run) : run();
  }

  async #runOnceAs(role: SchemaRole, transaction: Transaction): Promise<TextRow[]> {
    const lease = await this.#sessions.lendForItself();
    try {
      const context = [localSettings([['role', role]])];
      return await runTransaction(lease.client, transaction, context, { prepare: false, control: lease });
    } catch (error) {
      if (isConnectionGone(error)) lease.broken = true;
      throw this.#sessions.failureOf(error, lease);
    } finally {
      lease.release();
    }
  }
}

/** The form of a screen's name; it cannot carry data. */
const SCREEN = /^[\w-]{1,40}$/;

/** Adds the screen that the call comes from to the identity, so that changes are logged with it. */
function ofScreen(identity: Identity, { origin }: Call): Identity {
  if (identity.role === 'tenant_service' || origin === undefined || !SCREEN.test(origin)) return identity;
  return { ...identity, screen: origin };
}
