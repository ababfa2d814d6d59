import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createTestEngine } from '../support';

const rental = await readFile(new URL('rental.sql', import.meta.url), 'utf8');
// Raises whatever SQLSTATE it is asked for.
const raising = `create function raising(code text) returns void language plpgsql as
  $$ begin raise exception 'said' using errcode = code; end $$;
  grant execute on function raising to public;`;
// Sets whatever status and headers it is asked for.
const answering = `create function answering(status text, headers text) returns text language plpgsql as $$ begin
    perform set_config('response.status', status, true), set_config('response.headers', headers, true);
    return 'answered';
  end $$;
  create function moment() returns timestamptz stable language sql as $$ select timestamptz '2026-10-18T12:37:59Z' $$;`;
// Actors and plays are joined by a table that is not exposed.
const hidden = `create table actors (id int primary key);
  create table plays (id int primary key);
  create schema backstage;
  create table backstage.casting (actor int references actors, play int references plays, primary key (actor, play));
  create table factors (id int primary key, play int references plays);`;
const api = await createTestEngine([rental, raising, answering, hidden].join('\n'));

interface Refusal {
  status: number;
  code: string;
  message?: string;
  details?: string | null;
  hint?: string | null;
}

async function refused(method: string, pathAndQuery: string, expected: Refusal, headers = {}): Promise<void> {
  const { status, body } = await api.request(method, pathAndQuery, { headers });
  const { status: expectedStatus, ...expectedBody } = expected;
  const picked = Object.fromEntries(
    Object.keys(expectedBody).map((key) => [key, (body as Record<string, unknown>)[key]]),
  );
  assert.deepEqual({ status, ...picked }, { status: expectedStatus, ...expectedBody }, pathAndQuery);
}

test('what cannot be parsed says where and what was expected', async () => {
  const details = async (query: string) => {
    const { body } = await api.get(`/events?${query}`);
    const { message, details } = body as { message: string; details: string };
    return [message.replace(/^.*" /, ''), details];
  };
  assert.deepEqual(await details('id=noop.0'), [
    '(line 1, column 1)',
    'unexpected "o" expecting "not" or operator (eq, gt, ...)',
  ]);
  assert.deepEqual(await details('select=id,customers(name[])'), [
    '(line 1, column 18)',
    `unexpected '[' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input`,
  ]);
  assert.deepEqual(await details('order=id.ac'), [
    '(line 1, column 4)',
    'unexpected "c" expecting "asc", "desc", "nullsfirst" or "nullslast"',
  ]);
  assert.deepEqual(await details('or=()'), [
    '(line 1, column 4)',
    'unexpected ")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)',
  ]);
  assert.deepEqual(await details('or=(id.in.1,2,id.eq.3)'), [
    '(line 1, column 10)',
    'unexpected "1" expecting "("',
  ]);
  assert.deepEqual(await details('id=is.nil'), [
    '(line 1, column 5)',
    'unexpected "i" expecting isVal: (null, not_null, true, false, unknown)',
  ]);
});

test('unknown names are answered with the nearest known one', async () => {
  await refused('GET', '/event', {
    status: 404,
    code: 'PGRST205',
    message: "Could not find the table 'api.event' in the schema cache",
    hint: "Perhaps you meant the table 'api.events'",
  });
  // Less than three quarters alike: a hint would tell of what the caller may not know.
  await refused('GET', '/evexxx', { status: 404, code: 'PGRST205', hint: null });
  await refused('GET', '/rpc/ecxxx', { status: 404, code: 'PGRST202', hint: null });
  await refused('GET', '/rpc/ech', {
    status: 404,
    code: 'PGRST202',
    hint: 'Perhaps you meant to call the function api.echo',
  });
  await refused('GET', '/events?select=customer(name)', {
    status: 400,
    code: 'PGRST200',
    message: "Could not find a relationship between 'events' and 'customer' in the schema cache",
    details:
      "Searched for a foreign key relationship between 'events' and 'customer' in the schema 'api', but no matches were found.",
    hint: "Perhaps you meant 'customers' instead of 'customer'.",
  });
  await refused('GET', '/events?select=customers!nohint(name)', {
    status: 400,
    code: 'PGRST200',
    details:
      "Searched for a foreign key relationship between 'events' and 'customers' using the hint 'nohint' in the schema 'api', but no matches were found.",
    hint: null,
  });
  await refused('GET', '/events?nope=eq.1', {
    status: 400,
    code: '42703',
    message: 'column events.nope does not exist',
  });
});

test('what is not embedded cannot be filtered, ordered or limited', async () => {
  for (const query of ['crew.id=eq.1', 'crew.order=id', 'crew.limit=1', 'crew.or=(id.eq.1,id.eq.2)']) {
    await refused('GET', `/events?${query}`, {
      status: 400,
      code: 'PGRST108',
      message: "'crew' is not an embedded resource in this request",
      hint: "Verify that 'crew' is included in the 'select' query parameter.",
    });
  }
  await refused('GET', '/events?select=id,crew(name)&order=crew(name)', {
    status: 400,
    code: 'PGRST118',
    message: "A related order on 'crew' is not possible",
    details: "'events' and 'crew' do not form a many-to-one or one-to-one relationship",
  });
});

test('an aliased resource is filtered by its alias, and by its own name only where that is allowed', async () => {
  const query =
    '/customers?select=id,booked:events(id)&id=eq.1&events.id=gt.1&events.order=id&events.limit=1&events.or=(id.gt.0)';
  const allowed = await api.get(query);
  assert.deepEqual(allowed.body, [{ id: 1, booked: [{ id: 2 }] }]);
  assert.equal(
    allowed.headers.warning,
    '299 PostgRESTv16 "Embedded resource was referenced by relation name even though it has an alias. This is deprecated and will stop working in a future release. Update `events` to `booked` in query string filters, orders or limits."',
  );
  const byAlias = await api.get('/customers?select=id,booked:events(id)&id=eq.1&booked.id=eq.2');
  assert.deepEqual([byAlias.body, byAlias.headers.warning], [[{ id: 1, booked: [{ id: 2 }] }], undefined]);

  const strict = api.with({ legacyTargetNames: false });
  for (const one of ['events.id=gt.1', 'events.order=id', 'events.limit=1', 'events.or=(id.gt.0)']) {
    const { status, body } = await strict.get(`/customers?select=id,booked:events(id)&${one}`);
    assert.equal(status, 400);
    assert.deepEqual(body, {
      code: 'PGRST108',
      message: "'events' is not an embedded resource in this request",
      details: 'Target names are not allowed in filters if they have an alias',
      hint: "Change 'events' to 'booked' in filters, orders or limits.",
    });
  }
  const twice = await strict.get(
    '/customers?select=id,first:events(id),events(id)&id=eq.1&first.id=eq.1&events.id=eq.2',
  );
  assert.deepEqual(twice.body, [{ id: 1, first: [{ id: 1 }], events: [{ id: 2 }] }]);
});

test('there is no hint at another table where both are related by one that is not exposed', async () => {
  await refused('GET', '/actors?select=plays(id)', { status: 400, code: 'PGRST200', hint: null });
});

test('the time zone is PostgreSQL’s to judge, whatever the handling', async () => {
  const at = async (prefer: string) => {
    const { status, body, headers } = await api.request('GET', '/rpc/moment', { prefer });
    return { status, body, applied: headers['preference-applied'] };
  };
  const applied = 'timezone=America/Los_Angeles';
  assert.deepEqual(await at(applied), { status: 200, body: '2026-10-18T05:37:59-07:00', applied });
  // PostgreSQL reads offsets with a colon as POSIX does, hours alone as others do.
  assert.equal((await at('timezone=+05:30')).body, '2026-10-18T07:07:59-05:30');
  assert.equal((await at('timezone=-4')).body, '2026-10-18T08:37:59-04:00');
  for (const handling of ['', 'handling=strict, ', 'handling=lenient, ']) {
    const { status, body } = await at(`${handling}timezone=Jupiter/Red_Spot`);
    assert.equal(status, 400, handling);
    assert.deepEqual(body, {
      code: '22023',
      message: 'invalid value for parameter "TimeZone": "Jupiter/Red_Spot"',
      details: null,
      hint: null,
    });
  }
  assert.equal((await at('timezone=05:30:15')).status, 400);
});

test('a status or headers that HTTP cannot carry are an error of their own', async () => {
  const answer = async (status: string, headers = '') => {
    const got = await api.request('POST', '/rpc/answering', { body: { status, headers } });
    return [got.status, (got.body as Refusal).code];
  };
  for (const status of ['99', '100', '199', '600', '1000', '99999999999', 'teapot', '-200', ' 200'])
    assert.deepEqual(await answer(status), [500, 'PGRST112'], status);
  for (const status of ['200', '418', '599', '404 Not Found'])
    assert.equal((await answer(status))[0], Number.parseInt(status, 10));
  const badHeaders = [
    '{}',
    'nonsense',
    '[{"a": "b", "c": "d"}]',
    '[{"a": 1}]',
    '[{"a b": "c"}]',
    '[{"": "c"}]',
    '[{"a": "b\\r\\nset-cookie: c"}]',
    '[{"a": "\\u0000"}]',
  ];
  for (const headers of badHeaders)
    assert.deepEqual(await answer('200', headers), [500, 'PGRST111'], headers);
  assert.equal((await answer('200', '[{"X-City": "Zürich"}]'))[0], 200);
  for (const code of ['PT000', 'PT099', 'PT600', 'PTABC']) {
    const { status } = await api.request('POST', '/rpc/raising', { body: { code } });
    assert.equal(status, 500, code);
  }
});

test('methods, schemas, paths, ranges and aggregates have their limits', async () => {
  await refused('TRACE', '/events', {
    status: 405,
    code: 'PGRST117',
    message: 'Unsupported HTTP method: TRACE',
  });
  await refused('DELETE', '/rpc/forget', {
    status: 405,
    code: 'PGRST101',
    message: 'Cannot use the DELETE method on RPC',
  });
  await refused(
    'GET',
    '/events',
    {
      status: 406,
      code: 'PGRST106',
      message: 'Invalid schema: secret',
      hint: 'Only the following schemas are exposed: api',
    },
    { 'accept-profile': 'secret' },
  );
  await refused('GET', '/events/1/2', { status: 404, code: 'PGRST125' });
  await refused('GET', '//events', { status: 404, code: 'PGRST125' });
  await refused('GET', '/events?limit=-1', { status: 416, code: 'PGRST103' });
  await refused('GET', '/events?limit=2&offset=-3', { status: 416, code: 'PGRST103' });
  assert.equal((await api.get('/events?offset=-3')).headers['content-range'], '0-3/*');
  await refused('GET', '/events', { status: 416, code: 'PGRST103' }, { range: '5-2' });
  await refused('GET', '/events?select=id.sum()', { status: 400, code: 'PGRST123' });
  await refused('GET', '/events?id=eq.x', { status: 400, code: '22P02' });
});

test('a request nested beyond the stack is refused, not a failure of the server', async () => {
  const depth = 20_000;
  const and = `${'(and'.repeat(depth)}(id.is.null)${')'.repeat(depth)}`;
  await refused('GET', `/events?and=${and}`, { status: 400, code: 'PGRST100' });
});

test('a missing privilege depends on who asks', async () => {
  const denied = Object.assign(new Error('permission denied for table events'), {
    code: '42501',
    severity: 'ERROR',
  });
  const request = { method: 'GET', path: '/events', query: '', headers: {} };
  const run = () => Promise.reject(denied);
  assert.equal((await api.engine.handle(request, { run })).status, 403);
  const anonymous = await api.engine.handle(request, { run, authenticated: false });
  assert.equal(anonymous.status, 401);
  assert.ok(anonymous.headers.some(([name]) => name === 'WWW-Authenticate'));
});

test('what PostgreSQL did not say is not an answer', async () => {
  const request = { method: 'GET', path: '/events', query: '', headers: {} };
  const broken = new Error('Connection terminated unexpectedly');
  await assert.rejects(api.engine.handle(request, { run: () => Promise.reject(broken) }), broken);
});

/** PostgREST's documentation, "Errors from PostgreSQL": HTTP status by SQLSTATE or class, the more exact one first. */
const STATUS_OF: [codes: string[], status: number][] = [
  [['08000', '08P01'], 503],
  [['09000'], 500],
  [['0L000'], 403],
  [['0P000'], 403],
  [['23503', '23505'], 409],
  [['25006'], 405],
  [['25000', '25P02'], 500],
  [['28000', '28P01'], 403],
  [['2D000'], 500],
  [['38000'], 500],
  [['39000'], 500],
  [['3B001'], 500],
  [['40001', '40P01'], 500],
  [['53400'], 500],
  [['53000', '53100', '53300'], 503],
  [['54000', '54001'], 500],
  [['55006', '55P03'], 500],
  [['57014', '57P03'], 500],
  [['57P01'], 503],
  [['58000'], 500],
  [['F0000'], 500],
  [['HV000'], 500],
  [['P0001'], 400],
  [['P0002', 'P0000'], 500],
  [['XX000'], 500],
  [['42883', '42P01'], 404],
  [['42P17'], 500],
  [['PT402'], 402],
  [['21000'], 500],
  // Everything else.
  [['22001', '22P02', '23502', '23514', '23P01', '42703', '44000', 'MQ001', 'ZZ999'], 400],
];

test('every class of the database’s errors has the status that PostgREST documents', async () => {
  for (const [codes, expected] of STATUS_OF)
    for (const code of codes) {
      const { status, body } = await api.request('POST', '/rpc/raising', { body: { code } });
      assert.deepEqual([(body as Refusal).code, status], [code, expected]);
    }
});
