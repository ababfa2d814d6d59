// A Supabase project as its gateway and PostgREST answer, by their published statuses and codes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { expiryOutcome } from '@/lib/fleet/health/certificate';
import { probeProject } from '@/lib/fleet/health/project-round';
import { DEFAULT_THRESHOLDS } from '@/lib/fleet/health/thresholds';

let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
const project = createServer((request, response) => answer(request, response));
project.listen(0, '127.0.0.1');
await once(project, 'listening');
after(() => project.closeAllConnections());
after(() => project.close());
const { port } = project.address() as AddressInfo;

function probe(url = `http://127.0.0.1:${port}`, changes: Partial<typeof DEFAULT_THRESHOLDS> = {}) {
  return probeProject({
    ...{ name: 'project', url, serviceKey: 'service-key', memory: {} },
    thresholds: {
      ...DEFAULT_THRESHOLDS,
      round_trip_slow_ms: 60_000,
      connect_deadline_ms: 20_000,
      ...changes,
    },
    signal: new AbortController().signal,
  });
}

test('a project in order: asked once, with its key', async () => {
  const asked: unknown[] = [];
  answer = ({ url, headers }, response) => {
    asked.push([url, headers.apikey]);
    response.end('[]');
  };
  const { findings, measures } = await probe();
  assert.deepEqual(findings, []);
  assert.ok(Number.isFinite(measures.round_trip_ms));
  assert.deepEqual(asked, [['/rest/v1/accounts?select=id&limit=0', 'service-key']]);
});

for (const [status, code, cause] of [
  [401, '', 'sign_in_refused'],
  [403, '', 'sign_in_refused'],
  [404, 'PGRST205', 'schema_missing'],
  [429, '', 'rate_limited'],
  [500, '57014', 'query_not_answering'],
  [503, 'PGRST000', 'server_unreachable'],
  [503, 'PGRST002', 'server_unreachable'],
  [504, 'PGRST003', 'connections_exhausted'],
  [540, '', 'project_paused'],
  [544, '', 'query_not_answering'],
  [502, '', 'project_failing'],
] as const)
  test(`HTTP ${status} ${code}: ${cause}`, async () => {
    answer = (_, response) => {
      response.statusCode = status;
      response.end(code ? JSON.stringify({ code, message: 'secret words' }) : '<html>');
    };
    const { findings } = await probe();
    assert.equal(findings[0]?.cause, cause);
    assert.match(findings[0]?.evidence ?? '', new RegExp(`HTTP ${status}`));
    assert.doesNotMatch(JSON.stringify(findings), /secret|service-key/);
  });

test('a project that does not answer, and one that is not there', async () => {
  answer = () => {};
  const silent = await probe(undefined, { connect_deadline_ms: 50, query_deadline_ms: 50 });
  assert.equal(silent.findings[0]?.cause, 'server_not_answering');
  const { findings } = await probe('http://127.0.0.1:1');
  assert.equal(findings[0]?.cause, 'server_unreachable');
});

test('a clock that differs is found by the Date header', async () => {
  answer = (_, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    response.end('[]');
  };
  const { findings } = await probe();
  assert.equal(findings[0]?.cause, 'clock_skewed');
  assert.match(findings[0]?.evidence ?? '', /36\d\d s behind|35\d\d s behind/);
});

test('a certificate is worth a finding before it expires', () => {
  const inDays = (days: number) =>
    expiryOutcome(new Date(Date.now() + days * 86_400_000), DEFAULT_THRESHOLDS);
  assert.deepEqual(
    [40, 10, 1, -1].map((days) => inDays(days).findings[0]?.level),
    [undefined, 'degraded', 'unhealthy', 'unhealthy'],
  );
});
