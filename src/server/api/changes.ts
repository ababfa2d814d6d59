import { createRoute, z } from '@hono/zod-openapi';
import type { ServerParts } from '../context';
import { answerChanges, type LiveChanges } from '../live-changes';
import { createRouter } from './router';

/** `/api/changes`: what tells open screens that colleagues changed something. */
export function changeRoutes(parts: ServerParts, live: LiveChanges) {
  const routes = createRouter();
  const watch = createRoute({
    method: 'get',
    path: '/',
    tags: ['Session'],
    summary:
      'Server-sent events: `change` whenever the company’s data changed, never what; `beat` in between.',
    responses: {
      200: {
        description: 'Until the session ends.',
        content: { 'text/event-stream': { schema: z.string() } },
      },
    },
  });
  routes.openapi(watch, (context) => answerChanges(context, parts, live) as never);
  return routes;
}
