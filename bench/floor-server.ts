// The least that an answer over HTTP costs: `node:http`, and one prepared statement whose only value is the whole body. With CONTEXT the
// settings that PostgREST promises to functions and policies are sent before it, in the same flush.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { runTransaction } from '@/lib/postgres';

const { DATABASE_URL, CONNECTIONS, COLUMNS, CONTEXT } = process.env;

const text = `select coalesce(json_agg(page), '[]')::text
  from (select ${COLUMNS} from orders where customer_id = $1 order by id limit $2) as page`;
const clients = await Promise.all(
  Array.from({ length: Number(CONNECTIONS) }, async () => {
    const client = new pg.Client({ connectionString: DATABASE_URL });
    await client.connect();
    return client;
  }),
);
async function page(client: pg.Client, values: unknown[], { url = '', headers }: IncomingMessage) {
  if (!CONTEXT) {
    const { rows } = await client.query<[string]>({ name: 'page', text, values, rowMode: 'array' });
    return rows;
  }
  const settings = [
    ['role', 'postgres'],
    ['request.jwt.claims', '{"role":"postgres"}'],
    ['search_path', 'public'],
    ['request.method', 'GET'],
    ['request.path', url.slice(0, url.indexOf('?'))],
    ['request.headers', JSON.stringify(headers)],
    ['request.cookies', '{}'],
  ] as const;
  return runTransaction(client, { readOnly: true, settings, statement: { name: 'page', text, values } });
}

const server = createServer(async (request, response) => {
  const { url = '' } = request;
  // As many clients as there are callers, each with one request at a time.
  const client = clients.pop() as pg.Client;
  const query = new URLSearchParams(url.slice(url.indexOf('?')));
  const values = [query.get('customer_id')?.slice('eq.'.length), query.get('limit')];
  const rows = await page(client, values, request);
  clients.push(client);
  const body = rows[0]?.[0] ?? '';
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
