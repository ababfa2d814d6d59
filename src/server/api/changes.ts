import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { answerEvents } from '../live/event-stream';
import type { LiveChanges } from '../live/live-changes';
import { ScreenChanges } from '../live/screen-changes';
import { requireTenantContext } from '../tenant-context';
import { createRouter } from './router';

/** Interval of heartbeats; each also checks the session. */
const BEAT_MS = 20_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;

/** `/api/changes`: notifies open screens of changes that others made. */
export function changeRoutes(parts: ServerDependencies, live: LiveChanges) {
  const routes = createRouter();
  const screens = new ScreenChanges(parts, live);
  live.onClose(() => screens.close());
  const watch = createRoute({
    method: 'get',
    path: '/',
    tags: ['Session'],
    summary:
      'Server-sent events: `change` whenever the company’s data changed, with JSON that names tables and ids; `beat` in between.',
    responses: {
      200: {
        description: 'Until the session ends.',
        content: { 'text/event-stream': { schema: z.string() } },
      },
    },
  });
  routes.openapi(watch, (context) => answerChanges(context, parts, live, screens) as never);
  return routes;
}

/**
 * `GET /api/changes`: server-sent events, one `change` whenever the tenant's data changed. Its data are `TableChange[]`, or empty where
 * anything may have changed. Only ids are sent: each screen reads the rows with its own rights. Ends with the session.
 */
async function answerChanges(
  context: Context<Environment>,
  parts: ServerDependencies,
  live: LiveChanges,
  screens: ScreenChanges,
): Promise<Response> {
  const { tenant, user } = await requireTenantContext(context, parts);
  return answerEvents(
    context,
    { live, signIn: parts.signIn },
    {
      ...{ group: tenant.id, userId: user.id, beatMs: BEAT_MS, retryMs: RETRY_MS },
      watch: (send) => screens.watch(tenant.id, { role: user.role, send }),
      goesOn: async () => Boolean(await requireTenantContext(context, parts)),
    },
  );
}
