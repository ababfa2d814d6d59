// `/api/operator/backups/drills`: as `marquee backup drill` and `marquee backup drills`.
import { createRoute, z } from '@hono/zod-openapi';
import { backupStates, type Drill, drillBackup, listDrills, recorded } from '@/lib/backups';
import { type AnswerOf, createRouter, Id, IdempotencyHeader, json, jsonBody } from '../../api/router';
import { requireSession } from '../../session';
import { forOperators } from '..';
import type { OperatorDependencies } from '../dependencies';
import { ByTenant, SourceNamed } from '../named';
import { beginTask, begun } from '../tasks/answers';
import { PartsFailed } from '../tasks/tasks';
import { backupsOf, Failure } from './shared-schemas';

const ShownDrill = z
  .object({
    id: Id,
    backupId: Id.nullable(),
    tenantId: Id,
    tenantName: z.string(),
    state: z.enum(['running', 'passed', 'failed']),
    startedAt: z.date(),
    finishedAt: z.date().nullable(),
    result: z
      .object({
        rows: z.number(),
        bytes: z.number(),
        files: z.number(),
        restoreMs: z.number(),
        openMs: z.number(),
        totalMs: z.number(),
      })
      .partial(),
    error: Failure,
  })
  .openapi('Drill');
export type DrillAnswer = AnswerOf<typeof ShownDrill>;

export function drillRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { pool } = parts.operations;
  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'Drills: how long a restore took, and whether what came back is what was saved.',
    request: {
      query: ByTenant.partial().extend({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    },
    responses: { 200: json(z.object({ drills: z.array(ShownDrill) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { tenant, limit } = context.req.valid('query');
    const tenantId = tenant === undefined ? undefined : (await parts.application.tenants.named(tenant)).id;
    const found = await listDrills(pool, { tenantId, limit });
    const names = await parts.application.tenants.names(found.map((drill) => drill.tenantId));
    const drills = found.map((drill) => ({
      ...drill,
      tenantName: names.get(drill.tenantId)?.name ?? drill.tenantId,
    }));
    return context.json({ drills }, 200);
  });

  const start = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'backups.change'),
    tags: ['Backups'],
    summary: 'Drills the newest backup of a tenant; without a tenant, of every one that has a backup.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(ByTenant.partial().extend({ source: SourceNamed.optional() })),
    },
    responses: begun,
  });
  routes.openapi(start, async (context) => {
    const session = await requireSession(context, parts);
    const { tenant: name, source: dataSource } = context.req.valid('json');
    const tenant = name === undefined ? undefined : await parts.application.tenants.named(name);
    const tenants = tenant
      ? [tenant.id]
      : [...(await backupStates(pool)).values()].flatMap((state) =>
          state.lastBackupAt ? state.tenantId : [],
        );
    const requestedBy = `user:${session.user.id}`;
    const task = {
      kind: 'backups.drill',
      title: tenant?.name ?? `${tenants.length} tenants`,
      ...(tenant ? { subject: tenant.id } : {}),
    };
    const begun = await beginTask(context, parts, session, task, async ({ progress, signal }) => {
      const failed: Pick<Drill, 'tenantId' | 'error'>[] = [];
      for (const [done, tenantId] of tenants.entries()) {
        signal.throwIfAborted();
        const drilled = await drillBackup(backupsOf(parts), { tenantId, dataSource, requestedBy }).catch(
          (problem: unknown) => {
            if (tenant || signal.aborted) throw problem;
            // A drill that cannot be started does not prevent the others.
            return { state: 'failed', error: recorded(problem) } as const;
          },
        );
        if (drilled.state === 'failed') failed.push({ tenantId, error: drilled.error });
        progress({ done: done + 1, of: tenants.length });
      }
      const result = { drilled: tenants.length, failed };
      if (failed.length === 0) return result;
      throw new PartsFailed(result, { failed: failed.length, of: tenants.length });
    });
    return context.json(begun, 202);
  });
  return routes;
}
