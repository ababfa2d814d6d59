import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, IdempotencyHeader, jsonBody } from '@/server/api/router';
import type { ServerDependencies } from '@/server/dependencies';
import { RequestError } from '@/server/errors';

test('a route with an idempotency key keeps its own middleware, before the key and before the body', async () => {
  const taken: string[] = [];
  const parts = {
    services: { secretBox: {} },
    operations: {
      idempotentRequests: {
        take: async ({ caller }: { caller: string }) => {
          taken.push(caller);
          return { state: 'running' };
        },
      },
    },
  } as unknown as ServerDependencies;
  let mayPass = false;
  const routes = createRouter(parts);
  routes.onError((error, context) =>
    context.text(error instanceof RequestError ? error.code : String(error)),
  );
  const route = createRoute({
    method: 'post',
    path: '/{token}',
    middleware: async (_context, next) => {
      if (!mayPass) throw new RequestError('forbidden', 'Not you.');
      await next();
    },
    request: {
      headers: IdempotencyHeader,
      params: z.object({ token: z.string() }),
      body: jsonBody(z.object({ name: z.string() })),
    },
    responses: { 204: { description: 'Done.' } },
  });
  routes.openapi(route, (context) => context.body(null, 204));
  const ask = async (body: object) => {
    const token = Buffer.alloc(48).toString('base64url');
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'a-key-of-one' };
    return (
      await routes.request(`/${token}`, { method: 'POST', headers, body: JSON.stringify(body) })
    ).text();
  };
  assert.equal(await ask({ name: 1 }), 'forbidden', 'not what is wrong with the body');
  assert.deepEqual(taken, []);
  mayPass = true;
  assert.equal(await ask({ name: 'x' }), 'request_in_progress', 'the key is looked at too');
  assert.equal(taken.length, 1);
});
