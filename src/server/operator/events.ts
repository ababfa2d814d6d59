import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createRouter } from '../api/router';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { answerEvents } from '../live/event-stream';
import type { LiveChanges } from '../live/live-changes';
import { requireSession } from '../session';
import { forOperators } from '.';
import { LiveSubjects } from './live-subjects';

/** Interval of heartbeats; each also checks the session and the role. */
const BEAT_MS = 5_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;
/** Streams of operators count together, as a company's do. */
const OPERATORS = 'operators';

/** `/api/operator/events`: says which subjects of the console have changed. */
export function operatorEventRoutes(parts: ServerDependencies, live: LiveChanges) {
  const routes = createRouter();
  const subjects = new LiveSubjects(parts);
  const watch = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Operator'],
    summary:
      'Server-sent events: `change` with the name of what changed (`moves`, `health`, …), or empty where anything may have; `beat` in between.',
    responses: {
      200: {
        description: 'Until the session ends, or the operator’s role changes.',
        content: { 'text/event-stream': { schema: z.string() } },
      },
    },
  });
  routes.openapi(watch, (context) => answerSubjects(context, parts, live, subjects) as never);
  return routes;
}

async function answerSubjects(
  context: Context<Environment>,
  parts: ServerDependencies,
  live: LiveChanges,
  subjects: LiveSubjects,
): Promise<Response> {
  const { user } = await requireSession(context, parts);
  return answerEvents(
    context,
    { live, signIn: parts.signIn },
    {
      ...{ group: OPERATORS, userId: user.id, beatMs: BEAT_MS, retryMs: RETRY_MS },
      watch: (send) => subjects.watch((subject = '') => send(subject)),
      // The browser connects again, and reads what the operator may do now.
      goesOn: async () => (await requireSession(context, parts)).user.operatorRole === user.operatorRole,
    },
  );
}
