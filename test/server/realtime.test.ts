// What Supabase's real client does with channels at `/realtime/v1`: rows, broadcasts and presence, over two servers.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { createClient, type RealtimeChannel, type SupabaseClient } from '@supabase/supabase-js';
import { WebSocket as PlainSocket } from 'ws';
import type { UserRole } from '@/lib/application';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { ApiKeys, Sessions } from '@/lib/identity';
import { type RunningServer, startServer } from '@/server';
import { moveEmptyTenant } from '../lib/data-sources/installation';
import { administer, createTestDatabase } from '../support/postgres';
import { inTime, until } from '../support/until';
import { apiKeyOf } from './api-key';
import { PASSWORD, startServing } from './serving';

const serving = await startServing();
const { url, tenantIds, operations } = serving;
const second = await startSecond();
for (const role of ['staff', 'sales', 'manager'] as const) {
  await serving.addUser(tenantIds.a, `${role}@a.example`, role);
}

const clients: SupabaseClient[] = [];
after(async () => {
  for (const client of clients) await client.realtime.disconnect();
});

async function startSecond(port = 0): Promise<RunningServer> {
  const server = await startServer({
    application: serving.application,
    operations,
    manager: serving.newManager(),
    tokens: serving.tokens,
    host: '127.0.0.1',
    port,
    logLevel: 'silent',
    webDirectory: '/nonexistent',
  });
  after(() => server.close());
  return server;
}

/** The real client, signed in by role, or with a key. */
async function clientOf(
  tenant: 'a' | 'b',
  who: UserRole | 'service' | 'anon',
  { base = url, vsn }: { base?: string; vsn?: string } = {},
): Promise<SupabaseClient> {
  const isKey = who === 'service' || who === 'anon';
  const client = createClient(base, await apiKeyOf(operations, tenantIds[tenant], isKey ? who : 'anon'), {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { ...(vsn ? { vsn: vsn as never } : {}), reconnectAfterMs: () => 100 },
  });
  clients.push(client);
  if (!isKey) {
    const { error } = await client.auth.signInWithPassword({
      email: `${who}@${tenant}.example`,
      password: PASSWORD,
    });
    if (error) throw error;
  }
  return client;
}

const there = `http://127.0.0.1:${second.port}`;
const [owner, viewer, staff, stranger, service] = await Promise.all([
  clientOf('a', 'owner'),
  clientOf('a', 'viewer', { base: there }),
  clientOf('a', 'staff'),
  clientOf('b', 'owner'),
  clientOf('a', 'service', { base: there }),
]);

/** Resolves when the channel is joined; rejects with the reason where it is not. */
function joined(channel: RealtimeChannel): Promise<RealtimeChannel> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === 'SUBSCRIBED') resolve(channel);
      else reject(error ?? new Error(status));
    });
  });
}

interface Event {
  eventType: string;
  table: string;
  schema: string;
  commit_timestamp: string;
  new: Record<string, unknown>;
  old: Record<string, unknown>;
}

interface Wanted {
  event?: string;
  table?: string;
  filter?: string;
}

/** A channel's events of rows, as they come. */
async function listen(client: SupabaseClient, wanted: Wanted = {}): Promise<Event[]> {
  const events: Event[] = [];
  const filter = { event: '*', schema: 'public', ...wanted };
  const channel = client.channel(randomUUID());
  await joined(channel.on('postgres_changes', filter as never, (event: Event) => events.push(event)));
  return events;
}

async function insert(client: SupabaseClient, table: string, row: Record<string, unknown>) {
  return (await client.from(table).insert(row).select().single().throwOnError()).data;
}

/** Changes something that the listener reads, and waits for it: what came before it has been told. */
async function settled(events: Event[], client: SupabaseClient, table = 'leads'): Promise<void> {
  const { id } = await insert(
    client,
    table,
    table === 'leads' ? { first_name: 'Last', last_name: 'One' } : { name: 'Last' },
  );
  await until(() => events.some((event) => event.new.id === id), 'the last change');
  events.splice(
    events.findIndex((event) => event.new.id === id),
    1,
  );
}

test('each insert, update and delete comes once and in order, to another process too, as Supabase tells it', async () => {
  const [mine, elsewhere, theirs] = [
    await listen(owner, { table: 'accounts' }),
    await listen(service, { table: 'accounts' }),
    await listen(stranger, { table: 'accounts' }),
  ];
  const account = await insert(owner, 'accounts', { name: 'Made' });
  for (const name of ['Once', 'Twice', 'Thrice']) {
    await owner.from('accounts').update({ name }).eq('id', account.id).throwOnError();
  }
  await until(() => mine.length >= 4 && elsewhere.length >= 4);
  await owner.from('accounts').delete().eq('id', account.id).throwOnError();
  await until(() => mine.length >= 5 && elsewhere.length >= 5);
  await settled(mine, owner, 'accounts');
  for (const events of [mine, elsewhere]) {
    const said = events.filter(({ new: row, old }) => [row.id, old.id].includes(account.id));
    assert.deepEqual(
      said.map(({ eventType, new: row }) => [eventType, row.name]),
      [
        ['INSERT', 'Made'],
        ['UPDATE', 'Once'],
        ['UPDATE', 'Twice'],
        ['UPDATE', 'Thrice'],
        ['DELETE', undefined],
      ],
    );
    assert.deepEqual(said[1]?.old, { id: account.id, tenant_id: account.tenant_id });
    assert.deepEqual(said[4]?.old, { id: account.id, tenant_id: account.tenant_id });
    assert.deepEqual([said[0]?.schema, said[0]?.table], ['public', 'accounts']);
    assert.ok(Date.parse(said[0]?.commit_timestamp ?? '') > Date.now() - 60_000);
    assert.match(said[0]?.commit_timestamp ?? '', /^[-\d]+T[:\d]+\.\d{3}Z$/);
  }
  // With the columns that a read gives, as a read gives them.
  assert.deepEqual(mine[0]?.new, account);
  assert.deepEqual(theirs, []);
});

test('filters choose rows and events; several conditions, lists and negations too', async () => {
  const leads = await Promise.all(
    [
      { event: 'INSERT', filter: 'status=eq.working' },
      { filter: 'status=in.(working,qualified)' },
      { event: 'UPDATE', filter: 'status=not.in.(new),first_name=like.Fil%' },
      { event: 'DELETE', filter: 'first_name=ilike.FIL_er' },
      { filter: 'first_name=eq."Fil,ter"' },
    ].map((wanted) => listen(owner, { table: 'leads', ...wanted })),
  );
  const all = await listen(owner, { table: 'leads' });
  const statuses = new Set<string>();
  const lead = await insert(owner, 'leads', { first_name: 'Filter', last_name: 'x' });
  statuses.add(lead.status);
  await owner.from('leads').update({ status: 'qualified' }).eq('id', lead.id).throwOnError();
  await owner.from('leads').delete().eq('id', lead.id).throwOnError();
  const quoted = await insert(owner, 'leads', { first_name: 'Fil,ter', last_name: 'x' });
  await settled(all, owner);
  await until(() => (leads[4]?.length ?? 0) > 0);
  const said = leads.map((events) =>
    events.map(({ eventType, new: row, old }) => [eventType, row.id ?? old.id]),
  );
  assert.deepEqual(said[0], []);
  assert.deepEqual(said[3], [['DELETE', lead.id]]);
  assert.deepEqual(said[4], [['INSERT', quoted.id]]);
  for (const wrong of ['status', 'status=~.x', 'nothing=eq.1', 'status=in.new']) {
    await assert.rejects(listen(owner, { table: 'leads', filter: wrong }), /filter/);
  }
  await assert.rejects(listen(owner, { table: 'nowhere' }), /no table nowhere/);
});

test('a filter names the tenant by either of its ids', async () => {
  const idThere = randomUUID();
  const { id } = await provisionTenant(serving, {
    ...{ name: 'Company c', subdomain: 'c', dataSource: 'shared', tenantIdInDataSource: idThere },
  });
  const client = createClient(url, await apiKeyOf(operations, id, 'service'));
  clients.push(client);
  const told = await Promise.all(
    [
      `tenant_id=eq.${id}`,
      `tenant_id=eq.${idThere}`,
      `tenant_id=in.(${id}),name=eq.Mine`,
      `tenant_id=neq.${id}`,
    ].map((filter) => listen(client, { table: 'accounts', filter })),
  );
  await insert(client, 'accounts', { name: 'Mine' });
  await until(() => told.slice(0, 3).every(({ length }) => length > 0));
  await settled(told[0] ?? [], client, 'accounts');
  assert.deepEqual(
    told.slice(2).map((events) => events.map(({ new: row }) => row.name)),
    [['Mine'], []],
  );
});

test('a row is told only to those who read it, with the columns that they read', async () => {
  const [toOwner, toViewer, toStaff] = await Promise.all([listen(owner), listen(viewer), listen(staff)]);
  const account = await insert(owner, 'accounts', { name: 'Of a note' });
  const about = { entity_type: 'account', entity_id: account.id };
  const product = await insert(service, 'products', { name: 'Frame', cost: 3, price: 10 });
  const secret = await insert(owner, 'notes', { ...about, content: 'For me', visibility: 'private' });
  // Others may read what it says now, not what it said before.
  const opened = await insert(owner, 'notes', { ...about, content: 'A draft', visibility: 'private' });
  await owner
    .from('notes')
    .update({ visibility: 'team', content: 'For all' })
    .eq('id', opened.id)
    .throwOnError();
  await service.from('products').delete().eq('id', product.id).throwOnError();
  const type = await insert(service, 'equipment_types', { name: `Type ${randomUUID()}`, category: 'booth' });
  for (const events of [toOwner, toViewer, toStaff]) {
    await until(() => events.some((one) => one.new.id === type.id), 'what everyone reads');
  }
  const of = (events: Event[], id: string) =>
    events.filter(({ new: row, old }) => row.id === id || old.id === id);
  assert.equal(of(toOwner, secret.id).length, 1);
  assert.deepEqual([of(toViewer, secret.id), of(toStaff, secret.id)], [[], []]);
  assert.ok(of(toViewer, opened.id).length > 0);
  assert.ok(of(toViewer, opened.id).every(({ new: row }) => row.content === 'For all'));
  // The crew read no products: not even that one is gone.
  assert.deepEqual([of(toStaff, product.id), of(toStaff, account.id)], [[], []]);
  const frame = await insert(service, 'products', { name: 'Frame', cost: 3, price: 10 });
  await until(() => of(toViewer, frame.id).length > 0 && of(toOwner, frame.id).length > 0);
  assert.equal(of(toOwner, frame.id)[0]?.new.cost, 3);
  assert.ok(!('cost' in (of(toViewer, frame.id)[0]?.new ?? {})));
  await assert.rejects(listen(viewer, { table: 'products', filter: 'cost=gt.1' }), /may not be read/);
});

test('what is written past Marquee is told as well', async () => {
  const events = await listen(owner, { table: 'accounts' });
  const tenant = (await owner.from('accounts').select('tenant_id').limit(1).single().throwOnError()).data
    .tenant_id;
  await administer(serving.dataSourceUrl, "insert into accounts (tenant_id, name) values ($1, 'By hand')", [
    tenant,
  ]);
  await until(() => events.some(({ new: row }) => row.name === 'By hand'));
});

test('a flood comes whole and in order', async () => {
  const events = await listen(viewer, { table: 'leads', event: 'INSERT' });
  const rows = Array.from({ length: 1_300 }, (_, number) => ({
    first_name: 'Flood',
    last_name: `${number}`,
  }));
  await owner.from('leads').insert(rows).throwOnError();
  await until(() => events.length >= 1_300, 'the flood');
  await settled(events, owner);
  assert.deepEqual(
    events.map(({ new: row }) => row.last_name),
    rows.map((row) => row.last_name),
  );
});

test('a company hears of its rows while it is moved to another database', async () => {
  const adminUrl = await createTestDatabase('elsewhere');
  await provisionDataSource(operations, { name: 'elsewhere', kind: 'shared', adminUrl });
  const [here, elsewhere] = [
    await listen(stranger, { table: 'accounts' }),
    await listen(await clientOf('b', 'service', { base: there }), { table: 'accounts' }),
  ];
  await insert(stranger, 'accounts', { name: 'Before' });
  await until(() => here.length === 1 && elsewhere.length === 1);
  await moveEmptyTenant(serving, tenantIds.b, 'elsewhere');
  // What a move carries: the lease, and events not read yet.
  const { tenantIdInDataSource } = await serving.application.tenants.get(tenantIds.b);
  await administer(
    adminUrl,
    "insert into tenancy.realtime_lease (tenant_id, name, until) values ($1, 'rows', now() + interval '2 minutes')",
    [tenantIdInDataSource],
  );
  const unread = { name: 'Unread', id: randomUUID() };
  await administer(
    adminUrl,
    `insert into tenancy.realtime_changes (tenant_id, origin, xid, table_name, operation, row_id, record)
     values ($1, 'of the source', 7, 'accounts', 'INSERT', $2, $3)`,
    [tenantIdInDataSource, unread.id, unread],
  );
  await insert(stranger, 'accounts', { name: 'After' });
  await until(() => elsewhere.length >= 3);
  assert.deepEqual(
    elsewhere.map(({ new: row }) => row.name),
    ['Before', 'Unread', 'After'],
  );
  await until(() => here.length >= 2);
  // No row of that id is there for a user to read.
  assert.deepEqual(
    here.map(({ new: row }) => row.name),
    ['Before', 'After'],
  );
});

test('a broadcast reaches the channel in every process and version, in its company only', async () => {
  const topic = `room ${randomUUID()}`;
  const old = await clientOf('a', 'viewer', { vsn: '1.0.0' });
  const heard: Record<string, unknown[]> = { owner: [], viewer: [], old: [], stranger: [], echo: [] };
  const follow = async (name: string, client: SupabaseClient, config = {}) => {
    const channel = client.channel(topic, { config });
    channel.on('broadcast', { event: '*' }, ({ event, payload }) => heard[name]?.push([event, payload]));
    return joined(channel);
  };
  const sender = await follow('owner', owner, { broadcast: { ack: true } });
  const elsewhere = await follow('viewer', viewer);
  await follow('old', old);
  await follow('stranger', stranger);
  await follow('echo', await clientOf('a', 'sales'), { broadcast: { self: true } });
  const long = 'ü'.repeat(60_000);
  assert.equal(await sender.send({ type: 'broadcast', event: 'moved', payload: { x: 1, long } }), 'ok');
  await until(() => heard.viewer?.length === 1 && heard.old?.length === 1 && heard.echo?.length === 1);
  assert.deepEqual(heard.viewer, [['moved', { x: 1, long }]]);
  assert.deepEqual(heard.old, heard.viewer);
  const bytes = new Uint8Array([1, 2, 250]).buffer;
  await sender.send({ type: 'broadcast', event: 'bytes', payload: bytes });
  assert.deepEqual(await elsewhere.httpSend('over http', { y: 2 }), { success: true });
  await until(() => heard.viewer?.length === 3 && heard.old?.length === 2);
  // What goes over the socket and what goes over HTTP may overtake each other.
  const [, sent] = (heard.viewer as [string, ArrayBuffer][]).find(([event]) => event === 'bytes') ?? [];
  assert.deepEqual([...new Uint8Array(sent ?? new ArrayBuffer())], [1, 2, 250]);
  assert.deepEqual(heard.owner, [['over http', { y: 2 }]]);
  assert.deepEqual(heard.stranger, []);
  const large = { type: 'broadcast' as const, event: 'large', payload: { text: 'x'.repeat(300_000) } };
  assert.equal(await sender.send(large), 'error');
  // A binary frame says the length of the name in one byte.
  for (const content of [{ y: 3 }, bytes]) {
    await assert.rejects(elsewhere.httpSend('é'.repeat(128), content), /255 bytes/);
  }
});

test('who is present is known in every process, until they leave', async () => {
  const topic = `presence ${randomUUID()}`;
  const follow = (client: SupabaseClient, key: string) => {
    const channel = client.channel(topic, { config: { presence: { key } } });
    return joined(channel.on('presence', { event: 'sync' }, () => {}));
  };
  const mine = await follow(owner, 'owner');
  const theirs = await follow(viewer, 'constructor');
  const foreign = await follow(stranger, 'stranger');
  assert.equal(await mine.track({ at: 1 }), 'ok');
  assert.equal(await theirs.track({ at: 2 }), 'ok');
  const present = (channel: RealtimeChannel) =>
    Object.entries(channel.presenceState())
      .map(([key, [meta]]) => [key, (meta as { at?: number })?.at])
      .sort();
  const both = [
    ['constructor', 2],
    ['owner', 1],
  ];
  await until(() => present(mine).length === 2 && present(theirs).length === 2);
  assert.deepEqual([present(mine), present(theirs), present(foreign)], [both, both, []]);
  await mine.track({ at: 3 });
  await until(() => present(theirs)[1]?.[1] === 3);
  // A third who comes later sees both.
  const late = await follow(await clientOf('a', 'manager'), 'late');
  await until(() => present(late).length === 2);
  await viewer.removeChannel(theirs);
  await until(() => present(mine).length === 1 && present(late).length === 1);
  await mine.untrack();
  await until(() => present(late).length === 0);
});

/** A client of the protocol's first version that sends what it is told, and keeps what it hears. */
async function plainClient(key: string, headers: Record<string, string> = {}) {
  const socket = new PlainSocket(
    `${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${key}&vsn=1.0.0`,
    {
      headers,
    },
  );
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  after(() => socket.close());
  const heard: { event: string; ref: unknown; topic: string; payload: Record<string, unknown> }[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  return {
    heard,
    send: (message: object) => socket.send(JSON.stringify(message)),
    hears: (event: string) => until(() => heard.find((one) => one.event === event), event),
  };
}

test('a client without references, and without a setting for presence, is answered as by Phoenix', async () => {
  const { heard, send, hears } = await plainClient(await apiKeyOf(operations, tenantIds.a, 'service'));
  send({ topic: 'phoenix', event: 'heartbeat', payload: {}, ref: null });
  const { topic, ref, payload } = await hears('phx_reply');
  assert.deepEqual([topic, ref, payload], ['phoenix', null, { status: 'ok', response: {} }]);
  heard.length = 0;
  const room = `realtime:${randomUUID()}`;
  const config = { broadcast: { ack: false, self: false }, presence: { key: 'me' }, postgres_changes: [] };
  send({ topic: room, event: 'phx_join', payload: { config }, ref: null });
  assert.deepEqual((await hears('phx_reply')).payload, { status: 'ok', response: { postgres_changes: [] } });
  assert.deepEqual((await hears('presence_state')).payload, {});
  const tracked = { type: 'presence', event: 'track', payload: { at: 1 } };
  send({ topic: room, event: 'presence', payload: tracked, ref: '1' });
  assert.deepEqual(Object.keys(Object((await hears('presence_diff')).payload.joins)), ['me']);
  heard.length = 0;
  send({ topic: room, event: 'phx_leave', payload: {}, ref: null });
  await hears('phx_close');
  assert.deepEqual(
    heard.map(({ event }) => event),
    ['phx_reply', 'phx_close'],
  );
  heard.length = 0;
  send({ topic: room, event: 'phx_leave', payload: {}, ref: '2' });
  assert.equal((await hears('phx_reply')).payload.status, 'ok', 'it has left');
});

test('a token that comes with the connection is that of channels without one', async () => {
  const anon = await apiKeyOf(operations, tenantIds.a, 'anon');
  const { data } = await owner.auth.getSession();
  const { send, hears } = await plainClient(anon, { authorization: `Bearer ${data.session?.access_token}` });
  send({ topic: 'realtime:mine', event: 'phx_join', payload: { config: {} }, ref: '1' });
  assert.equal((await hears('phx_reply')).payload.status, 'ok');
});

test('an anon key listens to nothing, a wrong one does not connect, a token of another company does not join', async () => {
  const anon = await clientOf('a', 'anon');
  await assert.rejects(joined(anon.channel('x')), /Sign a user in/);
  const mixed = await clientOf('a', 'anon');
  const { data } = await stranger.auth.getSession();
  await mixed.realtime.setAuth(data.session?.access_token ?? '');
  await assert.rejects(joined(mixed.channel('x')), /another company/);
  for (const query of ['', '?apikey=nonsense', `?apikey=mq_anon_${'x'.repeat(43)}`]) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime/v1/websocket${query}`);
    await new Promise((resolve) => socket.addEventListener('error', resolve, { once: true }));
  }
  const nowhere = await fetch(`${url}/realtime/v1/api/tenants`);
  assert.equal(nowhere.status, 404);
  assert.match((await nowhere.json()).message, /not offered/);
  const unsigned = await fetch(`${url}/realtime/v1/api/broadcast`, { method: 'POST', body: '{}' });
  assert.equal(unsigned.status, 401);
});

test('a session that ends while its client joins a channel has none', async ({ mock }) => {
  await serving.addUser(tenantIds.a, 'joining@a.example', 'sales');
  const client = createClient(url, await apiKeyOf(operations, tenantIds.a, 'anon'), {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  clients.push(client);
  const signedIn = await client.auth.signInWithPassword({ email: 'joining@a.example', password: PASSWORD });
  const { session, user } = signedIn.data;
  assert.ok(session && user);
  const route = serving.manager.route.bind(serving.manager);
  // Reached between the check of the token and the channel.
  mock.method(
    serving.manager,
    'route',
    async (tenantId: string) => {
      await serving.application.users.bumpTokenVersion(user.id);
      const headers = { authorization: `Bearer ${session.access_token}` };
      await until(async () => (await fetch(`${url}/t/a/api/people`, { headers })).status === 401, 'the end');
      return route(tenantId);
    },
    { times: 1 },
  );
  const channel = client.channel(randomUUID());
  const filter = { event: '*', schema: 'public', table: 'leads' };
  await assert.rejects(
    joined(channel.on('postgres_changes', filter as never, () => {})),
    /session has ended/i,
  );
});

test('a session that ends, and a key that is revoked, end their channels at once and in every process', async () => {
  const leaving = await clientOf('a', 'viewer', { base: there });
  const said: unknown[] = [];
  const closed: string[] = [];
  const channel = leaving.channel('leaving').on('system', {}, (message) => said.push(message));
  await new Promise<void>((resolve) => {
    channel.subscribe((status) => {
      closed.push(status);
      if (status === 'SUBSCRIBED') resolve();
    });
  });
  const { data } = await leaving.auth.getSession();
  const session = JSON.parse(atob(data.session?.access_token.split('.')[1] ?? '')).session_id;
  await fetch(`${url}/auth/v1/logout?scope=local`, {
    method: 'POST',
    headers: { authorization: `Bearer ${data.session?.access_token}` },
  });
  assert.ok(session);
  await until(() => closed.includes('CLOSED'));
  assert.deepEqual(said, [
    { channel: 'leaving', extension: 'system', message: 'The session has ended.', status: 'error' },
  ]);

  const events: string[] = [];
  const program = await clientOf('a', 'service');
  await new Promise<void>((resolve) => {
    program.channel('program').subscribe((status) => {
      events.push(status);
      if (status === 'SUBSCRIBED') resolve();
    });
  });
  const keys = new ApiKeys({ operations, application: serving.application });
  for (const { id, kind } of await keys.list(tenantIds.a))
    if (kind === 'service') await keys.revoke(tenantIds.a, id);
  await until(() => events.includes('CLOSED'));
});

test('a token ends its channel when it expires, unless another one came before', async () => {
  const user = await serving.application.users.findByEmail(tenantIds.a, 'sales@a.example');
  assert.ok(user);
  const { id: userId, tenantId, role, tokenVersion } = user;
  const tokenOf = (seconds: number) =>
    serving.tokens.signAccessToken({ userId, tenantId, role, tokenVersion }, seconds);
  const follow = async () => {
    const client = await clientOf('a', 'anon');
    await client.realtime.setAuth(await tokenOf(2));
    const seen: string[] = [];
    const channel = client.channel('short');
    channel.subscribe((status) => seen.push(status));
    await until(() => seen.includes('SUBSCRIBED'));
    return { client, seen };
  };
  const [ending, renewed] = [await follow(), await follow()];
  await renewed.client.realtime.setAuth(await tokenOf(60));
  await until(() => ending.seen.includes('CLOSED'));
  assert.deepEqual(renewed.seen, ['SUBSCRIBED']);
});

test('an open channel is no use of its session, which ends when its user is away', async () => {
  await serving.addUser(tenantIds.a, 'admin@a.example', 'admin');
  const away = await clientOf('a', 'admin');
  const { data } = await away.auth.getSession();
  const claims = await serving.tokens.verifyAccessToken(data.session?.access_token ?? '');
  const sessionId = claims.sessionId ?? '';
  const unused = async (time: string) => {
    const change = 'update sessions set last_used_at = now() - $2::interval where id = $1';
    await operations.pool.query(change, [sessionId, time]);
    await serving.application.announceUser(claims.userId);
  };
  await unused('1 hour');
  const seen: string[] = [];
  const channel = away.channel('away', { config: { broadcast: { ack: true } } });
  channel.subscribe((status) => seen.push(status));
  await until(() => seen.includes('SUBSCRIBED'), 'joined');
  for (const seconds of [300, 301, 302]) {
    await away.realtime.setAuth(await serving.tokens.signAccessToken(claims, seconds));
    // Messages of a channel are handled in order: the token was taken when this is answered.
    assert.equal(await channel.send({ type: 'broadcast', event: 'beat', payload: {} }), 'ok');
  }
  const { lastUsedAt } = (await new Sessions(operations.pool).find(sessionId)) ?? {};
  assert.ok(lastUsedAt && lastUsedAt.getTime() < Date.now() - 1_800_000);
  await unused('15 days');
  await until(() => seen.includes('CLOSED'), 'the channel of a session that was not used');
});

test('a client that sends too much loses its channel, not its company', async () => {
  const flooding = await clientOf('a', 'manager');
  const seen: string[] = [];
  const channel = flooding.channel('flood');
  channel.subscribe((status) => seen.push(status));
  await until(() => seen.includes('SUBSCRIBED'));
  for (let count = 0; count < 1_000; count += 1) {
    void channel.send({ type: 'broadcast', event: 'again', payload: { count } });
  }
  await until(() => seen.includes('CLOSED'));
  await joined(owner.channel('calm'));
});

test('clients connect again when their server stops and another one is there', async () => {
  const third = await startSecond();
  const client = await clientOf('a', 'owner', { base: `http://127.0.0.1:${third.port}` });
  const seen: string[] = [];
  const events: Event[] = [];
  client
    .channel('again')
    .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'accounts' }, (event) =>
      events.push(event as unknown as Event),
    )
    .subscribe((status) => seen.push(status));
  await until(() => seen.includes('SUBSCRIBED'));
  const { port } = third;
  await inTime(third.close(), 'the server’s end');
  await startSecond(port);
  await until(() => seen.filter((status) => status === 'SUBSCRIBED').length === 2);
  await insert(owner, 'accounts', { name: 'Again' });
  await until(() => events.some(({ new: row }) => row.name === 'Again'));
});

test('without a lease nothing is written down', async () => {
  await administer(serving.dataSourceUrl, 'truncate tenancy.realtime_lease, tenancy.realtime_changes');
  await insert(owner, 'accounts', { name: 'Unheard' });
  const { rows } = await administer(
    serving.dataSourceUrl,
    'select count(*)::int from tenancy.realtime_changes',
  );
  assert.equal(rows[0].count, 0);
});
