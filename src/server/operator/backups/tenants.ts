// `/api/operator/backups/tenants`: how well each tenant is backed up.
import { createRoute, z } from '@hono/zod-openapi';
import type { Tenant } from '@/lib/application';
import { backupStates, listHolds } from '@/lib/backups';
import { type AnswerOf, createRouter, Id, json } from '../../api/router';
import { forOperators } from '..';
import type { OperatorDependencies } from '../dependencies';
import { ByTenant } from '../named';
import { Failure } from './shared-schemas';

const TenantState = z
  .object({
    id: Id,
    name: z.string(),
    subdomain: z.string(),
    status: z.string(),
    region: z.string().nullable(),
    lastBackupAt: z.date().nullable(),
    lastProvenAt: z
      .date()
      .nullable()
      .openapi({ description: 'Of the newest backup that a drill has restored.' }),
    lastDrillAt: z.date().nullable(),
    lastDrill: z.enum(['running', 'passed', 'failed']).nullable(),
    lastFailure: Failure,
    hold: z.object({ reason: z.string(), placedAt: z.date() }).nullable(),
  })
  .openapi('TenantBackups');
const Page = z.object({
  search: z.string().max(100).optional(),
  after: Id.optional().openapi({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type TenantBackupsAnswer = AnswerOf<typeof TenantState>;

export function tenantBackupRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { pool } = parts.operations;

  const statesOf = async (tenants: Tenant[]) => {
    const ids = tenants.map(({ id }) => id);
    const [states, all] = await Promise.all([backupStates(pool, ids), listHolds(pool)]);
    const holds = new Map(all.map((hold) => [hold.tenantId, hold]));
    return tenants.map(({ id, name, subdomain, status, dataSourceRegion }) => {
      const state = states.get(id);
      const hold = holds.get(id);
      return {
        ...{ id, name, subdomain, status, region: dataSourceRegion },
        ...{ lastBackupAt: state?.lastBackupAt ?? null, lastProvenAt: state?.lastProvenAt ?? null },
        ...{ lastDrillAt: state?.lastDrillAt ?? null, lastDrill: state?.lastDrill ?? null },
        lastFailure: state?.lastFailure ?? null,
        hold: hold ? { reason: hold.reason, placedAt: hold.placedAt } : null,
      };
    });
  };

  const tenants = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'Each tenant’s last backup, and the last one that a drill has proven.',
    request: { query: Page },
    responses: { 200: json(z.object({ rows: z.array(TenantState), next: Id.nullable() }), 'By creation.') },
  });
  routes.openapi(tenants, async (context) => {
    const { search, after: afterId, limit } = context.req.valid('query');
    const after = afterId === undefined ? undefined : await parts.application.tenants.named(afterId);
    const page = await parts.application.tenants.list({
      limit: limit + 1,
      ...(search ? { search } : {}),
      ...(after ? { after } : {}),
    });
    const shown = page.slice(0, limit);
    const rows = await statesOf(shown);
    const next = page.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return context.json({ rows, next }, 200);
  });

  const ofTenant = createRoute({
    method: 'get',
    path: '/{tenant}',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'The same of one tenant.',
    request: { params: ByTenant },
    responses: { 200: json(TenantState, 'As of now.') },
  });
  routes.openapi(ofTenant, async (context) => {
    const [state] = await statesOf([
      await parts.application.tenants.named(context.req.valid('param').tenant),
    ]);
    return context.json(state as NonNullable<typeof state>, 200);
  });
  return routes;
}
