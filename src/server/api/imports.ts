import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { EXPORTS, type ExportedTableName, exportTable } from '@/lib/crm/export';
import { type ImportOptions, importFile, previewImport, SpooledFile, undoImport } from '@/lib/crm/import';
import type { ServedBy } from '@/lib/data-sources';
import type { OperationsDatabase } from '@/lib/operations';
import { requireRecentProof, requireTenantContext, type ServerParts, type TenantContext } from '../context';
import { RequestError } from '../errors';
import { AS_OF_HEADER } from '../rest/read-preferences';
import { type AnswerOf, type BodyOf, ById, createRouter, file, IdempotencyHeader, json } from './router';

/** How old an export may be, ms; what this process has written or heard of is in it. */
const EXPORT_LAG_MS = 60_000;

const Entity = z.enum(['accounts', 'contacts', 'leads', 'events', 'equipment']);
const DateOrder = z.enum(['day-first', 'month-first']);
const Choices = z.object({
  entity: Entity,
  file_name: z.string().max(200).default('table.csv'),
  /** JSON: column of the table by header of the file. */
  mapping: z.string().max(10_000).optional(),
  date_order: DateOrder.optional().openapi({
    description: 'Of date columns whose dates can be read either way; without it they are refused.',
  }),
  /** JSON: order by header of the file, instead of what the file's dates suggest. */
  date_orders: z.string().max(10_000).optional(),
  names: z.enum(['first-last', 'last-first', 'whole']).default('first-last').openapi({
    description: 'How full names are divided. “Smith, Anna” is the last name first in any case.',
  }),
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
const Problem = z.object({
  line: z.number(),
  column: z.string(),
  message: z.string(),
  kept: z
    .boolean()
    .optional()
    .openapi({ description: 'Whether the row comes in all the same, without this field.' }),
});
const Match = z
  .object({
    line: z.number(),
    id: z.string().openapi({ description: 'Of the record that was there already.' }),
    by: z.string().openapi({ description: 'The column in which they agree.' }),
    value: z.string(),
    name: z.string().optional(),
    sameAs: z.number().optional().openapi({ description: 'The earlier line of the file that is the same.' }),
  })
  .openapi('ImportMatch');
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
        incomplete: z
          .number()
          .openapi({ description: 'Rows that came in without a field that could not be read.' }),
        errors: z.array(Problem),
        matches: z
          .array(Match)
          .openapi({ description: 'Rows that were there already, and how they were recognized.' }),
        removed: z.number().openapi({ description: 'Rows that undoing removed.' }),
        restored: z.number().openapi({ description: 'Updated rows that undoing restored.' }),
        kept: z.number().openapi({ description: 'Rows that undoing kept: changed since, or in use.' }),
        keptRows: z.array(
          z.object({
            kind: z.string(),
            id: z.string(),
            name: z.string(),
            columns: z.array(z.string()).optional(),
            reason: z.string().nullish(),
          }),
        ),
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
    fields: z.array(
      z.object({ column: z.string(), label: z.string(), required: z.boolean(), several: z.boolean() }),
    ),
    total: z.number().openapi({ description: 'Rows of the file.' }),
    dates: z
      .array(
        z.object({
          header: z.string(),
          order: DateOrder.optional(),
          found: z.enum(['day-first', 'month-first', 'none', 'either', 'both']),
          example: z.object({ text: z.string(), dayFirst: z.string(), monthFirst: z.string() }).optional(),
        }),
      )
      .openapi({ description: 'Date columns. One without an order has to be asked about.' }),
    names: z
      .array(z.object({ text: z.string(), first_name: z.string(), last_name: z.string().optional() }))
      .openapi({ description: 'How full names are divided: examples.' }),
    failed: z.number(),
    incomplete: z.number(),
    problems: z.array(Problem),
    duplicates: z.number(),
    matches: z.array(Match),
    rows: z
      .array(
        z.object({
          line: z.number(),
          values: z.record(z.string(), z.unknown()),
          errors: z.array(Problem),
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

const EXPORTED = Object.keys(EXPORTS) as ExportedTableName[];

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
        return context.json(await previewImport(caller.client, () => upload.read(), options), 200);
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
      request: { params: z.object({ file: z.enum(EXPORTED.map((table) => `${table}.csv` as const)) }) },
      responses: { 200: file('text/csv', 'All rows that the user may see') },
    }),
    async (context) => {
      const caller = await requireTenantContext(context, parts);
      if (caller.role === 'viewer' || caller.role === 'staff')
        throw new RequestError('forbidden', 'Your role may not export.');
      requireRecentProof(caller);
      const { file: name } = context.req.valid('param');
      const people = await parts.application.users.list(caller.tenant.id);
      const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
      const table = name.replace('.csv', '') as ExportedTableName;
      const served: ServedBy[] = [];
      const reader = await parts.manager.getClientForTenant(caller.tenant.id, false, {
        ...{ accessToken: caller.accessToken, readOnly: true, maxLagMs: EXPORT_LAG_MS, afterWrites: true },
        served: (by) => served.push(by),
      });
      const lines = exportTable(reader, table, (id) => names.get(id));
      // Later pages are read later: everything up to the first one's time is in all of them.
      const first = await lines.next();
      const all = first.done ? [] : joined(first.value, lines);
      const [{ asOf } = { asOf: new Date() }] = served;
      return context.body(Readable.toWeb(Readable.from(all)) as ReadableStream, 200, {
        [AS_OF_HEADER]: asOf.toISOString(),
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${name}"`,
      });
    },
  );

  return routes;
}

async function* joined(first: string, others: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* others;
}

/** @throws RequestError `forbidden` */
function requireImporter(caller: TenantContext): TenantContext {
  if (['owner', 'admin', 'manager'].includes(caller.role)) return caller;
  throw new RequestError('forbidden', 'Your role may not import.', { hint: 'Ask a manager.' });
}

function read(query: z.infer<typeof Choices>): { fileName: string; options: ImportOptions } {
  const {
    entity,
    file_name: fileName,
    mapping,
    date_order,
    date_orders,
    names,
    currency,
    duplicates,
  } = query;
  return {
    fileName,
    options: {
      entity,
      nameStyle: names,
      currency,
      duplicates,
      ...(date_order ? { dateOrder: date_order } : {}),
      ...(date_orders ? { dateOrders: readObject(date_orders, DateOrder) } : {}),
      ...(mapping ? { mapping: readObject(mapping, z.string()) } : {}),
    },
  };
}

function readObject<Value extends z.ZodType>(text: string, value: Value): Record<string, z.infer<Value>> {
  const result = z.record(z.string(), value).safeParse(parse(text));
  if (result.success) return result.data as Record<string, z.infer<Value>>;
  throw new RequestError(
    'request_malformed',
    'The mapping or the order of dates is not a JSON object of texts.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
