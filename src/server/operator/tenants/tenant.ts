import { createRoute, z } from '@hono/zod-openapi';
import { AUDIT_ACTIONS, type AuditAction, type Tenant } from '@/lib/application';
import { backupStates, listBackups, listHolds } from '@/lib/backups';
import { DEFAULT_LIMITS, readPoolLimits } from '@/lib/data-sources';
import { MoveStore, namesOf } from '@/lib/movement';
import { type AnswerOf, createRouter, Id, json } from '../../api/router';
import type { ServerDependencies } from '../../dependencies';
import { forOperators } from '..';
import { Failure } from '../moves/answers';
import { ByTenant } from '../named';
import { describeTenant, TenantRow } from './tenants';

const Limit = z.object({ key: z.string(), value: z.union([z.number(), z.boolean()]), isSet: z.boolean() });
const One = TenantRow.extend({
  idInDataSource: z.string(),
  supportPolicy: z.string(),
  schemaVersion: z.number().int().nullable().openapi({ description: 'Of its data source.' }),
  newestSchemaVersion: z.number().int().nullable(),
  limits: z.array(Limit).openapi({ description: 'What holds; `isSet` where it differs from the default.' }),
  hold: z.string().nullable().openapi({ description: 'Reason of a legal hold.' }),
  backup: z.object({
    lastAt: z.date().nullable(),
    provenAt: z.date().nullable(),
    drill: z.string().nullable(),
  }),
}).openapi('OperatorTenantPage');
const Users = z.object({
  users: z.array(
    z.object({
      ...{ id: Id, email: z.string(), displayName: z.string(), role: z.string(), status: z.string() },
      ...{ secondFactor: z.boolean(), lastSignInAt: z.date().nullable() },
    }),
  ),
  sessions: z.array(
    z.object({
      ...{ id: Id, userId: Id, kind: z.string(), method: z.string(), address: z.string().nullable() },
      ...{ lastUsedAt: z.date(), expiresAt: z.date() },
    }),
  ),
});
const Moves = z.object({
  moves: z.array(
    z.object({
      ...{ id: Id, fromSource: z.string(), toSource: z.string(), step: z.string(), mode: z.string() },
      ...{ from: z.string(), to: z.string() },
      ...{ createdAt: z.date(), finishedAt: z.date().nullable(), error: Failure.nullable() },
    }),
  ),
});
const Backups = z.object({
  backups: z.array(
    z.object({
      ...{ id: Id, state: z.string(), reason: z.string(), startedAt: z.date(), asOf: z.date().nullable() },
      ...{ rows: z.number().nullable(), storedBytes: z.number().nullable(), provenAt: z.date().nullable() },
      error: Failure.nullable(),
    }),
  ),
});
const Records = z.object({
  records: z.array(
    z.object({
      ...{ id: z.string(), occurredAt: z.date(), actor: z.string(), actorName: z.string() },
      ...{ action: z.string(), entity: z.string(), address: z.string().nullable() },
      means: z.string().nullable().openapi({ description: 'What the action is, in words.' }),
    }),
  ),
});
export type OperatorTenantPage = AnswerOf<typeof One>;
export type TenantUsers = AnswerOf<typeof Users>;
export type TenantMoves = AnswerOf<typeof Moves>;
export type TenantBackups = AnswerOf<typeof Backups>;
export type TenantRecords = AnswerOf<typeof Records>;

/** `/api/operator/tenants/{tenant}`: what a tenant's page shows. */
export function operatorTenantPageRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { application, operations, signIn } = parts;
  const described = { method: 'get' as const, tags: ['Operator'], request: { params: ByTenant } };

  const one = createRoute({
    ...described,
    path: '/{tenant}',
    middleware: forOperators(parts, 'tenants.read'),
    summary: 'A tenant: route, limits, backups, schema version.',
    responses: { 200: json(One, 'Never its credentials.') },
  });
  routes.openapi(one, async (context) => {
    const tenant = await parts.application.tenants.named(context.req.valid('param').tenant);
    const [sources, states, holds] = await Promise.all([
      operations.dataSources.list(),
      backupStates(operations.pool, [tenant.id]),
      listHolds(operations.pool),
    ]);
    const versions = sources.flatMap(({ schemaVersion }) => schemaVersion ?? []);
    const state = states.get(tenant.id);
    return context.json(
      {
        ...describeTenant(tenant, await operations.dataSources.names()),
        idInDataSource: tenant.tenantIdInDataSource,
        supportPolicy: tenant.supportPolicy,
        schemaVersion: sources.find(({ id }) => id === tenant.dataSourceId)?.schemaVersion ?? null,
        newestSchemaVersion: versions.length > 0 ? Math.max(...versions) : null,
        limits: limitsOf(tenant),
        hold: holds.find(({ tenantId }) => tenantId === tenant.id)?.reason ?? null,
        backup: {
          ...{ lastAt: state?.lastBackupAt ?? null, provenAt: state?.lastProvenAt ?? null },
          drill: state?.lastDrill ?? null,
        },
      },
      200,
    );
  });

  const users = createRoute({
    ...described,
    path: '/{tenant}/users',
    middleware: forOperators(parts, 'users.read'),
    summary: 'Its users, and their open sessions.',
    responses: { 200: json(Users, 'Sessions: the last used first, at most 200.') },
  });
  routes.openapi(users, async (context) => {
    const { id } = await parts.application.tenants.named(context.req.valid('param').tenant);
    const [people, sessions] = await Promise.all([application.users.list(id), signIn.sessions.ofTenant(id)]);
    return context.json(
      {
        users: people.map(({ totpConfirmedAt, ...user }) => {
          const { id, email, displayName, role, status, lastSignInAt } = user;
          return {
            id,
            email,
            displayName,
            role,
            status,
            lastSignInAt,
            secondFactor: totpConfirmedAt !== null,
          };
        }),
        sessions: sessions.map(({ id, userId, kind, method, address, lastUsedAt, expiresAt }) => ({
          ...{ id, userId, kind, method, address, lastUsedAt, expiresAt },
        })),
      },
      200,
    );
  });

  const moves = createRoute({
    ...described,
    path: '/{tenant}/moves',
    middleware: forOperators(parts, 'moves.read'),
    summary: 'Its moves.',
    responses: { 200: json(Moves, 'The newest first.') },
  });
  routes.openapi(moves, async (context) => {
    const { id: tenantId } = await parts.application.tenants.named(context.req.valid('param').tenant);
    const found = await new MoveStore(operations.pool).list({ tenantId });
    const named = await namesOf(parts, found);
    const shown = found.map((move) => {
      const { id, fromSource, toSource, step, mode, createdAt, finishedAt, error } = move;
      const { from, to } = named(move);
      return {
        ...{ id, fromSource, toSource, from, to, step, mode, createdAt, finishedAt },
        error: error && { code: error.code, message: error.message, hint: error.hint },
      };
    });
    return context.json({ moves: shown }, 200);
  });

  const backups = createRoute({
    ...described,
    path: '/{tenant}/backups',
    middleware: forOperators(parts, 'backups.read'),
    summary: 'Its backups.',
    responses: { 200: json(Backups, 'The newest first.') },
  });
  routes.openapi(backups, async (context) => {
    const { id: tenantId } = await parts.application.tenants.named(context.req.valid('param').tenant);
    const found = await listBackups(operations.pool, { tenantId });
    const shown = found.map(({ id, state, reason, startedAt, asOf, rows, storedBytes, provenAt, error }) => ({
      ...{ id, state, reason, startedAt, asOf, rows, storedBytes, provenAt },
      error: error && { code: error.code, message: error.message },
    }));
    return context.json({ backups: shown }, 200);
  });

  const audit = createRoute({
    ...described,
    path: '/{tenant}/audit',
    middleware: forOperators(parts, 'audit.read'),
    summary: 'Its part of the audit log.',
    responses: { 200: json(Records, 'The newest first, at most 100.') },
  });
  routes.openapi(audit, async (context) => {
    const { id: tenantId } = await parts.application.tenants.named(context.req.valid('param').tenant);
    const found = await application.audit.list({ tenantId });
    const nameOf = await parts.actorNames.of(found.map(({ actor }) => actor));
    const records = found.map(({ id, occurredAt, actor, action, entity, address }) => ({
      ...{ id, occurredAt, actor, actorName: nameOf(actor), action, entity, address },
      means: AUDIT_ACTIONS[action as AuditAction] ?? null,
    }));
    return context.json({ records }, 200);
  });

  return routes;
}

function limitsOf({ connectionPoolConfig: set }: Tenant) {
  return Object.entries({ ...DEFAULT_LIMITS, ...readPoolLimits(set) }).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value, isSet: key in set }],
  );
}
