import { createRoute, z } from '@hono/zod-openapi';
import { type ImportOptions, importFile, previewImport, SpooledFile, undoImport } from '@/lib/crm/import';
import { BYTE_ORDER_MARK, writeCsv } from '@/lib/csv';
import type { OperationsDatabase } from '@/lib/operations';
import { tableNamed } from '@/lib/repositories';
import { requireTenantContext, type ServerParts, type TenantContext } from '../context';
import { RequestError } from '../errors';
import { type AnswerOf, type BodyOf, ById, createRouter, file, IdempotencyHeader, json } from './router';

const Entity = z.enum(['accounts', 'contacts', 'leads', 'events', 'equipment']);
const Choices = z.object({
  entity: Entity,
  file_name: z.string().max(200).default('table.csv'),
  /** JSON: column of the table by header of the file. */
  mapping: z.string().max(10_000).optional(),
  date_order: z.enum(['day-first', 'month-first', 'year-first']).default('day-first'),
  currency: z.string().length(3).default('USD'),
  duplicates: z.enum(['skip', 'update', 'create']).default('skip'),
});
/** The file is the body, so that it can be streamed. */
const upload = {
  query: Choices,
  body: {
    required: true,
    content: { 'text/csv': { schema: z.string().openapi({ description: 'The file' }) } },
  },
};
const Import = z
  .object({
    id: z.string(),
    entity: z.string(),
    fileName: z.string(),
    status: z.enum(['running', 'done', 'failed', 'undoing', 'undone', 'interrupted']),
    rowsRead: z.number(),
    fileBytes: z.number(),
    bytesRead: z.number(),
    result: z
      .object({
        created: z.number(),
        updated: z.number(),
        skipped: z.number(),
        failed: z.number(),
        errors: z.array(z.object({ line: z.number(), column: z.string(), message: z.string() })),
        removed: z.number().openapi({ description: 'Rows that undoing removed.' }),
        kept: z.number().openapi({ description: 'Rows that undoing kept: changed since, or in use.' }),
        message: z.string().openapi({ description: 'Why it failed.' }),
      })
      .partial(),
    createdAt: z.date(),
  })
  .openapi('Import');

const Imports = z.object({ rows: z.array(Import) });
const Preview = z
  .object({
    headers: z.array(z.string()),
    mapping: z.record(z.string(), z.string()).openapi({ description: 'Column by header of the file.' }),
    fields: z.array(z.object({ column: z.string(), label: z.string(), required: z.boolean() })),
    rows: z
      .array(
        z.object({
          line: z.number(),
          values: z.record(z.string(), z.unknown()),
          errors: z.array(z.object({ column: z.string(), message: z.string() })),
          duplicate: z.boolean(),
        }),
      )
      .openapi({ description: 'The first rows as they would be written.' }),
  })
  .openapi('ImportPreview');
export type Import = AnswerOf<typeof Import>;
export type Imports = AnswerOf<typeof Imports>;
export type ImportPreview = AnswerOf<typeof Preview>;
export type ImportChoices = BodyOf<typeof Choices>;

/** Tables that can be exported. */
const EXPORTS = [
  'accounts',
  'contacts',
  'leads',
  'opportunities',
  'events',
  'quotes',
  'invoices',
  'payments',
  'tasks',
  'booths',
  'equipment_items',
  'locations',
  'packages',
  'products',
] as const;
const EXPORT_PAGE = 1000;

/** `/api/imports` and `/api/exports`: CSV files in and out. */
export function importRoutes(parts: ServerParts, operations: OperationsDatabase) {
  const routes = createRouter(parts);
  const inBackground = (work: Promise<void>) =>
    void work.catch((error: unknown) => parts.logger.error({ err: error }, 'import lost'));

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/imports/preview',
      tags: ['imports'],
      summary: 'What an import would do',
      request: upload,
      responses: { 200: json(Preview, 'Headers, mapping and the first rows') },
    }),
    async (context) => {
      const caller = requireImporter(await requireTenantContext(context, parts));
      const { options } = read(context.req.valid('query'));
      const upload = await SpooledFile.receive(context.req.raw.body);
      try {
        return context.json(await previewImport(caller.client, upload.read(), options), 200);
      } finally {
        await upload.close();
      }
    },
  );

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/imports',
      tags: ['imports'],
      summary: 'Import a file in the background',
      request: { ...upload, headers: IdempotencyHeader },
      responses: { 202: json(Import, 'The import, which has begun') },
    }),
    async (context) => {
      const caller = requireImporter(await requireTenantContext(context, parts));
      const { fileName, options } = read(context.req.valid('query'));
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
      path: '/imports',
      tags: ['imports'],
      summary: 'The latest imports',
      responses: { 200: json(Imports, 'Imports') },
    }),
    async (context) => {
      const caller = await requireTenantContext(context, parts);
      return context.json({ rows: await operations.imports.list(caller.tenant.id) }, 200);
    },
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/imports/{id}',
      tags: ['imports'],
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
      path: '/imports/{id}/undo',
      tags: ['imports'],
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
      const caller = requireImporter(await requireTenantContext(context, parts));
      const record = await operations.imports.takeForUndo(caller.tenant.id, context.req.valid('param').id);
      if (!record) throw new RequestError('not_found', 'There is nothing to undo.');
      inBackground(undoImport(operations.imports, caller.client, record));
      return context.json(record, 202);
    },
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/exports/{file}',
      tags: ['imports'],
      summary: 'A list as CSV',
      request: { params: z.object({ file: z.enum(EXPORTS.map((table) => `${table}.csv` as const)) }) },
      responses: { 200: file('text/csv', 'All rows that the user may see') },
    }),
    async (context) => {
      const caller = await requireTenantContext(context, parts);
      if (caller.role === 'viewer' || caller.role === 'staff')
        throw new RequestError('forbidden', 'Your role may not export.');
      const { file: name } = context.req.valid('param');
      return context.body(exportTable(caller, name.replace('.csv', '')), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${name}"`,
      });
    },
  );

  return routes;
}

/** @throws RequestError `forbidden` */
function requireImporter(caller: TenantContext): TenantContext {
  if (['owner', 'admin', 'manager'].includes(caller.role)) return caller;
  throw new RequestError('forbidden', 'Your role may not import.', { hint: 'Ask a manager.' });
}

function read(query: z.infer<typeof Choices>): { fileName: string; options: ImportOptions } {
  const { entity, file_name: fileName, mapping, date_order: dateOrder, currency, duplicates } = query;
  const options = { entity, dateOrder, currency, duplicates };
  return { fileName, options: mapping ? { ...options, mapping: readMapping(mapping) } : options };
}

function readMapping(text: string): Record<string, string> {
  const result = z.record(z.string(), z.string()).safeParse(parse(text));
  if (result.success) return result.data;
  throw new RequestError('request_malformed', 'The mapping is not a JSON object of texts.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads page by page by key: a long list needs little memory, and no row is missed. */
function exportTable({ client }: TenantContext, table: string): ReadableStream<Uint8Array> {
  let after = '00000000-0000-0000-0000-000000000000';
  let columns: string[] | undefined;
  return new ReadableStream({
    async pull(controller) {
      const { data } = await tableNamed(client, table)
        .select('*')
        .gt('id', after)
        .order('id')
        .limit(EXPORT_PAGE)
        .throwOnError();
      const rows: Record<string, unknown>[] = data;
      const isFirst = columns === undefined;
      columns ??= Object.keys(rows[0] ?? {}).filter(
        (name) => name !== 'tenant_id' && !name.endsWith('_hash'),
      );
      const names = columns;
      const lines = rows.map((row) => names.map((name) => row[name]));
      const text = isFirst ? BYTE_ORDER_MARK + writeCsv([names, ...lines]) : writeCsv(lines);
      controller.enqueue(new TextEncoder().encode(text));
      if (rows.length < EXPORT_PAGE) controller.close();
      else after = String(rows.at(-1)?.id);
    },
  });
}
