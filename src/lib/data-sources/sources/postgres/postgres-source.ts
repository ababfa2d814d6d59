// A tenant data database reached over PostgreSQL's protocol: every statement runs in a tenant's context.
import {
  localSettings,
  runTransaction,
  type Statement,
  type TextRow,
  type Transaction,
  wasKept,
} from '@/lib/postgres';
import { type Engine, EngineError, type EngineRequest, type EngineResponse, isPlanned } from '@/lib/rest';
import { isConnectionGone } from '../../errors';
import type { Call } from '../../routing/call';
import { type DatabaseRole, databaseRoleOf, type Identity, type Route } from '../../routing/route';
import type { AtStage } from '../../routing/stage';
import { translateValues } from '../../routing/translation';
import type { Attempted, Source, TransactionOptions } from '../source';
import { Engines } from './engines';
import type { TenantTransaction } from './lent-client';
import { Sessions, type SessionsOptions } from './sessions';
import { StatementLog, type StatementLogOptions } from './statement-log';
import { runStatement, type TenantStatement } from './tenant-statement';
import { runWork } from './tenant-transaction';

export interface PostgresSourceOptions extends SessionsOptions, StatementLogOptions {
  atStage?: AtStage | undefined;
}

/** PostgREST's codes for a relation, column, relationship or function that the schema cache does not have. */
const UNKNOWN = new Set(['PGRST200', 'PGRST202', 'PGRST204', 'PGRST205']);

export class PostgresSource implements Source {
  readonly id: string;
  readonly #sessions: Sessions;
  readonly #log: StatementLog;
  readonly #engines: Engines;
  readonly #atStage: AtStage | undefined;

  constructor(options: PostgresSourceOptions) {
    this.id = options.id;
    this.#sessions = new Sessions(options);
    this.#log = new StatementLog(options.id, options);
    this.#engines = new Engines((role) => (transaction) => this.#runAs(role, transaction));
    this.#atStage = options.atStage;
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

  /** The engine plans the request, the tenant's statement runs, the engine makes its rows the answer. */
  async answer(route: Route, call: Call, request: EngineRequest): Promise<Attempted<EngineResponse>> {
    const identifying = this.#identify(route, call);
    const identity = identifying instanceof Promise ? await identifying : identifying;
    const role = databaseRoleOf(identity);
    const options = { limits: route.limits, terse: call.isLocal };
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
        isConfirmed = true;
        const rows = await this.#run(route, call, identity, step.transaction);
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
    const value = await runWork(this.#sessions, this.#log, route, identity, given);
    return { value, isConfirmed: true, hasChanged: !readOnly };
  }

  reread(): Promise<void> {
    return this.#sessions.reread();
  }

  forgetSchema(): void {
    this.#engines.forget();
    this.cool();
  }

  cool(): void {
    this.#sessions.pool.cool();
  }

  closeIdleFor(idleMs: number): void {
    this.#sessions.pool.closeIdleFor(idleMs);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** A promise only while a token is being verified, since this is on the way of every call. */
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
    return runStatement(this.#sessions, this.#log, route, identity, statement, call.signal);
  }

  async #atEntering(
    atStage: AtStage,
    route: Route,
    { signal }: Call,
    identity: Identity,
    statement: TenantStatement,
  ) {
    await atStage('entering', route);
    return runStatement(this.#sessions, this.#log, route, identity, statement, signal);
  }

  /** A statement of the source's own, such as reading the catalogs: as a role, for no tenant. */
  async #runAs(role: DatabaseRole, transaction: Transaction): Promise<TextRow[]> {
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
