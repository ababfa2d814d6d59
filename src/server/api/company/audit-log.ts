import { createRoute, z } from '@hono/zod-openapi';
import type { ServerDependencies } from '../../dependencies';
import { ADMINS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { createRouter, json } from '../router';

const Query = z.object({
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .openapi({ description: '`id` of the last record of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const Record = z
  .object({
    id: z.string(),
    occurredAt: z.date(),
    actor: z.string(),
    action: z.string(),
    entity: z.string(),
    entityId: z.string().nullable(),
    address: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi('AuditRecord');

/** `/api/audit-log`: the company's own part of the audit log, for owners and admins. */
export function auditLogRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Audit log'],
    summary: 'Sign-ins, changes of accounts and keys, support access. For owners and admins.',
    request: { query: Query },
    responses: { 200: json(z.object({ records: z.array(Record) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { before, limit } = context.req.valid('query');
    const filter = { tenantId: tenant.id, limit, ...(before === undefined ? {} : { beforeId: before }) };
    const records = (await parts.application.audit.list(filter)).map(
      ({ id, occurredAt, actor, action, entity, entityId, address, details }) => ({
        ...{ id, occurredAt, actor, action, entity, entityId, address, details },
      }),
    );
    return context.json({ records }, 200);
  });
  return routes;
}
