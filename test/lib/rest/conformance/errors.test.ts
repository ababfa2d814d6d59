import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createTestEngine } from '../support';

const rental = await readFile(new URL('rental.sql', import.meta.url), 'utf8');
// Raises whatever SQLSTATE it is asked for.
const raising = `create function raising(code text) returns void language plpgsql as
  $$ begin raise exception 'said' using errcode = code; end $$;
  grant execute on function raising to public;`;
const api = await createTestEngine(`${rental}\n${raising}`);

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
