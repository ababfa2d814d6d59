// `/api/operator/jobs`: as `marquee jobs`.
import { createRoute, z } from '@hono/zod-openapi';
import { decideJob, shownJob } from '@/lib/fleet/jobs';
import { type AnswerOf, createRouter, IdempotencyHeader, json } from '../api/router';
import { authorOf } from '../context';
import type { ServerDependencies } from '../dependencies';
import { requireSession } from '../session';
import { forOperators } from '.';

const State = z.enum(['created', 'retry', 'active', 'completed', 'cancelled', 'failed']);
const Queue = z
  .object({
    queue: z.string(),
    cron: z.string().nullable().openapi({ description: 'When its jobs are sent by themselves, UTC.' }),
    waiting: z.number(),
    active: z.number(),
    failed: z.number(),
    completed: z.number(),
    lastCompletedAt: z.date().nullable(),
    lastFailedAt: z.date().nullable(),
  })
  .openapi('JobQueue');
const Job = z
  .object({
    id: z.string(),
    queue: z.string(),
    state: State,
    data: z.record(z.string(), z.unknown()),
    attempts: z.number(),
    retryLimit: z.number(),
    createdAt: z.date(),
    startAfter: z.date(),
    startedAt: z.date().nullable(),
    completedAt: z.date().nullable(),
    output: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi('Job');
const ById = z.object({ id: z.string().min(6).max(36) });
export type JobAnswer = AnswerOf<typeof Job>;
export type JobQueueAnswer = AnswerOf<typeof Queue>;

export function operatorJobRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { history } = parts.operations.jobs;

  const queues = createRoute({
    method: 'get',
    path: '/queues',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Jobs'],
    summary: 'The queues: when they run by themselves, and how many of their jobs wait, run and failed.',
    responses: { 200: json(z.object({ queues: z.array(Queue) }), 'By name.') },
  });
  routes.openapi(queues, async (context) => {
    return context.json({ queues: await history.queues() }, 200);
  });

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Jobs'],
    summary: 'The latest jobs; they are kept for some days after their end.',
    request: {
      query: z.object({
        queue: z.string().max(100).optional(),
        state: State.optional(),
        limit: z.coerce.number().int().min(1).max(500).default(50),
      }),
    },
    responses: { 200: json(z.object({ jobs: z.array(Job) }), 'The latest first.') },
  });
  routes.openapi(list, async (context) => {
    return context.json({ jobs: (await history.list(context.req.valid('query'))).map(shownJob) }, 200);
  });

  const one = createRoute({
    method: 'get',
    path: '/{id}',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Jobs'],
    summary: 'One job with its data and its result.',
    request: { params: ById },
    responses: { 200: json(Job, 'What it carries encrypted is hidden.') },
  });
  routes.openapi(one, async (context) => {
    return context.json(shownJob(await parts.operations.jobs.get(context.req.valid('param').id)), 200);
  });

  const decide = createRoute({
    method: 'post',
    path: '/{id}/{command}',
    middleware: forOperators(parts, 'service.change'),
    tags: ['Jobs'],
    summary: 'Does a job once more that has failed or was cancelled, or ends one that waits or runs.',
    request: { headers: IdempotencyHeader, params: ById.extend({ command: z.enum(['retry', 'cancel']) }) },
    responses: { 200: json(Job, 'As it is then.') },
  });
  routes.openapi(decide, async (context) => {
    const { user } = await requireSession(context, parts);
    const { id, command } = context.req.valid('param');
    return context.json(
      shownJob(await decideJob(parts, command, id, authorOf(context, `user:${user.id}`))),
      200,
    );
  });
  return routes;
}
