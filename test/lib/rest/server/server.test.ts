import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { SignJWT } from 'jose';
import { listen, listenAdmin, RestService, type ServiceEvent } from '@/lib/rest/server';
import { administer, createTestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';

const SECRET = 'a secret that is long enough for HS256';
const id = randomBytes(4).toString('hex');
const anonymous = `anonymous_${id}`;
const writer = `writer_${id}`;
const login = `authenticator_${id}`;

const SCHEMA = `
  create role ${anonymous}; create role ${writer}; create role ${login} login noinherit password 'secret';
  grant ${anonymous}, ${writer} to ${login};
  alter role ${writer} set statement_timeout = '1234ms';
  alter role ${writer} set default_transaction_isolation = 'serializable';
  create schema api; create schema other;
  create table api.rooms (id int primary key, title text not null);
  insert into api.rooms select n, 'room ' || n from generate_series(1, 5) n;
  create table api.secrets (id int primary key);
  create table other.rooms (id int primary key);
  create function api.setting(name text) returns text stable language sql as 'select current_setting(name, true)';
  create function api.nap(seconds float8) returns void stable language sql as 'select pg_sleep(seconds)';
  create function api.alone() returns bool language plpgsql as $$ declare alone bool := pg_try_advisory_xact_lock(1); begin
    perform pg_sleep(0.2);
    return alone;
  end $$;
  create function api.check_request() returns void language plpgsql as $$ begin
    if current_setting('request.headers', true)::json ->> 'x-banned' is not null then
      raise sqlstate 'PT403' using message = 'banned';
    end if;
  end $$;
  create function api.root() returns json stable language sql as $$ select '{"own": true}'::json $$;
  grant usage on schema api, other to ${anonymous}, ${writer};
  grant select on api.rooms, other.rooms to ${anonymous};
  grant all on api.rooms, api.secrets to ${writer};
`;

// Before the database's own hook, which drops it.
after(async () => {
  await server.close();
  await admin?.close();
  await service.end();
  await administer(url, `drop owned by ${anonymous}, ${writer}`);
  await administer(url, `drop role ${anonymous}, ${writer}, ${login}`);
});

const url = await createTestDatabase('rest_front');
await administer(url, SCHEMA);
const parsed = new URL(url);
parsed.username = login;
parsed.password = 'secret';
const loginUrl = parsed.toString();
const service = await RestService.start({ environment: environment({ PGRST_ADMIN_SERVER_PORT: '0' }) });
const server = await listen(service);
const admin = await listenAdmin(service, server);

function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    PGRST_DB_URI: loginUrl,
    PGRST_DB_SCHEMAS: 'api,other',
    PGRST_DB_ANON_ROLE: anonymous,
    PGRST_JWT_SECRET: SECRET,
    PGRST_DB_PRE_REQUEST: 'api.check_request',
    PGRST_SERVER_HOST: '127.0.0.1',
    PGRST_SERVER_PORT: '0',
    PGRST_SERVER_TIMING_ENABLED: 'true',
    PGRST_SERVER_TRACE_HEADER: 'X-Request-Id',
    PGRST_APP_SETTINGS_COLOUR: 'green',
    ...more,
  };
}

function request(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, init);
}

async function bearer(claims: Record<string, unknown>): Promise<{ authorization: string }> {
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));
  return { authorization: `Bearer ${token}` };
}

test('rows are answered as JSON with what PostgREST says of them', async () => {
  const response = await request('/rooms?id=lt.3&select=id', { headers: { 'x-request-id': 'abc' } });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), [{ id: 1 }, { id: 2 }]);
  assert.equal(response.headers.get('content-range'), '0-1/*');
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(response.headers.get('content-profile'), 'api');
  assert.equal(response.headers.get('x-request-id'), 'abc');
  assert.match(
    response.headers.get('server-timing') ?? '',
    /^jwt;dur=[\d.]+, parse;dur=[\d.]+, plan;dur=[\d.]+, transaction;dur=[\d.]+, response;dur=[\d.]+$/,
  );
});

test('of several hosts the primary is served, where the first does not answer', async () => {
  const severalHosts = loginUrl.replace(/@([^/]*)/, '@127.0.0.1:1,$1');
  const other = await RestService.start({ environment: environment({ PGRST_DB_URI: severalHosts }) });
  const listening = await listen(other);
  try {
    const response = await fetch(`http://127.0.0.1:${listening.port}/rooms?id=eq.1&select=id`);
    assert.deepEqual(await response.json(), [{ id: 1 }]);
  } finally {
    await listening.close();
    await other.end();
  }
});

test('stages are timed up to where a request fails', async () => {
  const stages = async (path: string, headers = {}) => {
    const { headers: answered } = await request(path, { headers });
    return (answered.get('server-timing') ?? '').replaceAll(/;dur=[\d.]+/g, '');
  };
  assert.equal(await stages('/rooms', { authorization: 'Bearer nonsense' }), 'jwt');
  assert.equal(await stages('/rooms?id=nonsense'), 'jwt, parse');
  assert.equal(await stages('/rooms?id=eq.nonsense'), 'jwt, parse, plan, transaction');
});

test('HEAD answers with the headers only', async () => {
  const response = await request('/rooms', { method: 'HEAD', headers: { prefer: 'count=exact' } });
  assert.equal(response.headers.get('content-range'), '0-4/5');
  assert.equal(await response.text(), '');
});

test('the role and the claims are those of the token', async () => {
  const headers = { ...(await bearer({ role: writer, sub: 'u1' })), 'content-type': 'application/json' };
  const setting = async (name: string) => {
    const response = await request('/rpc/setting', {
      method: 'POST',
      headers,
      body: JSON.stringify({ name }),
    });
    return response.json();
  };
  assert.equal(await setting('role'), writer);
  assert.deepEqual(JSON.parse(await setting('request.jwt.claims')), { role: writer, sub: 'u1' });
  assert.equal(await setting('statement_timeout'), '1234ms');
  assert.equal(await setting('transaction_isolation'), 'serializable');
  assert.equal(await setting('app.settings.COLOUR'), 'green');
  assert.equal(await setting('request.method'), 'POST');
  assert.equal(await setting('request.path'), '/rpc/setting');
});

test('nothing of one request reaches the next', async () => {
  const headers = await bearer({ role: writer });
  await request('/rpc/setting?name=role', { headers });
  const after = await request('/rpc/setting?name=statement_timeout');
  assert.notEqual(await after.json(), '1234ms');
});

test('a missing privilege is 401 for the anonymous and 403 for a known role', async () => {
  const anonymous = await request('/secrets');
  assert.equal(anonymous.status, 401);
  assert.equal(anonymous.headers.get('www-authenticate'), 'Bearer');
  const known = await request('/rooms', {
    headers: { ...(await bearer({ role: writer })), 'accept-profile': 'other' },
  });
  assert.equal(known.status, 403);
  assert.equal((await known.json()).code, '42501');
});

test('a bad token is refused before the database is asked', async () => {
  const response = await request('/rooms', { headers: { authorization: 'Bearer a.b' } });
  assert.equal(response.status, 401);
  assert.deepEqual(await response.json(), {
    code: 'PGRST301',
    details: null,
    hint: null,
    message: 'Expected 3 parts in JWT; got 2',
  });
  assert.equal(response.headers.get('proxy-status'), 'PostgREST; error=PGRST301');
});

test('the pre-request function can refuse', async () => {
  const response = await request('/rooms', { headers: { 'x-banned': 'yes' } });
  assert.equal(response.status, 403);
  assert.equal((await response.json()).message, 'banned');
});

test('what Node’s HTTP parser refuses is answered as PostgREST would', async () => {
  const raw = async (head: string) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`${head}\r\nHost: localhost\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return text;
  };
  assert.match(await raw('OTHER /rooms HTTP/1.1'), /^HTTP\/1.1 405 [\s\S]*"Unsupported HTTP method: OTHER"/);
  assert.match(await raw('OTHER /rpc/setting HTTP/1.1'), /^HTTP\/1.1 405 [\s\S]*"PGRST101"/);
  assert.match(await raw('TRACE /rooms HTTP/1.1\r\nConnection: close'), /^HTTP\/1.1 405 [\s\S]*"PGRST117"/);
  assert.match(await raw('CONNECT /rooms HTTP/1.1'), /^HTTP\/1.1 405 /);
  assert.match(await raw('nonsense'), /^HTTP\/1.1 400 /);
  assert.match(
    await raw('GET /rooms?title=eq.räume&select=id HTTP/1.1'),
    /^HTTP\/1.1 200 [\s\S]*\r\n\r\n\[\]$/,
  );
  const long = `GET /rooms?select=id&id=in.(${'1,'.repeat(20_000)}1) HTTP/1.1\r\nConnection: close`;
  assert.match(await raw(long), /^HTTP\/1.1 200 [\s\S]*\[{"id":1}\]$/);
  assert.match(await raw(`GET /rooms?id=in.(${'1,'.repeat(50_000)}1) HTTP/1.1`), /^HTTP\/1.1 431 /);
});

test('clients that go away before they are answered end their own connection only', async () => {
  for (const method of ['CONNECT', 'OTHER', 'GET']) {
    for (let time = 0; time < 20; time += 1) {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      await new Promise((sent) => socket.write(`${method} /rooms HTTP/1.1\r\nHost: localhost\r\n\r\n`, sent));
      socket.resetAndDestroy();
    }
  }
  assert.equal((await request('/rooms?limit=1')).status, 200);
});

test('of requests that are sent at once, each is worked on when the one before was answered', async () => {
  const call = 'POST /rpc/alone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n';
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`${`${call}\r\n`.repeat(3)}${call}Connection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.deepEqual(text.match(/^(true|false)/gm), Array(4).fill('true'));
});

test('the schema is chosen by profile', async () => {
  const other = await request('/rooms', { headers: { 'accept-profile': 'other' } });
  assert.deepEqual(await other.json(), []);
  assert.equal(other.headers.get('content-profile'), 'other');
  const hidden = await request('/rooms', { headers: { 'accept-profile': 'public' } });
  assert.equal(hidden.status, 406);
  assert.equal((await hidden.json()).code, 'PGRST106');
});

test('the root describes what the role may use', async () => {
  const document = await (await request('/')).json();
  assert.equal(document.swagger, '2.0');
  assert.ok(document.paths['/rooms']);
  assert.equal(document.paths['/secrets'], undefined);
  const asWriter = await (await request('/', { headers: await bearer({ role: writer }) })).json();
  assert.ok(asWriter.paths['/secrets']);
  const options = await request('/', { method: 'OPTIONS' });
  assert.equal(options.headers.get('allow'), 'OPTIONS,GET,HEAD');
  assert.equal((await request('/', { headers: { accept: 'text/csv' } })).status, 406);
  assert.equal((await request('/', { method: 'POST' })).status, 405);
});

test('the root document can be disabled, complete, behind a proxy, or replaced', async () => {
  const ask = async (more: Record<string, string>) => {
    const own = await RestService.start({
      environment: environment({ PGRST_DB_CHANNEL_ENABLED: 'false', ...more }),
    });
    try {
      const response = await own.handle({ method: 'GET', path: '/', query: '', headers: {} });
      return { status: response.status, body: JSON.parse(String(response.body)) };
    } finally {
      await own.end();
    }
  };
  const disabled = await ask({ PGRST_OPENAPI_MODE: 'disabled', PGRST_DB_ROOT_SPEC: 'root' });
  assert.deepEqual([disabled.status, disabled.body.code], [404, 'PGRST126']);
  const complete = await ask({
    PGRST_OPENAPI_MODE: 'ignore-privileges',
    PGRST_OPENAPI_SERVER_PROXY_URI: 'https://example.com/api',
    PGRST_OPENAPI_SECURITY_ACTIVE: 'true',
  });
  assert.ok(complete.body.paths['/secrets']);
  assert.deepEqual(
    [complete.body.host, complete.body.basePath, complete.body.schemes, complete.body.security],
    ['example.com:443', '/api', ['https'], [{ JWT: [] }]],
  );
  const replaced = await ask({ PGRST_DB_ROOT_SPEC: 'root' });
  assert.deepEqual(replaced.body, { own: true });
});

test('browsers of other origins are let in', async () => {
  const preflight = await request('/rooms', {
    method: 'OPTIONS',
    headers: {
      origin: 'http://example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'Prefer',
    },
  });
  assert.equal(preflight.status, 200);
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /^Authorization, Prefer, Accept/);
  const read = await request('/rooms', { headers: { origin: 'http://example.com' } });
  assert.equal(read.headers.get('access-control-allow-origin'), '*');
  assert.match(read.headers.get('access-control-expose-headers') ?? '', /Content-Range/);
});

test('a notification reloads the schema, and no request fails meanwhile', async () => {
  assert.equal((await request('/later')).status, 404);
  await administer(
    url,
    `create table api.later (id int primary key); grant select on api.later to ${anonymous}`,
  );
  let running = true;
  const statuses = new Set<number>();
  const load = (async () => {
    while (running) statuses.add((await request('/rooms?limit=1')).status);
  })();
  await administer(url, "notify pgrst, 'reload schema'");
  await until(async () => (await request('/later')).status === 200, 'the new table to be known');
  running = false;
  await load;
  assert.deepEqual([...statuses], [200]);
});

test('configuration in the database goes before the environment and is reloaded', async () => {
  await administer(
    url,
    `alter role ${login} in database ${new URL(url).pathname.slice(1)} set pgrst.db_max_rows = '2'`,
  );
  await service.reload(['config']);
  assert.equal((await (await request('/rooms')).json()).length, 2);
  await administer(
    url,
    `alter role ${login} in database ${new URL(url).pathname.slice(1)} reset pgrst.db_max_rows`,
  );
  await service.reload(['config']);
  assert.equal((await (await request('/rooms')).json()).length, 5);
});

test('connections that die are replaced', async () => {
  await request('/rooms');
  await administer(url, `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${login}'`);
  const response = await request('/rooms?limit=1');
  assert.equal(response.status, 200);
});

test('health checks tell the process from the database', async () => {
  const check = async (path: string) => (await fetch(`http://127.0.0.1:${admin?.port}${path}`)).status;
  assert.equal(await check('/live'), 200);
  assert.equal(await check('/ready'), 200);
  assert.equal(await check('/nothing'), 404);
});

test('operators see metrics and the schema cache', async () => {
  const read = async (path: string) => (await fetch(`http://127.0.0.1:${admin?.port}${path}`)).text();
  const headers = await bearer({ role: writer, sub: 'metrics' });
  const hits = async () => Number(/^pgrst_jwt_cache_hits_total (\d+)$/m.exec(await read('/metrics'))?.[1]);
  await request('/secrets', { headers });
  const before = await hits();
  await request('/secrets', { headers });
  assert.equal(await hits(), before + 1);
  assert.match(await read('/metrics'), /^pgrst_schema_cache_loads_total{status="SUCCESS"} [1-9]/m);
  assert.match(await read('/metrics'), /^pgrst_db_pool_max 10$/m);
  // It would show secrets.
  assert.equal((await fetch(`http://127.0.0.1:${admin?.port}/config`)).status, 404);
  assert.equal(JSON.parse(await read('/schema_cache')).tables['api.rooms'].name, 'rooms');
});

test('several processes share a port, each with an admin socket of its own', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'marquee-shared-'));
  const start = async (name: string, port: number) => {
    const path = join(directory, `${name}.sock`);
    const own = await RestService.start({
      environment: environment({
        PGRST_SERVER_PORT: String(port),
        PGRST_SERVER_REUSEPORT: 'true',
        PGRST_ADMIN_SERVER_UNIX_SOCKET: path,
        PGRST_ADMIN_SERVER_UNIX_SOCKET_MODE: '600',
      }),
    });
    const listening = await listen(own);
    const administered = await listenAdmin(own, listening);
    const end = () => Promise.all([administered?.close(), listening.close()]).then(() => own.end());
    return { port: listening.port, path, address: administered?.address, end };
  };
  const first = await start('first', 0);
  const second = await start('second', first.port);
  assert.deepEqual([second.port, second.address], [first.port, second.path]);
  assert.equal((await stat(second.path)).mode & 0o777, 0o600);
  await first.end();
  assert.equal((await fetch(`http://127.0.0.1:${second.port}/rooms?limit=1`)).status, 200);
  await second.end();
  await rm(directory, { recursive: true });
});

test('a Unix socket takes the place of host and port, also after a process that was killed', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'marquee-socket-')), 'rest.sock');
  const options = {
    PGRST_SERVER_UNIX_SOCKET: path,
    PGRST_SERVER_UNIX_SOCKET_MODE: '600',
    PGRST_ADMIN_SERVER_PORT: '0',
  };
  const own = await RestService.start({ environment: environment(options) });
  const leftBehind = createServer().listen(path);
  await once(leftBehind, 'listening');
  await assert.rejects(listen(own), { code: 'port_in_use' });
  await rename(path, `${path}.kept`);
  leftBehind.close();
  await once(leftBehind, 'close');
  await rename(`${path}.kept`, path);
  const atSocket = await listen(own);
  const ownAdmin = await listenAdmin(own, atSocket);
  try {
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(path, () => socket.write('GET /rooms?id=eq.1 HTTP/1.0\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    assert.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*\[{"id":1,"title":"room 1"}\]$/);
    const live = async () => (await fetch(`http://127.0.0.1:${ownAdmin?.port}/live`)).status;
    assert.equal(await live(), 200);
    await rm(path);
    assert.equal(await live(), 500);
  } finally {
    await atSocket.close();
    await ownAdmin?.close();
    await own.end();
    await rm(dirname(path), { recursive: true });
  }
});

test('!6 is IPv6 alone', async (context) => {
  const six = await listen(
    new RestService({
      environment: environment({ PGRST_SERVER_HOST: '!6', PGRST_DB_CHANNEL_ENABLED: 'false' }),
    }),
  ).catch(() => undefined);
  if (!six) return context.skip('this machine has no IPv6');
  assert.equal((await fetch(`http://[::1]:${six.port}/rooms`)).status, 503);
  await assert.rejects(fetch(`http://127.0.0.1:${six.port}/rooms`));
  await six.close();
});

test('before the catalogs are read, requests are told to come again', async () => {
  const early = new RestService({ environment: environment({ PGRST_DB_CHANNEL_ENABLED: 'false' }) });
  const response = await early.handle({ method: 'GET', path: '/rooms', query: '', headers: {} });
  assert.equal(response.status, 503);
  assert.equal(JSON.parse(String(response.body)).code, 'PGRST002');
  assert.ok(response.headers.some(([name, value]) => name === 'Retry-After' && value === '1'));
  assert.equal(await early.ready(), false);
  await early.end();
});

test('a reload forgets what connections have prepared for other types', async () => {
  const bigint = 'alter table api.cats alter id type bigint using 1';
  await administer(
    url,
    `create table api.cats (id uuid primary key); insert into api.cats values (gen_random_uuid());
     grant select on api.cats to ${anonymous}`,
  );
  await service.reload(['schema']);
  const uuid = '00000000-0000-4000-8000-000000000000';
  assert.equal((await request(`/cats?id=eq.${uuid}`)).status, 200);
  await administer(url, bigint);
  await service.reload(['schema']);
  assert.deepEqual(await (await request('/cats?id=eq.1')).json(), [{ id: 1 }]);
});

test('requests are logged from the level on that is asked, with the role that they had', async () => {
  const events: ServiceEvent[] = [];
  const own = await RestService.start({
    environment: environment({ PGRST_LOG_LEVEL: 'warn', PGRST_DB_CHANNEL_ENABLED: 'false' }),
    log: (event) => events.push(event),
  });
  const logged = await listen(own);
  let missingBytes = 0;
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${logged.port}${path}`, { headers: { 'user-agent': 'test' } });
  try {
    assert.equal((await ask('/rooms')).status, 200);
    const missing = await ask('/nothing?id=eq.1');
    assert.equal(missing.status, 404);
    missingBytes = Buffer.byteLength(await missing.text());
    const refused = await ask('/rooms?id=nothing.1');
    assert.equal(refused.status, 400);
  } finally {
    await logged.close();
    await own.end();
  }
  const [first] = events.filter((event) => event.event === 'request');
  assert.equal(events.length, 2);
  assert.deepEqual(first, {
    level: 'warn',
    event: 'request',
    address: '127.0.0.1',
    role: anonymous,
    request: 'GET /nothing?id=eq.1 HTTP/1.1',
    status: 404,
    bytes: missingBytes,
    referer: undefined,
    agent: 'test',
  });
});

test('the SQL of what is logged of requests is logged too, where that is wanted', async () => {
  const events: ServiceEvent[] = [];
  const own = await RestService.start({
    environment: environment({
      PGRST_LOG_LEVEL: 'warn',
      PGRST_LOG_QUERY: 'true',
      PGRST_DB_CHANNEL_ENABLED: 'false',
    }),
    log: (event) => events.push(event),
  });
  try {
    for (const query of ['id=eq.1', 'id=eq.nonsense'])
      await own.handle({ method: 'GET', path: '/rooms', query, headers: {} });
  } finally {
    await own.end();
  }
  const [query, ...others] = events;
  assert.deepEqual(others, []);
  assert.ok(query?.event === 'query' && query.level === 'warn');
  assert.match(query.sql, /from "api"\."rooms"/i);
});

test('a channel of another name is listened at after a reload', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'marquee-channel-'));
  const configurationFile = join(directory, 'rest.conf');
  await writeFile(configurationFile, 'db-channel = "first"');
  const own = await RestService.start({ environment: environment(), configurationFile });
  try {
    const listeners = async () => {
      const { rows } = await administer(
        url,
        "select query from pg_stat_activity where query like 'listen%' and datname = current_database()",
      );
      return rows.map(({ query }) => query);
    };
    assert.ok((await listeners()).includes('listen "first"'));
    await writeFile(configurationFile, 'db-channel = "second"');
    await own.reload(['config']);
    assert.ok((await listeners()).includes('listen "second"'));
    await writeFile(configurationFile, 'db-channel-enabled = false');
    await own.reload(['config']);
    await until(async () => !(await listeners()).some((query) => /first|second/.test(query)));
  } finally {
    await own.end();
    await rm(directory, { recursive: true });
  }
});

test('without automatic recovery a lost database is not waited for', async () => {
  const own = await RestService.start({
    environment: environment({ PGRST_DB_POOL_AUTOMATIC_RECOVERY: 'false', PGRST_DB_CHANNEL: 'lost' }),
  });
  try {
    await administer(
      url,
      'select pg_terminate_backend(pid) from pg_stat_activity where query = \'listen "lost"\'',
    );
    await assert.rejects(own.lost, { code: 'database_lost' });
  } finally {
    await own.end();
  }
  const nowhere = environment({
    PGRST_DB_URI: 'postgresql://unknown@127.0.0.1:1/nowhere',
    PGRST_DB_POOL_AUTOMATIC_RECOVERY: 'false',
  });
  await assert.rejects(RestService.start({ environment: nowhere }), { code: 'database_lost' });
});

test('who waits too long for a connection is told so', async () => {
  const small = await RestService.start({
    environment: environment({
      PGRST_DB_POOL: '1',
      PGRST_DB_POOL_ACQUISITION_TIMEOUT: '1',
      PGRST_DB_CHANNEL_ENABLED: 'false',
    }),
  });
  try {
    const ask = (path: string, query: string) => small.handle({ method: 'GET', path, query, headers: {} });
    const slow = ask('/rpc/nap', 'seconds=1.5');
    const response = await ask('/rooms', '');
    assert.equal(response.status, 504);
    assert.equal(JSON.parse(String(response.body)).code, 'PGRST003');
    assert.equal((await slow).status, 204);
  } finally {
    await small.end();
  }
});

test('a server that closes lets requests end, and no connection keeps it open', async () => {
  const other = await listen(service);
  const slow = fetch(`http://127.0.0.1:${other.port}/rpc/nap?seconds=2`);
  const underWay =
    "select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
  await until(async () => (await administer(url, underWay)).rowCount === 1, 'the request to be under way');
  await other.close();
  assert.equal((await slow).status, 204);
});

test('a login that is refused ends the start with what to do', async () => {
  const wrong = new URL(loginUrl);
  wrong.pathname = '/no_such_database';
  await assert.rejects(RestService.start({ environment: environment({ PGRST_DB_URI: wrong.toString() }) }), {
    code: 'login_refused',
  });
});
