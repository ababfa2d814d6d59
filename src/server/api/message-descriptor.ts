import { z } from '@hono/zod-openapi';

const Words = z.object({
  code: z.string().openapi({ description: 'Such as `evidence.round_trip`.' }),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** A sentence as code and values, which pages say in other languages. */
export const MessageDescriptor = Words.extend({
  parts: z
    .record(z.string(), z.array(Words.extend({ text: z.string() })))
    .optional()
    .openapi({ description: 'Values that are lists of sentences, each with its English text.' }),
});
