import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Hono } from 'hono';
import pg from 'pg';
import { createApp } from '@/server/app';
import { createLogger, Metrics } from '@/server/observability';

const lines: Record<string, unknown>[] = [];
const sink = new Writable({
  write(chunk: Buffer, _, done) {
    lines.push(JSON.parse(chunk.toString()));
    done();
  },
});

/** The HTTP application with parts that fail as told: what fails in production is what no test foresees. */
function failing(error: unknown) {
  const parts = {
    logger: createLogger('info', sink),
    metrics: new Metrics(),
    application: { ping: async () => {} },
    operations: { jobs: {} },
    manager: { answer: () => Promise.reject(error) },
    signIn: { recognize: () => Promise.reject(error), authenticate: () => Promise.reject(error) },
  };
  return createApp(parts as never, {} as never, { onClose() {} } as never, { routes: () => new Hono() });
}

async function logged(path: string, error: unknown, init: RequestInit = {}) {
  lines.length = 0;
  const headers = { authorization: 'Bearer x', 'x-request-id': 'request-0001' };
  const response = await failing(error).request(path, { headers, ...init }, { prefix: '', address: '' });
  return { response, lines: [...lines] };
}

for (const path of ['/rest/v1/accounts', '/api/session', '/auth/v1/user', '/api/people']) {
  test(`a 500 at ${path} is logged once, with its cause and the request’s id`, async () => {
    const cause = new Error('connect failed: postgres://router:hunter2@db/x');
    const { response, lines: log } = await logged(path, new TypeError('x is not a function', { cause }));
    assert.equal(response.status, 500);
    assert.equal(log.length, 1);
    const [{ requestId, level, err }] = log as [{ requestId: string; level: number; err: unknown }];
    assert.deepEqual([requestId, level], ['request-0001', 50]);
    const { type, message, stack, cause: under } = err as Record<string, string | undefined>;
    assert.deepEqual([type, message], ['TypeError', 'x is not a function']);
    assert.match(stack ?? '', /observability/);
    assert.ok(!JSON.stringify([log, await response.text()]).includes('hunter2'));
    assert.ok(under);
  });
}

test('a request that its client left is no failure of the server', async () => {
  const left = AbortSignal.abort(new Error('left'));
  const { lines: log } = await logged('/rest/v1/accounts', left.reason, { signal: left });
  const [line] = log as [{ level: number; status: number; err?: unknown }];
  assert.deepEqual([log.length, line.level, line.status, line.err], [1, 30, 499, undefined]);
});

test('of a database’s error the log has what it was and where, and no value', async () => {
  const error = Object.assign(new pg.DatabaseError('invalid input: "4111 1111 1111 1111"', 1, 'error'), {
    severity: 'ERROR',
    code: 'XX000',
    detail: 'Key (email)=(ann@example.com) already exists.',
    routine: 'elog',
    table: 'contacts',
  });
  const { lines: log } = await logged('/rest/v1/contacts', error);
  const [{ err }] = log as [{ err: Record<string, unknown> }];
  assert.deepEqual([err.code, err.routine, err.table], ['XX000', 'elog', 'contacts']);
  assert.ok(!/4111|ann@/.test(JSON.stringify(log)));
});
