import { createRoute, z } from '@hono/zod-openapi';
import { testDataSource, testNewDataSource } from '@/lib/data-sources';
import { LoginTest } from '../../api/company/login-test';
import { createRouter, json, jsonBody } from '../../api/router';
import type { ServerDependencies } from '../../dependencies';
import { forOperators } from '..';
import { BySource } from '../named';

const Tests = z.object({ tests: z.array(LoginTest) });

const Url = z.string().max(8_000);
const Rules = z.object({
  tls: z
    .enum(['verify-full', 'verify-ca', 'no-verify', 'disable'])
    .optional()
    .openapi({ description: 'Default: verify-full; nothing on this machine.' }),
  ca: z.string().max(64_000).optional().openapi({ description: 'Authorities of its certificate, in PEM.' }),
  networks: z
    .array(z.string().max(50))
    .max(20)
    .optional()
    .openapi({ description: 'Private networks that a customer’s URL may lead into, as `10.20.0.0/16`.' }),
});
const NewSource = z.discriminatedUnion('kind', [
  Rules.extend({
    kind: z.enum(['shared', 'dedicated', 'byod']),
    url: Url.openapi({ description: 'The owner’s PostgreSQL URL.' }),
  }),
  Rules.extend({
    kind: z.literal('supabase'),
    url: Url.openapi({ description: 'Of the project.' }),
    serviceKey: z.string().max(8_000),
    anonKey: z.string().max(8_000).optional(),
  }),
]);

/** `/api/operator/data-sources/…/test`: the connection test, for operators. */
export function dataSourceTestRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);

  // Needs more than the other one: it makes this server connect wherever the URL leads.
  const testUrl = createRoute({
    method: 'post',
    path: '/test',
    middleware: forOperators(parts, 'data_sources.change'),
    tags: ['Operator'],
    summary: 'Tries a database before it is added. Nothing of the request is kept, logged or answered.',
    request: { body: jsonBody(NewSource) },
    responses: { 200: json(Tests, 'One: the login in the URL. What is wrong is in its checks.') },
  });
  routes.openapi(testUrl, async (context) => {
    return context.json({ tests: [await testNewDataSource(context.req.valid('json'))] }, 200);
  });

  const testRegistered = createRoute({
    method: 'post',
    path: '/{source}/test',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'Tries each login of a registered data source.',
    request: { params: BySource },
    responses: { 200: json(Tests, 'The login that serves tenants first.') },
  });
  routes.openapi(testRegistered, async (context) => {
    return context.json(
      { tests: await testDataSource(parts.operations, context.req.valid('param').source) },
      200,
    );
  });

  return routes;
}
