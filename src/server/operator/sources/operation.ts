// `/api/operator/data-sources/{source}/…`: connections, replicas, and the rotation of its logins.
import { createRoute, z } from '@hono/zod-openapi';
import { type RotateLoginsOptions, readReplicaLags, rotateLogins } from '@/lib/data-sources';
import { readChanges } from '@/lib/fleet/health';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  json,
  jsonBody,
  RequiredIdempotencyHeader,
} from '../../api/router';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation, typedName } from '../confirmation';
import { BySource } from '../named';
import { beginTask, begun } from '../tasks/answers';

const Operation = z
  .object({
    processes: z
      .array(
        z.object({
          process: z.string(),
          connections: z.number().int().openapi({ description: 'To the server of this source.' }),
        }),
      )
      .openapi({ description: 'Processes of Marquee, each as of its last heartbeat.' }),
    pool: z
      .object({
        idle: z.number().int(),
        inUse: z.number().int(),
        waiting: z.number().int().openapi({ description: 'Statements that wait for a connection.' }),
      })
      .nullable()
      .openapi({ description: 'Of the process that answers; null where it has not used the source yet.' }),
    replicas: z.array(
      z.object({
        host: z.string(),
        region: z.string().nullable(),
        state: z.enum(['follows', 'promoted', 'unreachable']),
        lagBytes: z.number().nullable().openapi({ description: 'WAL that it has not replayed.' }),
      }),
    ),
    failover: z.object({ timeline: z.number().int(), seenAt: z.date() }).nullable().openapi({
      description: 'The cluster’s timeline, which grows with each failover, and when it was first seen.',
    }),
    interruptions: z
      .array(z.object({ at: z.date(), cause: z.string().nullable(), evidence: z.string().nullable() }))
      .openapi({ description: 'When no host could be written to: the latest first.' }),
  })
  .openapi('SourceOperation');
const Rotation = z.object({
  confirm: typedName('data source'),
  login: z.enum(['router', 'mover', 'both']).default('both'),
  adminUrl: z
    .string()
    .min(1)
    .max(8_000)
    .optional()
    .openapi({ description: 'The owner’s URL where Marquee has none. Used once, and not kept.' }),
});
export type SourceOperation = AnswerOf<typeof Operation>;
export type RotateSourceLogins = BodyOf<typeof Rotation>;

/** Causes that indicate a failover, or that one is needed. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['no_primary', 'server_unreachable', 'read_only']);

export function sourceOperationRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { operations, manager } = parts;

  const show = createRoute({
    method: 'get',
    path: '/{source}/operation',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary:
      'Connections of each process, the pool and what waits for it, replicas with their lag, failovers.',
    request: { params: BySource },
    responses: {
      200: json(
        Operation,
        'Replicas are asked at the time of the request; one that does not answer is reported as unreachable.',
      ),
    },
  });
  routes.openapi(show, async (context) => {
    const source = await operations.dataSources.get(context.req.valid('param').source);
    const [processes, replicas, failover, changes] = await Promise.all([
      operations.processes.list(),
      readReplicaLags(operations, source),
      operations.timelines.seen(source.id),
      readChanges(operations.pool, source.id, 200),
    ]);
    return context.json(
      {
        processes: processes.map(({ role, host, pid, connections }) => ({
          ...{ process: `${role} ${host} (${pid})`, connections: connections[source.serverKey] ?? 0 },
        })),
        pool: manager.poolOf(source.id) ?? null,
        ...{ replicas, failover: failover ?? null },
        interruptions: changes
          .filter(({ to, cause }) => to === 'unhealthy' && cause !== null && INTERRUPTIONS.has(cause))
          .slice(0, 10)
          .map(({ at, cause, evidence }) => ({ at, cause, evidence })),
      },
      200,
    );
  });

  const rotate = createRoute({
    method: 'post',
    path: '/{source}/logins/rotation',
    middleware: forOperators(parts, 'secrets.rotate'),
    tags: ['Operator'],
    summary:
      'Replaces the logins that Marquee uses there, while it serves. Where that is under way, it is answered.',
    request: { headers: RequiredIdempotencyHeader, params: BySource, body: jsonBody(Rotation) },
    responses: begun,
  });
  routes.openapi(rotate, async (context) => {
    const session = await requireSession(context, parts);
    const { confirm, login, adminUrl } = context.req.valid('json');
    const source = await operations.dataSources.get(context.req.valid('param').source);
    requireConfirmation(confirm, source.name);
    const by = authorOf(context, `user:${session.user.id}`);
    const options: RotateLoginsOptions = {
      ...(login === 'both' ? {} : { logins: [login] }),
      ...(adminUrl ? { adminUrl } : {}),
    };
    const task = { kind: 'sources.rotate', subject: source.name, title: source.name, joins: true };
    const begun = await beginTask(context, parts, session, task, async () => {
      const { created, dropped, remaining, tenants } = await rotateLogins(parts, source.id, options, by);
      return { created, dropped, remaining, tenants };
    });
    return context.json(begun, 202);
  });

  return routes;
}
