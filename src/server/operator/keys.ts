// `/api/operator/keys`: as `marquee secrets`, `marquee tokens`, `marquee signing-keys` and `marquee seal`.
import { createRoute, z } from '@hono/zod-openapi';
import { type RecordedError, recorded, storeKeys } from '@/lib/backups';
import { type RotatedLogins, rotateSeal, sealedSources } from '@/lib/data-sources';
import { SIGNING_PURPOSES } from '@/lib/operations';
import { retireKey, rotateSecrets, type StoreProgress, secretsStatus } from '@/lib/rotation';
import { type AnswerOf, createRouter, IdempotencyHeader, json, jsonBody } from '../api/router';
import { authorOf } from '../context';
import { requireRecentProof, requireSession } from '../session';
import { forOperators } from '.';
import { requireConfirmation } from './confirmation';
import type { OperatorDependencies } from './dependencies';
import { beginTask, begun } from './tasks/answers';
import { PartsFailed } from './tasks/tasks';

const Secrets = z.object({
  present: z.string().openapi({ description: 'The key that encrypts, without its version.' }),
  stores: z.array(z.object({ store: z.string(), keys: z.record(z.string(), z.number()) })),
  retired: z.array(z.string()),
  processes: z.array(
    z.object({ host: z.string(), pid: z.number(), role: z.string(), wraps: z.string().nullable() }),
  ),
  problems: z.array(z.string()).openapi({ description: 'What could not be read.' }),
});
const TokenKey = z
  .object({
    id: z.string(),
    state: z.enum(['signs', 'next', 'verifies', 'revoked']),
    createdAt: z.date(),
    signsFrom: z.date(),
    lastExpiry: z.date().nullable().openapi({ description: 'No token of it expires later.' }),
  })
  .openapi('TokenKey');
const Purpose = z.enum(SIGNING_PURPOSES);
const SigningKey = z
  .object({
    id: z.string(),
    purpose: Purpose,
    state: z.enum(['signs', 'verifies']),
    createdAt: z.date(),
  })
  .openapi('SigningKey');
export type SecretsStatusAnswer = AnswerOf<typeof Secrets>;
export type TokenKeyAnswer = AnswerOf<typeof TokenKey>;
export type SigningKeyAnswer = AnswerOf<typeof SigningKey>;

export function operatorKeyRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { application, operations, manager, operator } = parts;
  const rotation = { application, operations, manager, secretBox: operator.secretBox };

  const secrets = createRoute({
    method: 'get',
    path: '/secrets',
    middleware: forOperators(parts, 'secrets.read'),
    tags: ['Keys'],
    summary:
      'Which key each secret is under, and which key each process encrypts with. Nothing is decrypted.',
    responses: { 200: json(Secrets, 'As of now.') },
  });
  routes.openapi(secrets, async (context) => {
    return context.json(await secretsStatus(rotation), 200);
  });

  const rotate = createRoute({
    method: 'post',
    path: '/secrets/rotate',
    middleware: forOperators(parts, 'secrets.rotate'),
    tags: ['Keys'],
    summary:
      'Brings every secret to the key that encrypts now. Begun again, it goes on where it was interrupted.',
    request: { headers: IdempotencyHeader },
    responses: begun,
  });
  routes.openapi(rotate, async (context) => {
    const session = await requireSession(context, parts);
    const by = authorOf(context, `user:${session.user.id}`);
    const task = { kind: 'secrets.rotate', title: operator.secretBox.keys.wraps };
    const begun = await beginTask(context, parts, session, task, async ({ progress }) => {
      const stores = new Map<string, StoreProgress>();
      const { problems, ...result } = await rotateSecrets(rotation, by, {
        progress(now) {
          stores.set(now.store, now);
          progress({ stores: [...stores.values()] });
        },
      });
      const stored = await storeKeys(rotation);
      const all = [...problems, ...stored.problems.map((one) => (one as Error).message)];
      if (all.length === 0) return { ...result, problems: all };
      throw new PartsFailed({ ...result, problems: all }, { failed: all.length });
    });
    return context.json(begun, 202);
  });

  const retire = createRoute({
    method: 'post',
    path: '/secrets/retire',
    middleware: forOperators(parts, 'secrets.retire'),
    tags: ['Keys'],
    summary: 'Says that a key is needed no more; refused while a secret is under it. Needs a recent proof.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(
        z.object({
          key: z.string().min(1).max(300),
          confirm: z.string().openapi({ description: 'The key’s name, as a person has typed it.' }),
        }),
      ),
    },
    responses: { 204: { description: 'It may be removed from the configuration, or destroyed.' } },
  });
  routes.openapi(retire, async (context) => {
    const session = await requireSession(context, parts);
    const { key, confirm } = context.req.valid('json');
    requireConfirmation(confirm, key);
    requireRecentProof(session);
    await retireKey(rotation, key, authorOf(context, `user:${session.user.id}`));
    return context.body(null, 204);
  });

  const tokens = createRoute({
    method: 'get',
    path: '/tokens',
    middleware: forOperators(parts, 'secrets.read'),
    tags: ['Keys'],
    summary: 'The keys that sign tokens, and until when each verifies.',
    responses: { 200: json(z.object({ keys: z.array(TokenKey) }), 'The latest first.') },
  });
  routes.openapi(tokens, async (context) => {
    return context.json({ keys: await operations.tokenKeys.list() }, 200);
  });

  const rotateTokens = createRoute({
    method: 'post',
    path: '/tokens/rotate',
    middleware: forOperators(parts, 'secrets.rotate'),
    tags: ['Keys'],
    summary: 'Makes the next key; tokens of the present one stay valid until they expire.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(
        z.object({
          leadSeconds: z.number().int().min(0).max(86_400).default(600).openapi({
            description: 'Published for so long before it signs, for programs that keep the JWKS.',
          }),
        }),
      ),
    },
    responses: { 201: json(TokenKey, 'Sessions go on.') },
  });
  routes.openapi(rotateTokens, async (context) => {
    return context.json(await operations.tokenKeys.rotate(context.req.valid('json').leadSeconds), 201);
  });

  const revoke = createRoute({
    method: 'post',
    path: '/tokens/{id}/revoke',
    middleware: forOperators(parts, 'secrets.rotate'),
    tags: ['Keys'],
    summary: 'Refuses all tokens of a key, in every process within ten seconds. Needs a recent proof.',
    request: {
      headers: IdempotencyHeader,
      params: z.object({ id: z.string().min(1).max(100) }),
      body: jsonBody(z.object({ confirm: z.string().openapi({ description: 'The key’s id, as typed.' }) })),
    },
    responses: { 200: json(TokenKey, 'Its sessions end.') },
  });
  routes.openapi(revoke, async (context) => {
    const session = await requireSession(context, parts);
    const { id } = context.req.valid('param');
    requireConfirmation(context.req.valid('json').confirm, id);
    requireRecentProof(session);
    return context.json(await operations.tokenKeys.revoke(id), 200);
  });

  const signing = createRoute({
    method: 'get',
    path: '/signing',
    middleware: forOperators(parts, 'secrets.read'),
    tags: ['Keys'],
    summary: 'The keys that sign certificates of moves and checkpoints of the audit log.',
    responses: { 200: json(z.object({ keys: z.array(SigningKey) }), 'By purpose, the latest first.') },
  });
  routes.openapi(signing, async (context) => {
    return context.json({ keys: await operations.signingKeys.list() }, 200);
  });

  const rotateSigning = createRoute({
    method: 'post',
    path: '/signing/{purpose}/rotate',
    middleware: forOperators(parts, 'secrets.rotate'),
    tags: ['Keys'],
    summary: 'Makes the next key, which signs from now on; what former keys have signed stays valid.',
    request: { headers: IdempotencyHeader, params: z.object({ purpose: Purpose }) },
    responses: { 201: json(z.object({ id: z.string() }), 'The key.') },
  });
  routes.openapi(rotateSigning, async (context) => {
    return context.json({ id: await operations.signingKeys.rotate(context.req.valid('param').purpose) }, 201);
  });

  const seals = createRoute({
    method: 'get',
    path: '/seals',
    middleware: forOperators(parts, 'secrets.read'),
    tags: ['Keys'],
    summary: 'Data sources whose key that seals tenants’ claims can be replaced from here.',
    responses: {
      200: json(
        z.object({ sources: z.array(z.string()) }),
        'By name. Others belong to a DBA, or are Supabase projects.',
      ),
    },
  });
  routes.openapi(seals, async (context) => {
    return context.json({ sources: await sealedSources(operations) }, 200);
  });

  const rotateSeals = createRoute({
    method: 'post',
    path: '/seals/rotate',
    middleware: forOperators(parts, 'secrets.rotate'),
    tags: ['Keys'],
    summary: 'Replaces the key of each data source, with the login that has it, while Marquee serves.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(
        z.object({
          sources: z
            .array(z.string().min(1).max(63))
            .min(1)
            .optional()
            .openapi({ description: 'All that can be, when left out.' }),
        }),
      ),
    },
    responses: begun,
  });
  routes.openapi(rotateSeals, async (context) => {
    const session = await requireSession(context, parts);
    const by = authorOf(context, `user:${session.user.id}`);
    const { sources = await sealedSources(operations) } = context.req.valid('json');
    const title = sources.length === 1 ? (sources[0] as string) : `${sources.length} data sources`;
    const begun = await beginTask(
      context,
      parts,
      session,
      { kind: 'seal.rotate', title },
      async ({ progress, signal }) => {
        const rotated: ReturnType<typeof shown>[] = [];
        const failed: { dataSource: string; error: RecordedError }[] = [];
        for (const [done, dataSource] of sources.entries()) {
          signal.throwIfAborted();
          await rotateSeal(parts, dataSource, by).then(
            (one) => rotated.push(shown(one)),
            (problem: unknown) => {
              if (sources.length === 1 || signal.aborted) throw problem;
              // A data source that cannot be reached does not prevent the others' rotation.
              failed.push({ dataSource, error: recorded(problem) });
            },
          );
          progress({ done: done + 1, of: sources.length });
        }
        if (failed.length === 0) return { rotated, failed };
        throw new PartsFailed({ rotated, failed }, { failed: failed.length, of: sources.length });
      },
    );
    return context.json(begun, 202);
  });
  return routes;
}

function shown({ dataSource, created, dropped, remaining, tenants }: RotatedLogins) {
  return { dataSource: dataSource.name, created, dropped, remaining, tenants };
}
