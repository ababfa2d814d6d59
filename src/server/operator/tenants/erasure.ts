// `/api/operator/tenants/{tenant}/erasure`: as `marquee backup erase`. Certificates stay when the tenant is gone.
import { createRoute, z } from '@hono/zod-openapi';
import {
  anyTenant,
  countBackups,
  eraseTenant,
  expectNoHold,
  listErasures,
  removedTenants,
} from '@/lib/backups';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  Id,
  json,
  jsonBody,
  RequiredIdempotencyHeader,
} from '../../api/router';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators } from '..';
import { backupsOf } from '../backups/shared-schemas';
import { requireConfirmation, typedName } from '../confirmation';
import type { OperatorDependencies } from '../dependencies';
import { ByTenant } from '../named';
import { beginTask, begun } from '../tasks/answers';

const Counts = { rows: z.number(), files: z.number() };
const Erasure = z
  .object({
    tenantId: Id,
    source: z.string().openapi({ description: 'Name of the data source that it was on.' }),
    erasedAt: z.string(),
    requestedByName: z.string(),
    before: z.object({ ...Counts, backups: z.number() }),
    after: z.object({ ...Counts, backupObjects: z.number() }),
    mayRemain: z
      .array(z.string())
      .openapi({ description: 'What could not be reached and may still be there.' }),
    signed: z
      .object({ certificate: z.record(z.string(), z.unknown()), signature: z.string() })
      .openapi({ description: 'As it was signed.' }),
  })
  .openapi('TenantErasure');
const Removed = z
  .object({
    id: Id,
    name: z.string(),
    subdomain: z
      .string()
      .openapi({ description: 'As it was. The id where the audit log does not say it any more.' }),
    removedAt: z.date().nullable(),
    backups: z.number().int().openapi({ description: 'Number of backups that exist.' }),
  })
  .openapi('RemovedTenant');
const Confirmed = z.object({
  confirm: typedName('tenant'),
  leaveUnreachable: z.boolean().default(false).openapi({
    description:
      'Although copies in databases that were given up cannot be reached: the certificate names them.',
  }),
});
export type TenantErasure = AnswerOf<typeof Erasure>;
export type RemovedTenant = AnswerOf<typeof Removed>;
export type EraseTenant = BodyOf<typeof Confirmed>;

export function tenantErasureRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const removed = async () => {
    const tenants = await removedTenants(parts);
    const kept = await countBackups(
      parts.operations.pool,
      tenants.map(({ id }) => id),
    );
    return tenants.map(({ id, name, subdomain, removedAt = null }) => ({
      ...{ id, name, subdomain, removedAt, backups: kept.get(id) ?? 0 },
    }));
  };

  const erase = createRoute({
    method: 'post',
    path: '/tenants/{tenant}/erasure',
    middleware: forOperators(parts, 'backups.give_out'),
    tags: ['Operator'],
    summary:
      'Removes a tenant with its rows, files and backups for good, and certifies that nothing is left. Also one that was removed before. Needs a recent proof.',
    request: { headers: RequiredIdempotencyHeader, params: ByTenant, body: jsonBody(Confirmed) },
    responses: begun,
  });
  routes.openapi(erase, async (context) => {
    const session = await requireSession(context, parts);
    const tenant = await anyTenant(parts, context.req.valid('param').tenant);
    const { confirm, leaveUnreachable } = context.req.valid('json');
    requireConfirmation(confirm, tenant.subdomain);
    requireRecentProof(session);
    await expectNoHold(parts.operations.pool, tenant.id);
    const task = { kind: 'tenants.erase', subject: tenant.id, title: tenant.subdomain, joins: true };
    const begun = await beginTask(context, parts, session, task, async ({ progress }) => {
      const { erasureKey } = parts.operator.backups;
      const by = `user:${session.user.id}`;
      const { certificate } = await eraseTenant(backupsOf(parts), tenant.id, erasureKey, by, {
        leaveUnreachable,
        progress: (now) => progress({ ...now }),
      });
      return { ...certificate.before, mayRemain: certificate.mayRemain };
    });
    return context.json(begun, 202);
  });

  const list = createRoute({
    method: 'get',
    path: '/erasures',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Operator'],
    summary:
      'Tenants that were erased, with their certificates, and tenants that were removed and left backups.',
    responses: {
      200: json(
        z.object({
          erasures: z.array(Erasure),
          removed: z.array(Removed).openapi({
            description:
              'Tenants that were removed otherwise, or whose erasure has not ended: something of them is left.',
          }),
        }),
        'The newest first.',
      ),
    },
  });
  routes.openapi(list, async (context) => {
    const found = await listErasures(backupsOf(parts));
    const nameOf = await parts.actorNames.of(found.map(({ certificate }) => certificate.requestedBy));
    const erasures = found.map(({ certificate, signature }) => {
      const {
        tenant: tenantId,
        dataSource: source,
        erasedAt,
        requestedBy,
        before,
        after,
        mayRemain,
      } = certificate;
      return {
        ...{ tenantId, source, erasedAt, requestedByName: nameOf(requestedBy), before, after, mayRemain },
        signed: { certificate: { ...certificate }, signature },
      };
    });
    return context.json({ erasures, removed: await removed() }, 200);
  });

  return routes;
}
