// `/api`: what takes more than reading and writing rows, which /rest/v1 does.
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { bookingPages } from '../booking';
import { clientContractRoutes } from '../client/contracts';
import { clientEventRoutes } from '../client/event-designs';
import { clientInvoiceRoutes } from '../client/invoices';
import { clientRoutes } from '../client/offers';
import { testPaymentPage } from '../client/test-payment';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { connectPage } from '../docs/connect';
import { describeOtherRoutes, isOtherRoute } from '../docs/other-routes';
import type { LiveChanges } from '../live/live-changes';
import { operatorRoutes } from '../operator/routes';
import { accountRoutes } from '../sign-in/account';
import { sessionRoutes } from '../sign-in/session';
import { singleSignOnRoutes } from '../sign-in/single-sign-on';
import { statusPage, statusRoutes } from '../status';
import { changeRoutes } from './changes';
import { auditLogRoutes } from './company/audit-log';
import { companyDataRoutes } from './company/company-data';
import { logoRoutes } from './company/logo';
import { peopleRoutes } from './company/people';
import { settingRoutes } from './company/settings';
import { setupRoutes } from './company/setup';
import { singleSignOnSettingRoutes } from './company/single-sign-on';
import { supportAccessRoutes, supportSessionRoutes } from './company/support-access';
import { keyRoutes } from './connections/api-keys';
import { calendarFeedRoutes, calendarPages } from './connections/calendars';
import { integrationRoutes } from './connections/integrations';
import { webhookRoutes } from './connections/webhooks';
import { mailReportRoutes } from './mail/delivery-reports';
import { messageRoutes } from './mail/messages';
import { mailOpenedPictures } from './mail/open-tracking';
import { attachmentRoutes } from './records/attachments';
import { bulkChangeRoutes } from './records/bulk-changes';
import { eventRoutes } from './records/events';
import { exportRoutes } from './records/exports';
import { importRoutes } from './records/imports';
import { createRouter, json, Problem, PUBLIC } from './router';
import { contractRoutes } from './sales/contracts';
import { designLinkRoutes } from './sales/design-links';
import { documentRoutes } from './sales/documents';
import { invoiceLinkRoutes } from './sales/invoice-links';
import { invoiceRoutes, paymentRoutes } from './sales/payments';
import { quoteRoutes } from './sales/quotes';
import { hasServices } from './services';

export { hasServices } from './services';

/** By an access token, or by the session's cookie. */
const SIGNED_IN: Record<string, string[]>[] = [{ bearer: [] }, { cookie: [] }];

/** The description of the API, as OpenAPI 3.1. */
export const API_INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Marquee',
    version: '1',
    description:
      'Rows of every table are at /rest/v1 in PostgREST’s grammar. Here is what takes more than one row: documents, links, files, payments, settings and connections. Errors are problem+json with a stable `code`.',
  },
  security: SIGNED_IN,
};

/** `/api`. */
export function apiRoutes(parts: ServerDependencies, live: LiveChanges): OpenAPIHono<Environment> {
  const api = createRouter();
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    ...{ type: 'http', scheme: 'bearer' },
    description:
      'An access token. Below /rest/v1, /auth/v1 and /storage/v1 also an API key of the company (Settings, API keys).',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'marquee_session',
    description: 'Over TLS `__Host-marquee_session`, or `__Secure-marquee_session` below `/t/<company>`.',
  });
  api.openAPIRegistry.register('Problem', Problem);
  api.route('/session', sessionRoutes(parts));
  api.route('/session', singleSignOnRoutes(parts));
  api.route('/session', supportSessionRoutes(parts));
  api.route('/account', accountRoutes(parts));
  api.route('/changes', changeRoutes(parts, live));
  api.route('/people', peopleRoutes(parts));
  api.route('/keys', keyRoutes(parts));
  api.route('/single-sign-on', singleSignOnSettingRoutes(parts));
  api.route('/support-access', supportAccessRoutes(parts));
  api.route('/company-data', companyDataRoutes(parts));
  api.route('/operator', operatorRoutes(parts, live));
  api.route('/service-status', statusRoutes(parts));
  api.route('/audit-log', auditLogRoutes(parts));
  api.route('/documents', documentRoutes(parts));
  if (parts.services) {
    api.route('/imports', importRoutes(parts, parts.operations));
    api.route('/exports', exportRoutes(parts));
  }
  api.route('/', bulkChangeRoutes(parts));
  api.route('/', eventRoutes(parts));
  api.route('/settings', settingRoutes(parts));
  api.route('/setup', setupRoutes(parts));
  api.route('/logo', logoRoutes(parts));
  if (hasServices(parts)) {
    api.route('/quotes', quoteRoutes(parts));
    api.route('/attachments', attachmentRoutes(parts));
    api.route('/calendar-feeds', calendarFeedRoutes(parts));
    api.route('/contracts', contractRoutes(parts));
    api.route('/messages', messageRoutes(parts));
    api.route('/client/contracts', clientContractRoutes(parts));
    api.route('/client/invoices', clientInvoiceRoutes(parts));
    api.route('/client/events', clientEventRoutes(parts));
    api.route('/client', clientRoutes(parts));
    api.route('/integrations', integrationRoutes(parts));
    api.route('/webhooks', webhookRoutes(parts));
    api.route('/invoices', invoiceRoutes(parts));
    api.route('/invoices', invoiceLinkRoutes(parts));
    api.route('/events', designLinkRoutes(parts));
    api.route('/payments', paymentRoutes(parts));
    api.route('/mail', mailReportRoutes(parts));
  }
  const describe = createRoute({
    method: 'get',
    path: '/openapi.json',
    tags: ['Service'],
    summary: 'This description.',
    ...PUBLIC,
    responses: { 200: json(z.record(z.string(), z.unknown()), 'OpenAPI 3.1.') },
  });
  api.openapi(describe, (context) => context.json({ ...describeApi(api, context.env.prefix) }, 200));
  describeOtherRoutes(api.openAPIRegistry, hasServices(parts));
  return api;
}

/** The API's description, with the error answer that every route may give. */
function describeApi(api: OpenAPIHono<Environment>, prefix: string) {
  const { info } = API_INFO;
  const description = `${info.description}\n\n[Connect a client](${prefix}/docs/connect): address, keys, examples.`;
  const servers = [{ url: `${prefix}/api` }];
  const document = api.getOpenAPI31Document({ ...API_INFO, info: { ...info, description }, servers });
  const refusal = {
    description: 'Refused, with the reason.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    // Routes outside of /api are served from the root.
    if (isOtherRoute(path)) item.servers = [{ url: prefix || '/' }];
    for (const operation of Object.values(item)) {
      const { responses } = operation as { responses?: Record<string, unknown> };
      if (responses) responses.default = refusal;
    }
  }
  return document;
}

/** HTML pages rendered by the server, beside the web application. */
export function serverPages(parts: ServerDependencies): Hono<Environment> {
  const pages = new Hono<Environment>();
  pages.get('/docs/connect', connectPage);
  pages.route('/status', statusPage(parts));
  if (hasServices(parts)) {
    pages.route('/calendar', calendarPages(parts));
    pages.route('/test-payment', testPaymentPage(parts));
    pages.route('/book', bookingPages(parts));
    pages.route('/mail-opened', mailOpenedPictures(parts));
  }
  return pages;
}
