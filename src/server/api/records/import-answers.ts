// What the routes of imports take and answer.
import { z } from '@hono/zod-openapi';
import type { ImportOptions } from '@/lib/crm/import';
import { RequestError } from '../../errors';
import type { AnswerOf, BodyOf } from '../router';

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
export const upload = {
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
export const Import = z
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

export const Imports = z.object({ imports: z.array(Import) });
export const Preview = z
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

/** An import as its query chooses it. @throws RequestError `request_malformed` */
export function readChoices(query: z.infer<typeof Choices>): { fileName: string; options: ImportOptions } {
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
