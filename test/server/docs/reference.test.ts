// The description of the API says everything that the server answers, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { createApp } from '@/server/app';
import { WebFiles } from '@/server/http/web-files';
import { LiveChanges } from '@/server/live/live-changes';
import { createLogger } from '@/server/observability';
import { startCompany } from '../api/start-company';

const company = await startCompany();

interface Described {
  openapi: string;
  paths: Record<string, Record<string, unknown> & { servers?: { url: string }[] }>;
}

async function description(prefix = ''): Promise<Described> {
  const answer = await company.ask('anonymous', 'GET', `${prefix}/api/openapi.json`);
  assert.equal(answer.status, 200);
  return (await answer.json()) as Described;
}

/** Every route as `GET /api/people/{}`: as it is described, or as it is served. */
const said = (method: string, path: string) =>
  `${method.toUpperCase()} ${path.replace(/\{[^}]+\}|:[a-z]+(\{[^}]+\})?/gi, '{}').replace(/(.)\/$/, '$1')}`;

async function served(): Promise<string[]> {
  const parts = {
    ...company,
    signIn: {},
    logger: createLogger('silent'),
    metrics: {},
    services: { operations: company.operations },
  };
  const app = createApp(
    parts as never,
    await WebFiles.load('/nonexistent'),
    new LiveChanges(company.application, company.manager),
    { routes: () => new Hono() },
  );
  // Middleware, and what answers any method, stand for all: the rows are described by hand, pages are the web application's,
  // and /storage/v1 is Supabase's API, which its clients describe.
  return app.routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '*' && path !== '/*')
    .filter(({ path }) => !path.startsWith('/storage/v1'))
    .map(({ method, path }) => said(method, path));
}

test('every route that is served is described, and every one described is served', async () => {
  const { openapi, paths } = await description();
  assert.equal(openapi, '3.1.0');
  const described = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => method !== 'servers')
      .map((method) => said(method, item.servers ? path : `/api${path}`)),
  );
  const routes = new Set(await served());
  // Rows of any table, and the page of the web application.
  const byHand = described.filter((one) => one.includes(' /rest/v1') || one === 'GET /docs');
  assert.ok(routes.size > 60);
  assert.ok(described.includes('GET /api/people') && described.includes('POST /api/account/second-factor'));
  assert.deepEqual(
    [...routes].filter((one) => !described.includes(one)),
    [],
  );
  assert.deepEqual(
    described.filter((one) => !routes.has(one)),
    byHand,
  );
});

test('what is described below a company’s address leads there', async () => {
  const { paths } = await description('/t/a');
  assert.deepEqual(paths['/auth/v1/token']?.servers, [{ url: '/t/a' }]);
  assert.equal(paths['/people']?.servers, undefined);
});

test('every operation says what it does and what it answers', async () => {
  const { paths } = await description();
  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item)) {
      if (method === 'servers') continue;
      const { summary, responses, tags } = operation as Record<string, unknown>;
      assert.ok(summary && tags && Object.keys(responses as object).length > 1, `${method} ${path}`);
    }
});
