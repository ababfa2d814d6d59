import { z } from '@hono/zod-openapi';

/** A part of a long list: where it begins, how long it is, what is searched for. Answers are `{rows, total}`. */
export const OffsetPaging = z.object({
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  search: z.string().trim().max(200).optional(),
  descending: z.stringbool().optional(),
});
