// `/api/operator/tenants/{tenant}/exports`: as `marquee backup export`, into an archive that is downloaded.
import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { createExport, listExports, openExport, storeFor } from '@/lib/backups';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  file,
  Id,
  json,
  jsonBody,
  RequiredIdempotencyHeader,
} from '../../api/router';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators } from '..';
import { backupsOf } from '../backups/shared-schemas';
import { requireConfirmation, typedName } from '../confirmation';
import type { OperatorDependencies } from '../dependencies';
import { ByTenant } from '../named';
import { beginTask, begun } from '../tasks/answers';

const Export = z
  .object({
    id: Id,
    format: z.enum(['csv', 'json']),
    requestedByName: z.string(),
    startedAt: z.date(),
    expiresAt: z.date().openapi({ description: 'It is removed then.' }),
    asOf: z.date().openapi({ description: 'The moment whose rows it holds.' }),
    tables: z.number().int(),
    rows: z.number(),
    files: z.number().int().openapi({ description: 'Attachments.' }),
    bytes: z.number().openapi({ description: 'Of the archive.' }),
  })
  .openapi('TenantExport');
const NewExport = z.object({
  confirm: typedName('tenant'),
  format: z.enum(['csv', 'json']).default('csv'),
});
export type TenantExport = AnswerOf<typeof Export>;
export type NewTenantExport = BodyOf<typeof NewExport>;

export function tenantExportRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);

  const list = createRoute({
    method: 'get',
    path: '/{tenant}/exports',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Operator'],
    summary: 'Exports of a tenant that can be downloaded.',
    request: { params: ByTenant },
    responses: { 200: json(z.object({ exports: z.array(Export) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { id } = await parts.application.tenants.named(context.req.valid('param').tenant);
    const found = await listExports(backupsOf(parts), id);
    const nameOf = await parts.actorNames.of(found.map(({ requestedBy }) => requestedBy));
    const exports = found.map(({ requestedBy, tenantId: _, ...one }) => ({
      ...{ ...one, requestedByName: nameOf(requestedBy) },
    }));
    return context.json({ exports }, 200);
  });

  const create = createRoute({
    method: 'post',
    path: '/{tenant}/exports',
    middleware: forOperators(parts, 'backups.give_out'),
    tags: ['Operator'],
    summary:
      'Exports all rows and files of a tenant, with a dictionary of tables and columns. Where one is being made, it is answered. Needs a recent proof.',
    request: { headers: RequiredIdempotencyHeader, params: ByTenant, body: jsonBody(NewExport) },
    responses: begun,
  });
  routes.openapi(create, async (context) => {
    const session = await requireSession(context, parts);
    const { confirm, format } = context.req.valid('json');
    const tenant = await parts.application.tenants.named(context.req.valid('param').tenant);
    requireConfirmation(confirm, tenant.subdomain);
    requireRecentProof(session);
    const store = await storeFor(parts.operator.backups.exports, tenant);
    const request = { tenantId: tenant.id, store, format, requestedBy: `user:${session.user.id}` };
    const task = { kind: 'tenants.export', subject: tenant.id, title: tenant.name, joins: true };
    const begun = await beginTask(context, parts, session, task, async ({ progress, signal }) => {
      const { id, tables, rows, files, bytes } = await createExport(backupsOf(parts), {
        ...{ ...request, signal },
        progress: (now) => progress({ ...now }),
      });
      return { export: id, tables, rows, files, bytes };
    });
    return context.json(begun, 202);
  });

  const archive = createRoute({
    method: 'get',
    path: '/{tenant}/exports/{id}/archive',
    middleware: forOperators(parts, 'backups.give_out'),
    tags: ['Operator'],
    summary:
      'Downloads an export: a ZIP archive with a file for each table, and the attachments. Recorded in the audit log.',
    request: { params: ByTenant.extend({ id: Id }) },
    responses: { 200: file('application/zip', 'Of the rows as they were when it was made.') },
  });
  routes.openapi(archive, async (context) => {
    const { user } = await requireSession(context, parts);
    const { tenant: name, id } = context.req.valid('param');
    const tenant = await parts.application.tenants.named(name);
    const requestedBy = `user:${user.id}`;
    const { stored, archive: pieces } = await openExport(backupsOf(parts), {
      ...{ tenantId: tenant.id, id, requestedBy },
    });
    const asOf = stored.asOf.toISOString().replaceAll(':', '-');
    return context.body(Readable.toWeb(Readable.from(pieces)) as ReadableStream, 200, {
      'content-type': 'application/zip',
      'content-length': String(stored.bytes),
      'content-disposition': `attachment; filename="${tenant.subdomain}-${asOf}.zip"`,
    });
  });

  return routes;
}
