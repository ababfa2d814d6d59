import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { JSONParsed } from 'hono/utils/types';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { idempotent } from './idempotency';

/**
 * A set of described routes; requests that do not match the description are refused as problem+json.
 *
 * @param parts for idempotent routes: those described with `IdempotencyHeader`
 */
export function createRouter(parts?: ServerDependencies): OpenAPIHono<Environment> {
  const router = new OpenAPIHono<Environment>({
    defaultHook: (result) => {
      if (!result.success) throw malformed(result.error);
    },
  });
  if (!parts) return router;
  const { openapi } = router;
  router.openapi = ((...[route, ...handlers]: Parameters<typeof openapi>) => {
    const isIdempotent = IDEMPOTENT.has(route.request?.headers);
    return openapi(
      isIdempotent ? { ...route, middleware: [route.middleware ?? [], idempotent(parts)].flat() } : route,
      ...handlers,
    );
  }) as typeof openapi;
  return router;
}

/** Checks a value that the route reads itself. @throws RequestError `request_malformed` */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw malformed(result.error);
  return result.data;
}

function malformed({ issues }: Pick<z.ZodError, 'issues'>): RequestError {
  const problems = issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  return new RequestError('request_malformed', `The request is not as expected: ${problems.join('; ')}`);
}

/** A file in a form, in a route's description. */
export const FormFile = z.instanceof(File).openapi({ type: 'string', format: 'binary' });

/** The body of every error answer (RFC 9457). */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string().openapi({ description: 'What happened, in words for people.' }),
    status: z.number().int(),
    code: z.string().openapi({ description: 'Stable; for programs.' }),
    hint: z.string().optional().openapi({ description: 'What to do next.' }),
    request_id: z.string(),
    refusal: z
      .object({
        rule: z.string(),
        column: z.string().optional(),
        other: z.string().optional(),
        value: z.string().optional(),
        type: z.string().optional(),
      })
      .optional()
      .openapi({ description: 'What the database refused, as facts: the requirement, and the column.' }),
  })
  .openapi('Problem');

export const Id = z.uuid();
export const Email = z.email().max(320);
/** Further recipients of a mail. */
export const Cc = z.array(Email).max(10).default([]);
/** A token that Marquee has signed for one purpose, such as that of a mailed link. */
export const SignedToken = z.string().min(20).max(4000);
/** Minor units of the document's currency: cents, yen. */
export const Money = z.number().int().openapi({ description: 'Minor units of the currency.' });
export const ById = z.object({ id: Id });

/** Where a list begins, and how long a page is. */
export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(2000).optional().openapi({ description: '`next` of the page before.' }),
});

export const IdempotencyHeader = z.object({
  'idempotency-key': z.string().min(8).max(200).optional().openapi({
    description:
      'Requests with the same key are done once: later ones get the first answer, for a day. Without a key, a request that is sent twice at once is done once.',
  }),
});

/** For routes whose repetition would be costly: the key is required. */
export const RequiredIdempotencyHeader = IdempotencyHeader.required();
const IDEMPOTENT = new Set<unknown>([IdempotencyHeader, RequiredIdempotencyHeader]);

/** What a client gets of an answer with this schema: as JSON, dates are texts. */
export type AnswerOf<Schema extends z.ZodType> = JSONParsed<z.infer<Schema>>;

/** What a client sends as a body with this schema: what has a default may be left out. */
export type BodyOf<Schema extends z.ZodType> = z.input<Schema>;

/** A JSON answer in a route's description. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON body in a route's description. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** A file in a route's description. */
export function file(mediaType: string, description: string) {
  return { description, content: { [mediaType]: { schema: { type: 'string' as const, format: 'binary' } } } };
}

/** A page of rows, and where the next begins. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), next: z.string().nullable() });
}

/** For routes without sign-in. */
export const PUBLIC: { security: [] } = { security: [] };
