// `/api/operator/backups`: as `marquee backup`.
import { createRoute, z } from '@hono/zod-openapi';
import {
  anyTenant,
  createBackup,
  drillBackup,
  findBackup,
  listBackups,
  openBackup,
  pruneBackups,
  storeFor,
  verifyBackup,
} from '@/lib/backups';
import { type AnswerOf, createRouter, Id, IdempotencyHeader, json, jsonBody } from '../../api/router';
import { RequestError } from '../../errors';
import { requireSession } from '../../session';
import { forOperators } from '..';
import type { OperatorDependencies } from '../dependencies';
import { ByTenant } from '../named';
import { beginTask, begun } from '../tasks/answers';
import { PartsFailed } from '../tasks/tasks';
import { drillRoutes } from './drills';
import { backupHoldRoutes } from './holds';
import { backupRestoreRoutes } from './restore';
import { ByBackup, backupsOf, Failure, titleOf } from './shared-schemas';
import { tenantBackupRoutes } from './tenants';

const Backup = z
  .object({
    id: Id,
    tenantId: Id,
    dataSource: z.string(),
    state: z.enum(['running', 'complete', 'failed', 'removing', 'removed']),
    reason: z.enum(['manual', 'scheduled', 'before_restore']),
    store: z.string(),
    requestedBy: z.string(),
    requestedByName: z.string(),
    startedAt: z.date(),
    finishedAt: z.date().nullable(),
    asOf: z.date().nullable().openapi({ description: 'The moment whose rows it holds.' }),
    rows: z.number().nullable(),
    storedBytes: z.number().nullable(),
    verifiedAt: z.date().nullable().openapi({ description: 'When all of it was last read back.' }),
    provenAt: z.date().nullable().openapi({ description: 'When a drill last restored it.' }),
    error: Failure,
  })
  .openapi('Backup');
const Manifest = z.object({
  schemaVersion: z.number(),
  files: z.number().int(),
  missingFiles: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), bytes: z.number() })),
});
const Schedule = z.object({
  isSet: z.boolean().openapi({ description: 'Whether backups have a place: BACKUP_URL.' }),
  stores: z.array(z.string()),
  retention: z.object({ daily: z.number(), weekly: z.number(), monthly: z.number() }),
  at: z.string().openapi({ description: 'Cron expression, UTC.' }),
  drillsAt: z.string(),
  drillDays: z.number(),
  drillSource: z.string().nullable(),
});
export type BackupAnswer = AnswerOf<typeof Backup>;
export type BackupScheduleAnswer = AnswerOf<typeof Schedule>;
export type BackupManifestAnswer = AnswerOf<typeof Manifest>;

export function operatorBackupRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { pool } = parts.operations;
  const { backups: settings } = parts.operator;
  routes.route('/holds', backupHoldRoutes(parts));
  routes.route('/drills', drillRoutes(parts));
  routes.route('/tenants', tenantBackupRoutes(parts));

  const schedule = createRoute({
    method: 'get',
    path: '/schedule',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'When backups and drills are made, where they go, and how long they are kept.',
    responses: { 200: json(Schedule, 'As configured: BACKUP_URL and the like.') },
  });
  routes.openapi(schedule, async (context) => {
    const { store, retention, at, drillsAt, drillDays, drillSource = null } = settings;
    const stores = store?.trim().split(/\s+/) ?? [];
    const answer = { isSet: stores.length > 0, stores, retention, at, drillsAt, drillDays, drillSource };
    return context.json(answer, 200);
  });

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'Backups of one tenant, or of all.',
    request: {
      query: ByTenant.partial().extend({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    },
    responses: { 200: json(z.object({ backups: z.array(Backup) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { tenant, limit } = context.req.valid('query');
    const tenantId = tenant === undefined ? undefined : (await anyTenant(parts, tenant)).id;
    const found = await listBackups(pool, { tenantId, limit });
    const nameOf = await parts.actorNames.of(found.map(({ requestedBy }) => requestedBy));
    const backups = found.map((one) => ({ ...one, requestedByName: nameOf(one.requestedBy) }));
    return context.json({ backups }, 200);
  });

  const create = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'backups.change'),
    tags: ['Backups'],
    summary: 'Backs a tenant up: one snapshot of its rows, and its files, compressed and encrypted.',
    request: { headers: IdempotencyHeader, body: jsonBody(ByTenant) },
    responses: begun,
  });
  routes.openapi(create, async (context) => {
    const session = await requireSession(context, parts);
    const tenant = await parts.application.tenants.named(context.req.valid('json').tenant);
    if (!settings.store) {
      throw new RequestError('not_set_up', 'No place for backups is set.', { hint: 'Set BACKUP_URL.' });
    }
    const store = await storeFor(settings.store, tenant);
    const request = {
      tenantId: tenant.id,
      store,
      reason: 'manual',
      requestedBy: `user:${session.user.id}`,
    } as const;
    const task = { kind: 'backups.create', subject: tenant.id, title: tenant.name };
    const begun = await beginTask(context, parts, session, task, async () => {
      const { id, rows, storedBytes } = await createBackup(backupsOf(parts), request);
      return { backup: id, rows, storedBytes };
    });
    return context.json(begun, 202);
  });

  const prune = createRoute({
    method: 'post',
    path: '/prune',
    middleware: forOperators(parts, 'backups.change'),
    tags: ['Backups'],
    summary:
      'Removes backups of a tenant that the retention does not keep; the newest and the last proven one stay.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(
        ByTenant.extend({
          plan: z.boolean().default(true).openapi({ description: 'Only says what would be removed.' }),
        }),
      ),
    },
    responses: begun,
  });
  routes.openapi(prune, async (context) => {
    const session = await requireSession(context, parts);
    const { tenant: name, plan } = context.req.valid('json');
    const tenant = await parts.application.tenants.named(name);
    const task = { kind: 'backups.prune', subject: tenant.id, title: tenant.name };
    const begun = await beginTask(context, parts, session, task, async () => {
      const { removed, kept, held } = await pruneBackups(backupsOf(parts), tenant.id, {
        ...{ retention: settings.retention, requestedBy: `user:${session.user.id}` },
        dryRun: plan,
      });
      return { plan, removed: removed.map(({ id, asOf }) => ({ id, asOf })), kept, held };
    });
    return context.json(begun, 202);
  });

  const one = createRoute({
    method: 'get',
    path: '/{id}',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'One backup, with what it holds, table by table.',
    request: { params: ByBackup },
    responses: {
      200: json(
        z.object({ backup: Backup, manifest: Manifest.nullable() }),
        'The manifest is read from the store; null where the backup is not complete.',
      ),
    },
  });
  routes.openapi(one, async (context) => {
    const found = await findBackup(pool, context.req.valid('param').id);
    const nameOf = await parts.actorNames.of([found.requestedBy]);
    const backup = { ...found, requestedByName: nameOf(found.requestedBy) };
    if (found.state !== 'complete') return context.json({ backup, manifest: null }, 200);
    const { schema, files, missingFiles, tables } = (await openBackup(backupsOf(parts), found)).manifest;
    const manifest = {
      ...{ schemaVersion: schema.version, files: files.length, missingFiles },
      tables: tables
        .filter((table) => table.rows > 0)
        .map(({ name, rows, bytes }) => ({ name, rows, bytes })),
    };
    return context.json({ backup, manifest }, 200);
  });

  const verify = createRoute({
    method: 'post',
    path: '/{id}/verify',
    middleware: forOperators(parts, 'backups.change'),
    tags: ['Backups'],
    summary: 'Reads a backup back: decrypts it, compares counts and digests. Needs no tenant database.',
    request: { headers: IdempotencyHeader, params: ByBackup },
    responses: begun,
  });
  routes.openapi(verify, async (context) => {
    const session = await requireSession(context, parts);
    const backup = await findBackup(pool, context.req.valid('param').id);
    const title = await titleOf(parts, backup.tenantId);
    const task = { kind: 'backups.verify', subject: backup.id, title };
    const begun = await beginTask(context, parts, session, task, () =>
      verifyBackup(backupsOf(parts), backup),
    );
    return context.json(begun, 202);
  });

  const drill = createRoute({
    method: 'post',
    path: '/{id}/drill',
    middleware: forOperators(parts, 'backups.change'),
    tags: ['Backups'],
    summary: 'Restores this backup into a scratch tenant, compares it, opens it, removes it.',
    request: { headers: IdempotencyHeader, params: ByBackup },
    responses: begun,
  });
  routes.openapi(drill, async (context) => {
    const session = await requireSession(context, parts);
    const backup = await findBackup(pool, context.req.valid('param').id);
    const { tenantId } = backup;
    const request = { tenantId, backup, requestedBy: `user:${session.user.id}` };
    const task = { kind: 'backups.drill', subject: tenantId, title: await titleOf(parts, tenantId) };
    const begun = await beginTask(context, parts, session, task, async () => {
      const drill = await drillBackup(backupsOf(parts), request);
      if (drill.state !== 'failed') return { drill };
      const failed = [{ tenantId, error: drill.error }];
      throw new PartsFailed({ drill, failed }, { failed: 1, of: 1 });
    });
    return context.json(begun, 202);
  });

  routes.route('/', backupRestoreRoutes(parts));
  return routes;
}
