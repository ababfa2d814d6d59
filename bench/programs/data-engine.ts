// The data engine against `pg` itself: the same 20 rows as rows from a prepared statement, as the real client's answer in
// process, and over HTTP from a server in its own process; beside it the least that HTTP costs, a bare server
// with one statement; and the same with the settings that PostgREST promises.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PostgrestClient } from '@supabase/postgrest-js';
import pg from 'pg';
import { startEmbeddedServer } from '@/lib/embedded';
import { runTransaction, type TextRow } from '@/lib/postgres';
import { createDataEngine, loadSchemaCache, type RunTransaction } from '@/lib/rest';
import { type BenchResult, type Contestant, ofRounds, processorRatios, ratios, throughput } from '../measure';

export const description =
  'from().select().eq().order().limit() through PostgrestClient and over HTTP, against raw pg';

const CONNECTIONS = 8;
const CUSTOMERS = 100;
const ROWS_EACH = 40;
const PAGE = 20;
const COLUMNS = 'id,name,amount,created_at';

const schema = `
  create table orders (
    id int generated always as identity primary key,
    customer_id int not null, name text not null, amount numeric(12, 2) not null, created_at timestamptz not null
  );
  insert into orders (customer_id, name, amount, created_at)
    select 1 + n % ${CUSTOMERS}, 'Order number ' || n, n * 1.25, timestamptz '2026-01-01' + n * interval '1 minute'
    from generate_series(1, ${CUSTOMERS * ROWS_EACH}) n;
  create index on orders (customer_id, id);
  analyze orders;
`;

export async function run(): Promise<BenchResult> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-'));
  const server = await startEmbeddedServer({ dataDirectory: path.join(directory, 'data'), durable: false });
  const owner = await connect(server.url());
  await owner.query(schema);
  // Read-only for the whole session, so that no request has to say so.
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => connect(server.url(), '-c default_transaction_read_only=on')),
  );
  const [http, floor, context] = await Promise.all([
    startRestServer(server.url()),
    startFloor(server.url()),
    startFloor(server.url(), { CONTEXT: '1' }),
  ]);
  try {
    const raw = rawContestant(clients);
    const engine = await engineContestant(clients);
    const overHttp = await httpContestant('http', http.port);
    const overFloor = await httpContestant('floor', floor.port);
    const withContext = await httpContestant('context', context.port);
    const measured = await throughput([raw, engine, overHttp, overFloor, withContext], {
      callers: CONNECTIONS,
      // The servers are measured as they are after some thousand requests.
      warmUp: 6,
    });
    const of = (name: string) => Math.round(measured.get(name)?.perSecond ?? 0);
    return {
      ...ofRounds({
        vs_raw: ratios(measured.get('engine'), measured.get('raw')),
        http_vs_raw: ratios(measured.get('http'), measured.get('raw')),
        http_vs_floor: ratios(measured.get('http'), measured.get('floor')),
        // The floor with the settings of PostgREST's contract, and what they leave of the floor: the bound of http_vs_floor.
        http_vs_context: ratios(measured.get('http'), measured.get('context')),
        context_vs_floor: ratios(measured.get('context'), measured.get('floor')),
        cpu_vs_raw: processorRatios(measured.get('engine'), measured.get('raw')),
        cpu_http_vs_floor: processorRatios(measured.get('http'), measured.get('floor')),
        cpu_http_vs_context: processorRatios(measured.get('http'), measured.get('context')),
        cpu_context_vs_floor: processorRatios(measured.get('context'), measured.get('floor')),
        plan_hit_us: await planHit(clients[0]),
        client_us: await clientAlone(clients),
      }),
      raw_per_second: of('raw'),
      engine_per_second: of('engine'),
      http_per_second: of('http'),
      floor_per_second: of('floor'),
      context_per_second: of('context'),
    };
  } finally {
    await Promise.all([http.stop(), floor.stop(), context.stop()]);
    await Promise.all([owner, ...clients].map((client) => client.end()));
    await server.kill('SIGQUIT');
    await rm(directory, { recursive: true, force: true });
  }
}

async function connect(url: string, options?: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...(options && { options }) });
  await client.connect();
  return client;
}

/** Each caller has a connection of its own, as many as there are callers. */
function lending(clients: readonly pg.Client[]): <T>(use: (client: pg.Client) => Promise<T>) => Promise<T> {
  const free = [...clients];
  return async (use) => {
    const client = free.pop();
    if (!client) throw new Error('More callers than connections.');
    try {
      return await use(client);
    } finally {
      free.push(client);
    }
  };
}

let asked = 0;
function nextCustomer(): number {
  asked += 1;
  return 1 + (asked % CUSTOMERS);
}

function rawContestant(clients: readonly pg.Client[]): Contestant {
  const lend = lending(clients);
  const text = `select ${COLUMNS} from orders where customer_id = $1 order by id limit $2`;
  return {
    name: 'raw',
    request: async () => {
      const values = [nextCustomer(), PAGE];
      const { rows } = await lend((client) => client.query({ name: 'orders_of_customer', text, values }));
      if (rows.length !== PAGE) throw new Error(`${rows.length} rows`);
    },
  };
}

async function engineContestant(clients: readonly pg.Client[]): Promise<Contestant> {
  const lend = lending(clients);
  const client = await clientFor((transaction) =>
    lend((each) => runTransaction(each, transaction, [], { contextSetsReadOnly: true })),
  );
  return {
    name: 'engine',
    request: async () => {
      const { data } = await page(client, nextCustomer());
      if (data?.length !== PAGE) throw new Error(`${data?.length} rows`);
    },
  };
}

async function clientFor(run: RunTransaction): Promise<PostgrestClient> {
  const schemaCache = await loadSchemaCache(run, { schemas: ['public'] });
  const engine = createDataEngine({ schemaCache, run, settings: { requestContext: false } });
  // As the product's clients: what is worth another try is known below, not in the client.
  return new PostgrestClient('http://engine', {
    fetch: engine.fetch as unknown as typeof fetch,
    retry: false,
  });
}

function page(client: PostgrestClient, customer: number) {
  return client.from('orders').select(COLUMNS).eq('customer_id', customer).order('id').limit(PAGE);
}

/** CPU of a request outside `pg`: everything but the connection, whose answer is recorded once and given again. */
async function planHit(connection: pg.Client | undefined): Promise<number[]> {
  if (!connection) throw new Error('There is no connection.');
  const schemaCache = await loadSchemaCache((transaction) => runTransaction(connection, transaction), {
    schemas: ['public'],
  });
  let recorded: TextRow[] | undefined;
  const replay: RunTransaction = async (transaction) => {
    recorded ??= await runTransaction(connection, transaction);
    return recorded;
  };
  const engine = createDataEngine({ schemaCache, run: replay, settings: { requestContext: false } });
  const request = (customer: number) =>
    engine.handle({
      method: 'GET',
      path: '/orders',
      query: `select=${COLUMNS}&customer_id=eq.${customer}&order=id.asc&limit=${PAGE}`,
      headers: { accept: 'application/json' },
    });
  return processorRounds(() => request(nextCustomer()));
}

/** CPU of a request in `PostgrestClient` alone, with JSON.parse of the rows: the answer is recorded once and given again. */
async function clientAlone(clients: readonly pg.Client[]): Promise<number[]> {
  const lend = lending(clients);
  const run: RunTransaction = (transaction) => lend((each) => runTransaction(each, transaction));
  const schemaCache = await loadSchemaCache(run, { schemas: ['public'] });
  const engine = createDataEngine({ schemaCache, run, settings: { requestContext: false } });
  let recorded: ReturnType<typeof engine.fetch> | undefined;
  const fetch: typeof engine.fetch = (...request) => (recorded ??= engine.fetch(...request));
  const client = new PostgrestClient('http://engine', {
    fetch: fetch as unknown as typeof globalThis.fetch,
    retry: false,
  });
  return processorRounds(() => page(client, nextCustomer()));
}

/** Processor time of a request in this process, microseconds. */
async function processorRounds(request: () => PromiseLike<unknown>): Promise<number[]> {
  const rounds: number[] = [];
  const each = 5_000;
  for (let round = 0; round < 7; round += 1) {
    const before = process.cpuUsage();
    for (let n = 0; n < each; n += 1) await request();
    const { user, system } = process.cpuUsage(before);
    if (round > 1) rounds.push((user + system) / each);
  }
  return rounds;
}

async function startRestServer(url: string): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const root = path.resolve(import.meta.dirname, '../..');
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'src/cli/main.ts'), 'rest'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PGRST_DB_URI: url,
      PGRST_DB_SCHEMAS: 'public',
      PGRST_DB_ANON_ROLE: 'postgres',
      PGRST_DB_POOL: String(CONNECTIONS),
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: String(port),
    },
  });
  return { port, stop: () => stop(child) };
}

async function startFloor(
  url: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ port: number; stop(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.resolve(import.meta.dirname, '../floor-server.ts')],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...{ PATH: process.env.PATH, DATABASE_URL: url, CONNECTIONS: String(CONNECTIONS), COLUMNS },
        ...environment,
      },
    },
  );
  const [port] = await once(child, 'message');
  return { port: Number(port), stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}

/** A client that costs next to nothing, so that the server is measured: kept-alive sockets, bodies by Content-Length. */
async function httpContestant(name: string, port: number): Promise<Contestant> {
  const free = await Promise.all(Array.from({ length: CONNECTIONS }, () => openSocket(port)));
  const ask = async () => {
    const socket = free.pop();
    if (!socket) throw new Error('More callers than sockets.');
    const target = `/orders?select=${COLUMNS}&customer_id=eq.${nextCustomer()}&order=id.asc&limit=${PAGE}`;
    socket.write(`GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n`);
    const body = await readResponse(socket);
    free.push(socket);
    return body;
  };
  // A server that listens may still be reading the catalogs.
  for (const until = Date.now() + 30_000; Date.now() < until && !isPage(await ask()); )
    await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    name,
    request: async () => {
      const body = await ask();
      if (!isPage(body)) throw new Error(`answered ${body.slice(0, 200)}`);
    },
  };
}

function isPage(body: string): boolean {
  return body.startsWith('[{"id"');
}

async function openSocket(port: number): Promise<Socket> {
  const until = Date.now() + 30_000;
  for (;;) {
    const socket = connectSocket(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket.setEncoding('latin1').setNoDelay(true);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function readResponse(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const finish = (answer: () => void) => {
      socket.off('data', onData).off('error', onError);
      answer();
    };
    const onError = (error: Error) => finish(() => reject(error));
    const onData = (chunk: string) => {
      received += chunk;
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [, length] = /content-length: (\d+)/i.exec(received.slice(0, end)) ?? [];
      const body = received.slice(end + 4);
      if (length !== undefined && body.length >= Number(length)) finish(() => resolve(body));
    };
    socket.on('data', onData).on('error', onError);
  });
}
