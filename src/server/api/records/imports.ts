import { createRoute } from '@hono/zod-openapi';
import { importFile, previewImport, SpooledFile, undoImport } from '@/lib/crm/import';
import type { OperationsDatabase } from '@/lib/operations';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { MANAGERS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { ById, createRouter, IdempotencyHeader, json } from '../router';
import { Import, Imports, Preview, readChoices, upload } from './import-answers';

/** `/api/imports`: imports CSV files. */
export function importRoutes(parts: ServerDependencies, operations: OperationsDatabase) {
  const routes = createRouter(parts);
  const inBackground = (work: Promise<void>) =>
    void work.catch((error: unknown) => parts.logger.error({ err: error }, 'import lost'));

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/preview',
      tags: ['Imports'],
      summary: 'What an import would do',
      request: upload,
      responses: { 200: json(Preview, 'Headers, mapping and the first rows') },
    }),
    async (context) => {
      const caller = requireRole(await requireTenantContext(context, parts), MANAGERS);
      const { options } = readChoices(context.req.valid('query'));
      const upload = await SpooledFile.receive(context.req.raw.body);
      try {
        return context.json(await previewImport(caller.client, () => upload.read(), options), 200);
      } finally {
        await upload.close();
      }
    },
  );

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/',
      tags: ['Imports'],
      summary: 'Import a file in the background',
      request: { ...upload, headers: IdempotencyHeader },
      responses: { 202: json(Import, 'The import, which has begun') },
    }),
    async (context) => {
      const caller = requireRole(await requireTenantContext(context, parts), MANAGERS);
      const { fileName, options } = readChoices(context.req.valid('query'));
      const upload = await SpooledFile.receive(context.req.raw.body);
      const record = await operations.imports
        .begin({
          tenantId: caller.tenant.id,
          userId: caller.user.id,
          entity: options.entity,
          fileName,
          fileBytes: upload.bytes,
        })
        .catch(async (error: unknown) => {
          await upload.close();
          throw error;
        });
      inBackground(importFile(operations.imports, caller.client, record.id, upload, options));
      return context.json(record, 202);
    },
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/',
      tags: ['Imports'],
      summary: 'The latest imports',
      responses: { 200: json(Imports, 'Imports') },
    }),
    async (context) => {
      const caller = await requireTenantContext(context, parts);
      return context.json({ imports: await operations.imports.list(caller.tenant.id) }, 200);
    },
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/{id}',
      tags: ['Imports'],
      summary: 'How far an import is',
      request: { params: ById },
      responses: { 200: json(Import, 'The import') },
    }),
    async (context) => {
      const caller = await requireTenantContext(context, parts);
      const found = await operations.imports.find(caller.tenant.id, context.req.valid('param').id);
      if (!found) throw new RequestError('not_found', 'There is no such import.');
      return context.json(found, 200);
    },
  );

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/{id}/undo',
      tags: ['Imports'],
      summary: 'Undo an import',
      request: { params: ById },
      responses: {
        202: json(
          Import,
          'Its result will say how many rows were removed, and how many were kept because they changed or are in use',
        ),
      },
    }),
    async (context) => {
      const caller = requireRole(await requireTenantContext(context, parts), MANAGERS);
      const record = await operations.imports.takeForUndo(caller.tenant.id, context.req.valid('param').id);
      if (!record) throw new RequestError('not_found', 'There is nothing to undo.');
      inBackground(undoImport(operations.imports, caller.client, record));
      return context.json(record, 202);
    },
  );

  return routes;
}
