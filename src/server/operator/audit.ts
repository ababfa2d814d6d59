// `/api/operator/audit`: the whole audit log, as `marquee audit`.
import { createRoute, z } from '@hono/zod-openapi';
import { verifyAuditLog } from '@/lib/alerts';
import { AUDIT_ACTIONS, type AuditFilter, deliverCheckpoint } from '@/lib/application';
import { type AnswerOf, createRouter, IdempotencyHeader, json } from '../api/router';
import { authorOf } from '../context';
import { requireSession } from '../session';
import { forOperators } from '.';
import type { OperatorDependencies } from './dependencies';
import { beginTask, begun } from './tasks/answers';

const Digits = z.string().regex(/^[1-9]\d{0,17}$/);
const Filter = z.object({
  who: z.string().max(200).optional().openapi({
    description:
      'An actor as the log spells it, or the email address of an operator or, with a tenant, of its user.',
  }),
  tenant: z.string().max(63).optional().openapi({ description: 'Id or subdomain.' }),
  action: z.string().max(100).optional(),
  entity: z.string().max(100).optional(),
  entityId: z.string().max(200).optional(),
  since: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
  before: Digits.optional().openapi({ description: '`id` of the last record of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const Json = z.record(z.string(), z.unknown()).nullable();
const Record = z
  .object({
    id: z.string(),
    occurredAt: z.date(),
    tenantId: z.string().nullable(),
    tenantName: z.string().nullable(),
    actor: z.string(),
    actorName: z.string(),
    requestId: z.string().nullable(),
    action: z.string(),
    entity: z.string(),
    entityId: z.string().nullable(),
    before: Json,
    after: Json,
    details: Json,
    address: z.string().nullable(),
  })
  .openapi('OperatorAuditRecord');
const Checkpoint = z.object({
  id: z.string(),
  madeAt: z.date(),
  by: z.string(),
  size: z.number().nullable(),
});
const Checkpoints = z.object({
  key: z.string().openapi({ description: 'Public: verifies this installation’s checkpoints.' }),
  previousKeys: z.array(z.string()),
  places: z.array(z.string()).openapi({ description: 'Where checkpoints go outside the database.' }),
  checkpoints: z.array(Checkpoint),
});
export type AuditRecordAnswer = AnswerOf<typeof Record>;
export type AuditCheckpoints = AnswerOf<typeof Checkpoints>;

export function operatorAuditRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { application, operations, operator, actorNames } = parts;
  const { audit, users, tenants } = application;
  const { sinks, file, keys } = operator.checkpoints;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'audit.read'),
    tags: ['Audit log'],
    summary: 'The audit log: who did what to what, when, and from where.',
    request: { query: Filter },
    responses: { 200: json(z.object({ records: z.array(Record) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { who, tenant, before, ...others } = context.req.valid('query');
    const tenantId = tenant ? (await parts.application.tenants.named(tenant)).id : undefined;
    const given = {
      ...others,
      ...{ tenantId, beforeId: before, actor: who ? await users.actorNamed(who, tenantId) : undefined },
    };
    const filter = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined && value !== ''),
    ) as AuditFilter;
    const found = await audit.list(filter);
    const nameOf = await actorNames.of(found.map(({ actor }) => actor));
    const names = await tenants.names(found.flatMap((record) => record.tenantId ?? []));
    const records = found.map((record) => ({
      ...record,
      actorName: nameOf(record.actor),
      tenantName: names.get(record.tenantId ?? '')?.name ?? null,
    }));
    return context.json({ records }, 200);
  });

  const actions = createRoute({
    method: 'get',
    path: '/actions',
    middleware: forOperators(parts, 'audit.read'),
    tags: ['Audit log'],
    summary: 'Every action that is recorded, with what it means.',
    responses: { 200: json(z.object({ actions: z.record(z.string(), z.string()) }), 'By subject.') },
  });
  routes.openapi(actions, async (context) => {
    return context.json({ actions: AUDIT_ACTIONS }, 200);
  });

  const verify = createRoute({
    method: 'post',
    path: '/verify',
    middleware: forOperators(parts, 'audit.read'),
    tags: ['Audit log'],
    summary: 'Reads the whole log and says which records were edited, deleted, inserted or rewritten.',
    request: { headers: IdempotencyHeader },
    responses: begun,
  });
  routes.openapi(verify, async (context) => {
    const session = await requireSession(context, parts);
    const task = { kind: 'audit.verify', title: 'Audit log' };
    const channels = operator.alertChannels;
    const begun = await beginTask(context, parts, session, task, async ({ progress }) => {
      const { verifiers } = await keys();
      const { id: head } = await audit.head();
      return verifyAuditLog(
        { application, operations, channels },
        { verifiers, file, progress: (records) => progress({ records, of: Number(head) }) },
      );
    });
    return context.json(begun, 202);
  });

  const prove = createRoute({
    method: 'post',
    path: '/{record}/proof',
    middleware: forOperators(parts, 'audit.read'),
    tags: ['Audit log'],
    summary:
      'Proves that a record is in the log that was signed. `marquee audit verify-proof` checks it anywhere.',
    request: { params: z.object({ record: Digits }) },
    responses: begun,
  });
  routes.openapi(prove, async (context) => {
    const session = await requireSession(context, parts);
    const { record: id } = context.req.valid('param');
    const task = { kind: 'audit.prove', subject: id, title: `Record ${id}` };
    const begun = await beginTask(context, parts, session, task, async () => ({
      proof: await audit.prove(BigInt(id), (await keys()).verifiers),
    }));
    return context.json(begun, 202);
  });

  const checkpoints = createRoute({
    method: 'get',
    path: '/checkpoints',
    middleware: forOperators(parts, 'audit.read'),
    tags: ['Audit log'],
    summary: 'Signed checkpoints of the log, the key that verifies them, and where they go outside.',
    responses: { 200: json(Checkpoints, 'The latest 20.') },
  });
  routes.openapi(checkpoints, async (context) => {
    const found = await audit.list({ action: 'audit.checkpoint', limit: 20 });
    const [key = '', ...previousKeys] = (await keys()).verifiers.map(({ text }) => text);
    const nameOf = await actorNames.of(found.map(({ actor }) => actor));
    const shown = found.map(({ id, occurredAt, actor, details }) => {
      const size = typeof details?.size === 'number' ? details.size : null;
      return { id, madeAt: occurredAt, by: nameOf(actor), size };
    });
    return context.json(
      { key, previousKeys, places: sinks.map(({ name }) => name), checkpoints: shown },
      200,
    );
  });

  const sign = createRoute({
    method: 'post',
    path: '/checkpoints',
    middleware: forOperators(parts, 'audit.sign'),
    tags: ['Audit log'],
    summary: 'Signs the present state of the log and writes it to every configured place outside.',
    request: { headers: IdempotencyHeader },
    responses: {
      201: json(
        z.object({ note: z.string(), isNew: z.boolean(), size: z.string(), delivered: z.array(z.string()) }),
        'Not new: no record was added since the last one.',
      ),
    },
  });
  routes.openapi(sign, async (context) => {
    const { user } = await requireSession(context, parts);
    const { signer, verifiers } = await keys();
    const signed = await audit.checkpoint(signer, verifiers, authorOf(context, `user:${user.id}`));
    const delivered = await deliverCheckpoint(sinks, signed);
    const { note, isNew, checkpoint } = signed;
    return context.json({ note, isNew, size: String(checkpoint.size), delivered }, 201);
  });
  return routes;
}
