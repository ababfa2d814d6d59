import { createRoute, z } from '@hono/zod-openapi';
import { type AnswerOf, createRouter, IdempotencyHeader, json, jsonBody } from '../api/router';
import type { ServerDependencies } from '../dependencies';
import { forOperators } from '.';

const State = z
  .object({
    isOffered: z.boolean().openapi({ description: 'False on every real installation.' }),
    endsAt: z.date().nullable().openapi({ description: 'Null while it is off.' }),
    tenants: z.array(
      z.object({
        subdomain: z.string(),
        reads: z.number().int(),
        writes: z.number().int(),
        failed: z.number().int(),
        lastError: z.string().nullable(),
        slowestMs: z.number().openapi({ description: 'Of the last 15 s.' }),
      }),
    ),
  })
  .openapi('DemoTraffic');

export type DemoTrafficAnswer = AnswerOf<typeof State>;

/** `/api/operator/demo-traffic`: a switch that only the demo has. */
export function operatorDemoTrafficRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { demoTraffic } = parts;
  const answer = () => {
    const off = { isOffered: false, endsAt: null, tenants: [] };
    return demoTraffic ? { isOffered: true, ...demoTraffic.state() } : off;
  };

  const read = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'Simulated requests of the demo’s users, to watch while a tenant is moved.',
    responses: { 200: json(State, 'What they have done, by tenant.') },
  });
  routes.openapi(read, async (context) => {
    return context.json(answer(), 200);
  });

  const change = createRoute({
    method: 'put',
    path: '/',
    middleware: forOperators(parts, 'moves.change'),
    tags: ['Operator'],
    summary: 'Turns them on for five minutes, or off. Does nothing where there is no demo.',
    request: { headers: IdempotencyHeader, body: jsonBody(z.object({ on: z.boolean() })) },
    responses: { 200: json(State, 'As it is now.') },
  });
  routes.openapi(change, async (context) => {
    if (context.req.valid('json').on) demoTraffic?.start();
    else await demoTraffic?.stop();
    return context.json(answer(), 200);
  });

  return routes;
}
