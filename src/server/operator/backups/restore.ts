// `/api/operator/backups/{id}/restore`: as `marquee backup restore`.
import { createRoute, z } from '@hono/zod-openapi';
import { findBackup, restoreAsNewTenant, restoreInPlace, restoreToDataSource } from '@/lib/backups';
import { type BodyOf, createRouter, IdempotencyHeader, jsonBody } from '../../api/router';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation, typedName } from '../confirmation';
import type { OperatorDependencies } from '../dependencies';
import { SourceNamed } from '../named';
import { beginTask, begun } from '../tasks/answers';
import { ByBackup, backupsOf } from './shared-schemas';

const Restore = z.discriminatedUnion('how', [
  z
    .object({
      how: z.literal('as_new_tenant'),
      subdomain: z.string().min(1).max(63),
      name: z.string().min(1).max(200).optional(),
      source: SourceNamed.optional(),
    })
    .openapi({ description: 'As a new, suspended tenant.' }),
  z
    .object({
      how: z.literal('in_place'),
      confirm: typedName('tenant'),
      table: z.string().min(1).max(63).optional(),
      keys: z.array(z.string().min(1).max(200)).max(1000).optional(),
    })
    .openapi({
      description: 'The tenant becomes as it was; with a table only its rows, or those of these keys.',
    }),
  z
    .object({
      how: z.literal('to_data_source'),
      confirm: typedName('tenant'),
      source: SourceNamed,
      sourceLost: z.boolean().default(false),
    })
    .openapi({ description: 'The tenant is served from this data source afterwards.' }),
]);
export type RestoreBody = BodyOf<typeof Restore>;

export function backupRestoreRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const restore = createRoute({
    method: 'post',
    path: '/{id}/restore',
    middleware: forOperators(parts, 'backups.change'),
    tags: ['Backups'],
    summary:
      'Brings a tenant back. What is there before is backed up first. In place and to another data source need a recent proof.',
    request: { headers: IdempotencyHeader, params: ByBackup, body: jsonBody(Restore) },
    responses: begun,
  });
  routes.openapi(restore, async (context) => {
    const session = await requireSession(context, parts);
    const given = context.req.valid('json');
    const backup = await findBackup(parts.operations.pool, context.req.valid('param').id);
    const request = { backup, requestedBy: `user:${session.user.id}` };
    const task = { kind: 'backups.restore', subject: backup.tenantId };
    const dependencies = backupsOf(parts);
    if (given.how === 'as_new_tenant') {
      const { subdomain, name = subdomain, source: dataSource } = given;
      const begun = await beginTask(context, parts, session, { ...task, title: name }, () =>
        restoreAsNewTenant(dependencies, { ...request, subdomain, name, dataSource }),
      );
      return context.json(begun, 202);
    }
    const tenant = await parts.application.tenants.named(backup.tenantId);
    requireConfirmation(given.confirm, tenant.subdomain);
    requireRecentProof(session);
    const begun = await beginTask(context, parts, session, { ...task, title: tenant.name }, () =>
      given.how === 'to_data_source'
        ? restoreToDataSource(dependencies, {
            ...request,
            dataSource: given.source,
            sourceLost: given.sourceLost,
          })
        : restoreInPlace(dependencies, { ...request, table: given.table, keys: given.keys }),
    );
    return context.json(begun, 202);
  });
  return routes;
}
