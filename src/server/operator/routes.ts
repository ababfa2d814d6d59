// `/api/operator`: the API of the operator's console and of operators' own programs. Each route begins with `requireOperator`.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { compress } from 'hono/compress';
import { actAs } from '@/lib/application';
import { operatorSupportRoutes } from '../api/company/support-access';
import { createRouter } from '../api/router';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import type { LiveChanges } from '../live/live-changes';
import { requireOperator } from '.';
import { operatorAlertRoutes } from './alerts';
import { operatorAttentionRoutes, SharedOverview } from './attention';
import { operatorAuditRoutes } from './audit';
import { operatorBackupRoutes } from './backups/backups';
import { operatorDemoTrafficRoutes } from './demo-traffic';
import { hasOperator } from './dependencies';
import { operatorEventRoutes } from './events';
import { operatorHealthRoutes } from './health/health';
import { operatorThresholdRoutes } from './health/thresholds';
import { operatorJobRoutes } from './jobs';
import { operatorKeyRoutes } from './keys';
import { operatorMapRoutes } from './map';
import { operatorSelfRoutes } from './me';
import { movesTenants } from './moves/dependencies';
import { operatorMoveRoutes } from './moves/moves';
import { operatorRolloutRoutes } from './moves/rollouts';
import { operatorPeopleRoutes } from './operators';
import { operatorSchemaRolloutRoutes } from './schema/rollouts';
import { operatorSettingRoutes } from './settings';
import { dataSourceTestRoutes } from './sources/connection-test';
import { sourceOperationRoutes } from './sources/operation';
import { operatorSourceRoutes } from './sources/sources';
import { operatorTaskRoutes } from './tasks/answers';
import { tenantErasureRoutes } from './tenants/erasure';
import { tenantExportRoutes } from './tenants/exports';
import { operatorRequestRoutes } from './tenants/requests';
import { operatorTenantPageRoutes } from './tenants/tenant';
import { operatorTenantRoutes } from './tenants/tenants';
import { costBillRoutes } from './usage/bills';
import { operatorCostRoutes } from './usage/cost';
import { tenantCostRoutes } from './usage/tenant-cost';
import { operatorUsageRoutes } from './usage/usage';

export function operatorRoutes(parts: ServerDependencies, live: LiveChanges): OpenAPIHono<Environment> {
  const routes = createRouter();
  const overview = new SharedOverview(parts);
  // A list of a hundred rows becomes a tenth of its size.
  const compressed = compress();
  routes.use((context, next) => (context.req.method === 'GET' ? compressed(context, next) : next()));
  // Runs before a body is validated, so that only operators see what is wrong with it. Each route checks the role.
  routes.use(async (context, next) => {
    const acting = {};
    context.set('acting', acting);
    // An operator without a second factor can read here that it is missing.
    if (!context.req.path.endsWith('/operator/me')) await requireOperator(context, parts, 'service.read');
    // What a request changes is recorded as made by its operator, whom `requireOperator` sets.
    await actAs(acting, next);
    if (context.req.method !== 'GET') overview.forget();
  });
  routes.route('/me', operatorSelfRoutes(parts));
  routes.route('/events', operatorEventRoutes(parts, live));
  routes.route('/tenants', operatorTenantRoutes(parts));
  routes.route('/support-access', operatorSupportRoutes(parts));
  routes.route('/health', operatorHealthRoutes(parts));
  routes.route('/attention', operatorAttentionRoutes(parts, overview));
  routes.route('/map', operatorMapRoutes(parts));
  routes.route('/demo-traffic', operatorDemoTrafficRoutes(parts));
  routes.route('/usage', operatorUsageRoutes(parts));
  routes.route('/cost/bills', costBillRoutes(parts));
  routes.route('/cost/tenants', tenantCostRoutes(parts));
  routes.route('/cost', operatorCostRoutes(parts));
  if (movesTenants(parts)) {
    routes.route('/moves', operatorMoveRoutes(parts));
    routes.route('/rollouts', operatorRolloutRoutes(parts));
  }
  routes.route('/data-sources', dataSourceTestRoutes(parts));
  routes.route('/health-thresholds', operatorThresholdRoutes(parts));
  routes.route('/jobs', operatorJobRoutes(parts));
  routes.route('/operators', operatorPeopleRoutes(parts));
  routes.route('/tasks', operatorTaskRoutes(parts));
  if (hasOperator(parts)) {
    routes.route('/backups', operatorBackupRoutes(parts));
    routes.route('/tenants', tenantExportRoutes(parts));
    routes.route('/', tenantErasureRoutes(parts));
    routes.route('/requests', operatorRequestRoutes(parts));
    routes.route('/schema-rollouts', operatorSchemaRolloutRoutes(parts));
    routes.route('/alerts', operatorAlertRoutes(parts));
    routes.route('/audit', operatorAuditRoutes(parts));
    routes.route('/keys', operatorKeyRoutes(parts));
    routes.route('/settings', operatorSettingRoutes(parts));
  }
  routes.route('/tenants', operatorTenantPageRoutes(parts));
  routes.route('/data-sources', sourceOperationRoutes(parts));
  routes.route('/data-sources', operatorSourceRoutes(parts));
  return routes;
}
