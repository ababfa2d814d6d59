// What a tenant's users and programs do that the operator's audit log keeps: exports, signed URLs of files, changes of settings,
// connections to other services. Names only: values are business data, and their history is in the tenant's own database.

import type { MiddlewareHandler } from 'hono';
import type { AuditAction } from '@/lib/application';
import type { Environment } from './context';
import type { ServerDependencies } from './dependencies';

interface RecordedAction {
  methods: readonly string[];
  /** The first group matches the id that is recorded. */
  path: RegExp;
  action: AuditAction;
}

const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

const RECORDED: readonly RecordedAction[] = [
  { methods: ['GET'], path: /^\/api\/exports\/(\w+)\.csv$/, action: 'exports.create' },
  {
    methods: WRITES,
    path: /^\/api\/settings\/(?!check-template|preview-template)([\w.-]+)$/,
    action: 'settings.update',
  },
  { methods: WRITES, path: /^\/rest\/v1\/(tenant_settings)$/, action: 'settings.update' },
  { methods: ['PUT', 'DELETE'], path: /^\/api\/integrations\/([\w-]+)$/, action: 'integrations.update' },
  { methods: ['GET'], path: /^\/api\/integrations\/([\w-]+)\/callback$/, action: 'integrations.connect' },
  { methods: WRITES, path: /^\/rest\/v1\/(user_integrations)$/, action: 'integrations.update' },
  { methods: WRITES, path: /^\/api\/webhooks(?:\/([\w-]{36}))?$/, action: 'webhooks.update' },
  {
    methods: WRITES,
    path: /^\/api\/calendar-feeds(?:\/([\w-]{36}))?(?:\/renew)?$/,
    action: 'calendar_feeds.update',
  },
];

/** The rows of a table as CSV are an export too. */
const TABLE = /^\/rest\/v1\/(\w+)$/;

/** Actions that give data out. */
const GIVES_OUT = new Set<AuditAction>(['exports.create', 'signed_urls.create']);

/** Records such an action once it has succeeded. An export or a signed URL that cannot be recorded is not given out. */
export function auditActions({ application, logger }: ServerDependencies): MiddlewareHandler<Environment> {
  return async (context, next) => {
    await next();
    const actor = context.get('actor');
    const tenantId = context.get('tenantId');
    if (!actor || !tenantId || context.res.status >= 400) return;
    const { method, path } = context.req;
    const found: Found | undefined =
      context.get('recorded') ?? actionOf(method, path, context.res.headers.get('content-type') ?? '');
    if (!found) return;
    const { action, id, details = { method } } = found;
    const [entity = ''] = action.split('.');
    const record = { tenantId, action, entity, ...(id ? { entityId: id } : {}), details };
    const by = { actor, requestId: context.get('requestId'), address: context.env.address };
    try {
      await application.audit.append(record, by);
    } catch (err) {
      if (GIVES_OUT.has(action)) throw err;
      // The action has been carried out: an error would suggest that it was not.
      logger.error({ err, action, tenantId }, 'not recorded in the audit log');
    }
  };
}

interface Found {
  action: AuditAction;
  id?: string | undefined;
  details?: Record<string, unknown>;
}

function actionOf(method: string, path: string, type: string): Found | undefined {
  for (const { methods, path: form, action } of RECORDED) {
    const match = methods.includes(method) && form.exec(path);
    if (match) return { action, id: match[1] };
  }
  const [, table] = (type.startsWith('text/csv') && method === 'GET' && TABLE.exec(path)) || [];
  return table ? { action: 'exports.create', id: table } : undefined;
}
