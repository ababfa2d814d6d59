import { after } from 'node:test';
import pg from 'pg';
import { runTransaction, type Transaction } from '@/lib/postgres';
import {
  createDataEngine,
  type DataEngine,
  type EngineResponse,
  type EngineSettings,
  type FixedFilter,
  loadSchemaCache,
} from '@/lib/rest';
import { createTestDatabase } from '../../support/postgres';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON. */
  body: unknown;
}

export interface TestEngine {
  engine: DataEngine;
  client: pg.Client;
  /** Every transaction that was run, in order. */
  transactions: Transaction[];
  request(
    method: string,
    pathAndQuery: string,
    options?: { prefer?: string; headers?: Record<string, string>; body?: unknown; fixed?: FixedFilter },
  ): Promise<Answer>;
  get(pathAndQuery: string, headers?: Record<string, string>): Promise<Answer>;
  /** Another engine over the same database. */
  with(settings: EngineSettings): TestEngine;
}

/** An engine over a database of its own that `sql` has set up, exposing schema `api`. */
export async function createTestEngine(sql: string, settings: EngineSettings = {}): Promise<TestEngine> {
  const client = new pg.Client({ connectionString: await createTestDatabase('rest') });
  client.on('error', () => {});
  await client.connect();
  after(() => client.end());
  await client.query(`create schema api; set search_path = api, public; ${sql}`);
  await client.query('reset search_path');
  const transactions: Transaction[] = [];
  const run = (transaction: Transaction) => {
    transactions.push(transaction);
    return runTransaction(client, transaction);
  };
  const schemaCache = await loadSchemaCache((transaction) => runTransaction(client, transaction), {
    schemas: settings.schemas ?? ['api'],
  });
  const over = (settings: EngineSettings): TestEngine => {
    const engine = createDataEngine({ schemaCache, run, settings });
    return { ...requesting(engine), engine, client, transactions, with: over };
  };
  return over(settings);
}

function requesting(engine: DataEngine): Pick<TestEngine, 'request' | 'get'> {
  const request: TestEngine['request'] = async (
    method,
    pathAndQuery,
    { prefer, headers = {}, body, fixed } = {},
  ) => {
    const [path = '', query = ''] = split(pathAndQuery);
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await engine.handle(
      {
        method,
        path,
        query,
        headers: { ...(prefer !== undefined && { prefer }), ...headers },
        body: text ?? null,
      },
      fixed ? { fixed } : {},
    );
    return read(answer);
  };
  return { request, get: (pathAndQuery, headers = {}) => request('GET', pathAndQuery, { headers }) };
}

function split(pathAndQuery: string): [string, string] {
  const question = pathAndQuery.indexOf('?');
  return question < 0
    ? [pathAndQuery, '']
    : [pathAndQuery.slice(0, question), pathAndQuery.slice(question + 1)];
}

function read({ status, headers, body }: EngineResponse): Answer {
  const text = body === null || typeof body === 'string' ? body : Buffer.from(body).toString('latin1');
  return {
    status,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: parsed(text),
  };
}

function parsed(text: string | null): unknown {
  if (text === null || text === '') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
