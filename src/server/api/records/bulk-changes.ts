import { createRoute, z } from '@hono/zod-openapi';
import { continueBulkChange } from '@/lib/crm/bulk-changes';
import type { TenantClient } from '@/lib/data-sources';
import type { ServerDependencies } from '../../dependencies';
import { requireTenantContext } from '../../tenant-context';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';

const Begin = z.object({
  id: Id.openapi({ description: 'Chosen by the client: sent again, it begins nothing.' }),
  kind: z.string().max(60).openapi({ description: 'The records’ table.' }),
  ids: z.array(Id).min(1).max(100_000),
  column: z.string().max(60).optional().openapi({ description: 'Without it, the records are deleted.' }),
  value: z
    .union([z.string().max(10_000), z.number(), z.boolean(), z.array(z.string()).max(100), z.null()])
    .optional(),
});
const Change = z
  .object({
    id: z.string(),
    kind: z.string(),
    column: z.string().nullable().openapi({ description: 'Null where records are deleted.' }),
    status: z.enum(['running', 'done', 'cancelled', 'undoing', 'undone']),
    total: z.number(),
    tried: z.number(),
    changed: z.number().openapi({ description: 'How many were changed or deleted.' }),
    restored: z.number().openapi({ description: 'How many of these undoing restored.' }),
    refusals: z.number().openapi({ description: 'How many stay as they are.' }),
    refused: z
      .array(z.object({ id: z.string(), name: z.string().nullable(), reason: z.string().nullable() }))
      .openapi({ description: 'The first 100 of them.' }),
    created_at: z.string(),
    idle_seconds: z.number().openapi({ description: 'Since its last part.' }),
  })
  .openapi('BulkChange');
const Changes = z.object({ rows: z.array(Change) });
export type BulkChange = AnswerOf<typeof Change>;
export type BulkChanges = AnswerOf<typeof Changes>;
export type BeginBulkChange = BodyOf<typeof Begin>;

/** A change whose last part is older than this has lost its process, seconds. */
const STALLED_SECONDS = 15;

/** `/api/bulk-changes`: one value set in, or the deletion of, many records, in the background with the rights of the user. */
export function bulkChangeRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const worked = new Set<string>();
  const inBackground = (client: TenantClient, id: string) => {
    if (worked.has(id)) return;
    worked.add(id);
    void continueBulkChange(client, id)
      .catch((error: unknown) => parts.logger.error({ err: error }, 'bulk change interrupted'))
      .finally(() => worked.delete(id));
  };

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/bulk-changes',
      tags: ['Bulk changes'],
      summary: 'Change or delete many records in the background',
      request: { headers: IdempotencyHeader, body: jsonBody(Begin) },
      responses: { 202: json(Change, 'The change, which has begun') },
    }),
    async (context) => {
      const { client } = await requireTenantContext(context, parts);
      const { id, kind, ids, column, value } = context.req.valid('json');
      const { data } = await client
        .rpc('begin_bulk_change', {
          ...{ id, kind, ids },
          ...(column === undefined ? {} : { set_column: column, set_value: (value ?? null) as never }),
        })
        .throwOnError();
      inBackground(client, id);
      return context.json(data as unknown as BulkChange, 202);
    },
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/bulk-changes',
      tags: ['Bulk changes'],
      summary: 'The user’s changes of the last day; one that lost its process is taken up again',
      responses: { 200: json(Changes, 'Changes, the latest first') },
    }),
    async (context) => {
      const { client } = await requireTenantContext(context, parts);
      const { data } = await client.rpc('bulk_changes').throwOnError();
      const rows = data as unknown as BulkChange[];
      for (const { id, status, idle_seconds: idle } of rows) {
        if ((status === 'running' || status === 'undoing') && idle > STALLED_SECONDS)
          inBackground(client, id);
      }
      return context.json({ rows }, 200);
    },
  );

  for (const action of ['cancel', 'undo'] as const) {
    routes.openapi(
      createRoute({
        method: 'post',
        path: `/bulk-changes/{id}/${action}`,
        tags: ['Bulk changes'],
        summary:
          action === 'undo' ? 'Undo a change in the background' : 'End a change; what was changed stays',
        request: { params: ById },
        responses: { 202: json(Change, 'The change') },
      }),
      async (context) => {
        const { client } = await requireTenantContext(context, parts);
        const { id } = context.req.valid('param');
        const { data } = await client.rpc(`${action}_bulk_change`, { id }).throwOnError();
        if (action === 'undo') inBackground(client, id);
        return context.json(data as unknown as BulkChange, 202);
      },
    );
  }

  return routes;
}
