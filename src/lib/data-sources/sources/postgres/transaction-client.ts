import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { DataSourceError } from '../../errors';
import { isPooled } from '../../pool/connect';
import type { Lease } from '../../pool/lease';
import { commandOf, endsTransaction, leavesSessionUsable, whyRefused } from '../../pool/session-cleaning';
import { SingleStatement } from '../../pool/single-statement';
import type { Route } from '../../routing/route';
import { translateValues } from '../../routing/translation';

/**
 * The transaction inside `withTenantTransaction`: queries in the tenant's context. Values that are the tenant's id in the
 * application become its id in the data source. A query is a text or `{text, values, rowMode, types}`, or a
 * stream of `pg-copy-streams`; other query objects are refused.
 */
export interface TenantTransaction extends Pick<pg.ClientBase, 'query'> {
  /** The tenant's id in this database: for SQL texts, and for COPY and cursors, whose values are not translated. */
  readonly tenantIdInDataSource: string;
}

type CopyStream = ReturnType<typeof copyFrom> | ReturnType<typeof copyTo>;
type QueryConfig = {
  text?: string;
  values?: readonly unknown[];
  rowMode?: 'array';
  types?: pg.CustomTypesConfig;
};
type Callback = (error: unknown, result?: unknown) => void;

const COPY_STREAMS = [copyFrom('').constructor, copyTo('').constructor];

/**
 * A leased connection, lent to the caller's code for one transaction. When the transaction has ended, it refuses queries: the connection
 * then serves other tenants, and a query through a kept reference must not run in their context. Each query is one statement, so that
 * nothing can run after a COMMIT inside it.
 */
export class TransactionClient implements TenantTransaction {
  #ended = false;
  #sessionUsable = true;
  #underWay = 0;
  #cancelling: Promise<void> | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly route: Route,
    private readonly signal?: AbortSignal,
    /** Called after each query. */
    private readonly ran?: (text: string, tookMs: number, rows: number) => void,
  ) {
    this.#rest();
    signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  get tenantIdInDataSource(): string {
    return this.route.tenantIdInDataSource;
  }

  readonly query = ((first: string | QueryConfig | CopyStream, ...rest: unknown[]) => {
    if (this.#ended) {
      throw new DataSourceError('transaction_ended', 'The tenant transaction of this query has ended.', {
        hint: 'Await every query inside the function given to withTenantTransaction.',
      });
    }
    this.signal?.throwIfAborted();
    if (typeof first === 'object' && 'submit' in first) return this.#stream(first);
    const given = typeof first === 'string' ? { text: first } : first;
    const values: readonly unknown[] | undefined = rest.find(Array.isArray) ?? given.values;
    const result = this.#run({ ...given, values: values && translateValues(values, this.route) });
    const callback = rest.find((one): one is Callback => typeof one === 'function');
    if (!callback) return result;
    result.then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(error),
    );
    return undefined;
  }) as pg.ClientBase['query'];

  /** Whether the session may be used again after it is cleaned. */
  get sessionUsable(): boolean {
    return this.#sessionUsable;
  }

  /** The transaction status of the protocol: `I` after the end of the transaction. */
  get #status(): string | null {
    return (
      this.lease.client as pg.Client & { getTransactionStatus(): string | null }
    ).getTransactionStatus();
  }

  /** @throws DataSourceError `transaction_ended` if a statement of the caller ended the transaction */
  expectOpen(): void {
    if (this.#status === 'I') throw endedFromInside();
  }

  /**
   * Refuses further queries. Resolves when no cancel request is in flight, which could otherwise cancel the connection's next statement.
   *
   * @param failed whether to cancel the query in flight
   */
  async end(failed: boolean): Promise<void> {
    this.#ended = true;
    this.signal?.removeEventListener('abort', this.#cancel);
    if (failed) this.#cancel();
    await this.#cancelling;
  }

  readonly #cancel = (): void => {
    if (this.#underWay > 0) this.#cancelling ??= this.lease.requestCancel();
  };

  async #run({ text, values, rowMode, types }: QueryConfig): Promise<unknown> {
    this.#expectAllowed(String(text ?? ''));
    let copied = false;
    let rows = 0;
    const finished = this.#begin(String(text ?? ''), () => rows);
    try {
      const result = await new Promise((resolve, reject) => {
        // The extended protocol accepts one statement only. All its rows are fetched at once, so that no portal stays open.
        const config = { text, values, rowMode, types, queryMode: 'extended' } as unknown as pg.QueryConfig;
        const query = new pg.Query(config, (error: unknown, answer?: pg.QueryResult) => {
          rows = answer?.rowCount ?? 0;
          if (error) reject(error);
          else resolve(answer);
        });
        Object.assign(query, {
          handleCopyData: () => {
            copied = true;
            this.#cancel();
          },
        });
        this.lease.client.query(query);
      });
      if (!copied) return result;
    } catch (error) {
      if (!copied) throw error;
    } finally {
      finished();
    }
    await this.#cancelling;
    throw refused('COPY … TO STDOUT by query loses its data', 'Use copyOut.');
  }

  /** Starts a stream of `pg-copy-streams`. It uses the simple protocol, so the server first has to parse the text as one statement. */
  #stream(stream: CopyStream): CopyStream {
    if (!COPY_STREAMS.includes(stream.constructor)) {
      throw refused(
        'Query objects other than the streams of pg-copy-streams cannot be checked',
        'Give the text and its values; use readInPages for many rows, copyOut and copyIn for CSV.',
      );
    }
    const { text } = stream as CopyStream & { text: string };
    this.#expectAllowed(text);
    const single = new SingleStatement(text);
    const submit = stream.submit.bind(stream);
    stream.submit = (connection) => single.failure ?? submit(connection);
    const finished = this.#begin(text, () => Number(stream.rowCount) || 0);
    for (const event of ['end', 'finish', 'error', 'close']) stream.once(event, finished);
    this.lease.client.query(single);
    return this.lease.client.query(stream);
  }

  #expectAllowed(text: string): void {
    const command = commandOf(text);
    if (isPooled(this.lease.client) && endsTransaction(command, text)) throw endedFromInside();
    expectAllowed(text);
    if (!leavesSessionUsable(command)) this.#sessionUsable = false;
  }

  /** Notes that a query begins. @returns the function to call when it has ended; a second call does nothing */
  #begin(text: string, rows: () => number): () => void {
    const since = performance.now();
    this.#underWay += 1;
    this.lease.limitFromServer(this.route.limits.statementTimeoutMs);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#underWay -= 1;
      this.ran?.(text, performance.now() - since, rows());
      if (this.#status === 'I') this.#ended = true;
      if (this.#underWay === 0 && !this.#ended) this.#rest();
    };
  }

  /** Sets the limit between queries. The server ends a transaction that is idle for too long; if it does not, the connection is destroyed. */
  #rest(): void {
    this.lease.limitFromServer(this.route.limits.idleInTransactionTimeoutMs);
  }
}

/** @throws DataSourceError `statement_refused` for a statement that must not run in a tenant's context */
export function expectAllowed(text: string): void {
  const why = whyRefused(text);
  if (why) throw refused(why, 'Lock rows with SELECT … FOR UPDATE; schema changes belong into migrations.');
}

function endedFromInside(): DataSourceError {
  return new DataSourceError('transaction_ended', 'A statement ended the tenant transaction from inside.', {
    hint: 'Leave COMMIT and ROLLBACK to withTenantTransaction.',
  });
}

function refused(what: string, hint: string): DataSourceError {
  return new DataSourceError('statement_refused', `${what}.`, { hint });
}
