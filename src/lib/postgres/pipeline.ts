// N × Parse/Bind/Execute, one Sync, one flush: several statements for one round trip, in one implicit transaction.
import type pg from 'pg';
import { PostgresError } from './errors';
import { LargeRow } from './large-row';
import { Outgoing } from './outgoing';
import { type Parameter, toParameter } from './parameters';
import { PreparedStatements } from './prepared-statements';
import type { Statement, TextRow } from './statement';

export interface PipelineOptions {
  /** Use named prepared statements. Default true; false behind a pooler that shares sessions without tracking them. */
  prepare?: boolean;
  /** Prepared statements kept on one connection before the least recently used is closed. Default 200, at least 16. */
  maxPrepared?: number;
  /** Rows of the last statement; one more is `result_too_large`. Default unlimited. */
  maxRows?: number;
  /** Bytes of the last statement's rows as they came over the wire; more is `result_too_large`. Default unlimited. */
  maxBytes?: number;
  /** When it aborts, `control.cancel` is called and the answer is the signal's reason. */
  signal?: AbortSignal;
  /** May end the statements early. */
  control?: PipelineControl;
  /** Run after the statement whose rows are the answer, in the same transaction. */
  after?: readonly Statement[];
  /** The context sets `transaction_read_only` itself where `Transaction.readOnly` says so. Default false. */
  contextSetsReadOnly?: boolean;
}

/** Statements under way. */
export interface RunningPipeline {
  /** Cancels them on the server and answers with `reason`; nothing once they are over. */
  fail(reason: unknown): void;
}

/** An object rather than functions: it is made for every request, and closures would cost more. */
export interface PipelineControl {
  /** Called before the statements are sent. */
  started(running: RunningPipeline): void;
  /** Called if the statements were committed although `fail` was called: their writes stand. */
  committedAfterFailure?(): void;
  /** Asks the server to cancel what this connection runs; resolves when the server has taken the request. */
  cancel(): Promise<void>;
}

/** The answer is larger than the caller allowed. Whatever the statement wrote may stand. */
export class ResultTooLargeError extends PostgresError {
  constructor(limit: string) {
    super('result_too_large', `The answer is larger than ${limit}.`);
  }
}

/** `COPY … TO STDOUT` answers beside the rows: what it sent would be lost. */
function copyRefused(): PostgresError {
  return new PostgresError(
    'statement_refused',
    'COPY … TO STDOUT gives no rows here: its data would be lost.',
    {
      hint: 'Select the rows, or use copyOut inside withTenantTransaction.',
    },
  );
}

/**
 * Runs statements in one flush and one implicit transaction and answers with the rows of the last one (before `after`).
 * An error rolls all of them back; the connection takes its next statement only after ReadyForQuery.
 *
 * @throws pg.DatabaseError what the server said; ResultTooLargeError; the signal's reason after an abort
 */
export function runPipeline(
  client: pg.ClientBase,
  statements: readonly Statement[],
  options: PipelineOptions = {},
): Promise<TextRow[]> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(options.signal.reason);
    const pipeline = new Pipeline(statements, options, resolve, reject);
    options.control?.started(pipeline);
    client.query(pipeline);
  });
}

class Pipeline implements pg.Submittable, RunningPipeline {
  readonly #parameters: Parameter[][];
  /** The statement whose rows are the answer. */
  readonly #answer: number;
  readonly #maxRows: number;
  readonly #maxBytes: number;
  #rows: TextRow[] = [];
  #bytes = 0;
  #completed = 0;
  #submitted = false;
  #settled = false;
  #prepared: Statement[] = [];
  #cache: PreparedStatements | undefined;
  /** The reason that the caller gets instead of the server's error: too large, or aborted. */
  #failure: { reason: unknown } | undefined;
  #cancelling: Promise<unknown> | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    private readonly statements: readonly Statement[],
    private readonly options: PipelineOptions,
    private readonly resolve: (rows: TextRow[]) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    this.#parameters = statements.map((statement) => statement.values.map(toParameter));
    this.#answer = statements.length - 1 - (options.after?.length ?? 0);
    this.#maxRows = options.maxRows ?? Number.MAX_SAFE_INTEGER;
    this.#maxBytes = options.maxBytes ?? Number.MAX_SAFE_INTEGER;
    if (options.signal) {
      this.#onAbort = () => this.fail(options.signal?.reason);
      options.signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  submit(connection: pg.Connection): Error | undefined {
    const { signal, prepare = true, maxPrepared = 200 } = this.options;
    if (signal?.aborted) return signal.reason;
    if (prepare) this.#cache = PreparedStatements.of(connection, Math.max(16, maxPrepared));
    this.#prepared = this.#cache?.admit(this.statements) ?? [];
    this.#submitted = true;
    const { stream } = connection;
    if (!stream.writable) return undefined;
    const outgoing = new Outgoing();
    // Closing comes first: an error later in the flush would make the server skip it.
    for (const name of this.#cache?.takeEvicted() ?? []) outgoing.close(name);
    for (const [index, statement] of this.statements.entries()) {
      const name = (prepare && statement.name) || '';
      if (!name || this.#prepared.includes(statement)) outgoing.parse(name, statement.text);
      outgoing.bindAndExecute(name, this.#parameters[index] ?? []);
    }
    outgoing.sync();
    stream.write(outgoing.take());
    return undefined;
  }

  handleRowDescription(): void {}

  handleDataRow(message: LargeRow | { length: number; fields: TextRow }): void {
    if (this.#completed !== this.#answer || this.#failure) return;
    this.#bytes += message.length;
    if (this.#rows.length >= this.#maxRows) this.fail(new ResultTooLargeError(`${this.#maxRows} rows`));
    else if (this.#bytes > this.#maxBytes) this.fail(new ResultTooLargeError(`${this.#maxBytes} bytes`));
    else this.#rows.push(this.#rowOf(message));
  }

  #rowOf(message: LargeRow | { fields: TextRow }): TextRow {
    const column = this.statements[this.#answer]?.bytesColumn;
    return column !== undefined && message instanceof LargeRow ? message.withBytesAt(column) : message.fields;
  }

  handleCommandComplete(): void {
    this.#completed += 1;
  }

  handleEmptyQuery(): void {
    this.#completed += 1;
  }

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: pg.Connection & { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('COPY is not a statement of a pipeline');
  }

  handleCopyData(): void {
    this.fail(copyRefused());
  }

  /** `pg` has already dropped this query and will not call `handleReadyForQuery`, so the promise is settled here. */
  handleError(error: unknown): void {
    this.#cache?.forget(this.#prepared, error);
    this.#settle(() => this.reject(this.#failure ? this.#failure.reason : error));
  }

  handleReadyForQuery(): void {
    if (this.#failure) this.options.control?.committedAfterFailure?.();
    this.#settle(() => (this.#failure ? this.reject(this.#failure.reason) : this.resolve(this.#rows)));
  }

  fail(reason: unknown): void {
    if (this.#settled) return;
    this.#failure ??= { reason };
    this.#rows = [];
    if (this.#submitted) this.#cancelling ??= this.options.control?.cancel().catch(() => undefined);
  }

  /** A cancel request in flight must be over before another statement runs on this connection. */
  #settle(answer: () => void): void {
    this.#settled = true;
    if (this.#onAbort) this.options.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#cancelling) void this.#cancelling.then(answer);
    else answer();
  }
}
