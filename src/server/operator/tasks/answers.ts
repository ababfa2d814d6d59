// `/api/operator/tasks`: the tasks that operators have started, with their progress.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { mayOperator, type Session } from '@/lib/identity';
import { type AnswerOf, ById, createRouter, json } from '../../api/router';
import { authorOf, type Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { requireSession } from '../../session';
import { forOperators } from '..';
import type { NewTask, OperatorTask, TaskWork } from './tasks';

export const Task = z
  .object({
    id: z.uuid(),
    kind: z.string().openapi({ description: 'Such as backups.restore, audit.verify, secrets.rotate.' }),
    subject: z.string().nullable(),
    title: z.string(),
    requestedBy: z.string(),
    requestedByName: z.string(),
    state: z
      .enum(['running', 'done', 'failed', 'interrupted'])
      .openapi({ description: 'interrupted: the process that ran it has ended.' }),
    progress: z.record(z.string(), z.unknown()),
    result: z.record(z.string(), z.unknown()).nullable(),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
    startedAt: z.date(),
    finishedAt: z.date().nullable(),
  })
  .openapi('OperatorTask');
export type OperatorTaskAnswer = AnswerOf<typeof Task>;

/** Adds the name of the operator who started each. Results of audit tasks are shown only to operators who may read the audit log. */
async function shown(parts: ServerDependencies, { user }: Session, tasks: OperatorTask[]) {
  const nameOf = await parts.actorNames.of(tasks.map(({ requestedBy }) => requestedBy));
  return tasks.map((task) => ({
    ...task,
    requestedByName: nameOf(task.requestedBy),
    result: task.kind.startsWith('audit.') && !mayOperator(user, 'audit.read') ? null : task.result,
  }));
}

export const begun = { 202: json(Task, 'It goes on: see `/operator/tasks/{id}`.') };

/** Starts a task for the session's operator. */
export async function beginTask(
  context: Context<Environment>,
  parts: ServerDependencies,
  { user }: Session,
  task: Omit<NewTask, 'by'>,
  work: TaskWork,
) {
  const by = authorOf(context, `user:${user.id}`);
  const begun = await parts.tasks.begin({ ...task, by }, work);
  if (begun.requestedBy === by.actor) return { ...begun, requestedByName: user.displayName };
  // Another operator had started the same task already.
  const nameOf = await parts.actorNames.of([begun.requestedBy]);
  return { ...begun, requestedByName: nameOf(begun.requestedBy) };
}

const Filter = z.object({
  kind: z.string().max(500).optional().openapi({ description: 'Several are separated by commas.' }),
  subject: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function operatorTaskRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Operator'],
    summary: 'Tasks: work of operators that takes longer than a request. Kept for 30 days.',
    request: { query: Filter },
    responses: { 200: json(z.object({ tasks: z.array(Task) }), 'The latest first.') },
  });
  routes.openapi(list, async (context) => {
    const session = await requireSession(context, parts);
    const { kind, ...filter } = context.req.valid('query');
    const found = await parts.tasks.list({ ...filter, ...(kind ? { kinds: kind.split(',') } : {}) });
    return context.json({ tasks: await shown(parts, session, found) }, 200);
  });

  const one = createRoute({
    method: 'get',
    path: '/{id}',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Operator'],
    summary: 'A task, with its progress or its result.',
    request: { params: ById },
    responses: { 200: json(Task, 'As of now.') },
  });
  routes.openapi(one, async (context) => {
    const session = await requireSession(context, parts);
    const found = await parts.tasks.get(context.req.valid('param').id);
    const [task] = await shown(parts, session, [found]);
    return context.json(task as NonNullable<typeof task>, 200);
  });
  return routes;
}
