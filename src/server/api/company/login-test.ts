import { z } from '@hono/zod-openapi';
import { MessageDescriptor } from '../message-descriptor';
import type { AnswerOf } from '../router';

const Check = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'warning', 'failed']),
  code: z.string().optional().openapi({ description: 'Where it did not pass. Stable; for programs.' }),
  message: z.string(),
  hint: z.string().optional().openapi({ description: 'What to do about it, where it did not pass.' }),
  says: z.object({ message: MessageDescriptor, hint: MessageDescriptor.optional() }).optional().openapi({
    description: 'Message and hint as codes and values; missing where they are those of an error.',
  }),
});

/** What the connection test found about one login. */
export const LoginTest = z
  .object({
    purpose: z.enum(['router', 'mover', 'administrator']).openapi({ description: 'What the login is for.' }),
    ok: z.boolean().openapi({ description: 'No check failed; there may be warnings.' }),
    code: z.string().optional().openapi({ description: 'Of the first failure.' }),
    checks: z.array(Check).openapi({ description: 'In the order of connecting. docs/connection-test.md.' }),
    latencyMs: z.number().optional().openapi({ description: 'Median round trip.' }),
    latencyP99Ms: z.number().optional(),
    clockSkewMs: z.number().optional().openapi({ description: 'The server’s clock minus this machine’s.' }),
    addresses: z.array(z.string()).optional(),
    serverVersion: z.string().optional(),
    schemaVersion: z
      .number()
      .int()
      .nullish()
      .openapi({ description: 'Null: not installed, or not readable.' }),
  })
  .openapi('LoginTest');
export type LoginTestAnswer = AnswerOf<typeof LoginTest>;
