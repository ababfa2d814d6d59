import { createRoute, z } from '@hono/zod-openapi';
import type { ServerParts } from '../context';
import { answerChanges, type LiveChanges } from '../live-changes';
import { createRouter } from './router';

/** `/api/changes`: notifies open screens of changes that others made. */
export function changeRoutes(parts: ServerParts, live: LiveChanges) {
  const routes = createRouter();
  const watch = createRoute({
    method: 'get',
    path: '/',
    tags: ['Session'],
    summary:
      'Server-sent events: `change` whenever the company’s data changed, without saying what; `beat` in between.',
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
