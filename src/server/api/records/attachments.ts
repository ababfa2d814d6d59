import { createRoute, z } from '@hono/zod-openapi';
import { Attachments, THUMBNAIL_SIZES } from '@/lib/crm/storage';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { requireRole, STAFF } from '../../require-role';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import { sendFile } from '../files';
import { receiveForm } from '../multipart';
import {
  ById,
  checked,
  createRouter,
  FormFile,
  file as fileAnswer,
  Id,
  IdempotencyHeader,
  json,
  Paging,
  pageOf,
} from '../router';
import type { ApiDependencies } from '../services';

const Attachment = z
  .object({
    id: Id,
    entity_type: z.string(),
    entity_id: Id,
    file_name: z.string(),
    mime_type: z.string(),
    size_bytes: z.number().int(),
    sha256: z.string().nullable(),
    visibility: z.string(),
    created_at: z.string(),
  })
  .openapi('Attachment');

const UploadFields = z.object({
  entity_type: z.string().min(1).max(40),
  entity_id: Id,
  visibility: z.enum(['internal', 'client']).default('internal'),
});
const Upload = UploadFields.extend({ file: FormFile });

/** `/api/attachments`: files about the company's records. */
export function attachmentRoutes(parts: ApiDependencies) {
  const routes = createRouter();
  const filesOf = ({ client, tenant }: TenantContext) =>
    new Attachments(client, parts.services.storage, tenant.id, () =>
      parts.manager.getClientForTenant(tenant.id, true),
    );

  const add = createRoute({
    method: 'post',
    path: '/',
    tags: ['Files'],
    summary: 'Attaches a file to a record.',
    description:
      'The type is read from the content; types that a browser would run are refused. At most 25 MB.',
    request: {
      headers: IdempotencyHeader,
      body: { required: true, content: { 'multipart/form-data': { schema: Upload } } },
    },
    responses: { 201: json(Attachment, 'The stored file.') },
  });
  // Described but not checked by the router, which would read the whole form first.
  routes.openAPIRegistry.registerPath(add);
  routes.post('/', async (context) => {
    const caller = await requireTenantContext(context, parts);
    requireRole(caller, STAFF);
    const { 'idempotency-key': key } = checked(IdempotencyHeader, context.req.header());
    const { fields, file, fileName, claimedType } = await receiveForm(context.req.raw);
    try {
      const { entity_type: entityType, entity_id: entityId, visibility } = checked(UploadFields, fields);
      const given = {
        ...{ entityType, entityId, visibility, fileName, file, claimedType },
        ...(key ? { idempotencyKey: `${caller.user.id}:${key}` } : {}),
      };
      const row = await filesOf(caller).add(given, caller.user.id);
      return context.json(describe(row), 201);
    } finally {
      await file.remove();
    }
  });

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Files'],
    summary: 'Files of a record, the newest first.',
    request: { query: Paging.extend({ entity_type: z.string().max(40), entity_id: Id }) },
    responses: { 200: json(pageOf(Attachment), 'A page of files.') },
  });
  routes.openapi(list, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { limit, after, ...filter } = context.req.valid('query');
    const { rows, next } = await new GenericRepository(client, 'attachments').list({
      filter,
      sort: [{ column: 'created_at', direction: 'desc' }],
      limit,
      ...(after ? { after } : {}),
    });
    return context.json({ rows: rows.map(describe), next }, 200);
  });

  const read = createRoute({
    method: 'get',
    path: '/{id}',
    tags: ['Files'],
    summary: 'The file itself.',
    request: { params: ById },
    responses: { 200: fileAnswer('application/octet-stream', 'The file.') },
  });
  routes.openapi(read, async (context) => {
    const caller = await requireTenantContext(context, parts);
    return sendFile(context, await filesOf(caller).read(context.req.valid('param').id));
  });

  const thumbnail = createRoute({
    method: 'get',
    path: '/{id}/thumbnail',
    tags: ['Files'],
    summary: 'A thumbnail of a picture.',
    request: {
      params: ById,
      query: z.object({
        size: z.coerce
          .number()
          .pipe(z.literal(THUMBNAIL_SIZES))
          .default(THUMBNAIL_SIZES[0])
          .openapi({
            type: 'integer',
            enum: [...THUMBNAIL_SIZES],
            description: 'The longest side, pixels.',
          }),
      }),
    },
    responses: { 200: fileAnswer('image/webp', 'The picture; 404 where the file is none.') },
  });
  routes.openapi(thumbnail, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const content = await filesOf(caller).thumbnail(
      context.req.valid('param').id,
      context.req.valid('query').size,
      context.req.raw.signal,
    );
    return sendFile(context, { name: 'thumbnail.webp', mimeType: 'image/webp', content });
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Files'],
    summary: 'Removes a file. The PDF of a signed contract stays.',
    request: { params: ById },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(remove, async (context) => {
    const caller = await requireTenantContext(context, parts);
    await filesOf(caller).remove(context.req.valid('param').id);
    return context.body(null, 204);
  });
  return routes;
}

/** Without the storage key, which clients do not need. */
function describe(row: RowOf<'attachments'>): z.infer<typeof Attachment> {
  const { id, entity_type, entity_id, file_name, mime_type, size_bytes, sha256, visibility, created_at } =
    row;
  return { id, entity_type, entity_id, file_name, mime_type, size_bytes, sha256, visibility, created_at };
}
