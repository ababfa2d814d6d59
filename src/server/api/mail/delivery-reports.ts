import { createRoute, z } from '@hono/zod-openapi';
import { type MailReport, ReturnPaths, readDeliveryStatus, recordReport } from '@/lib/crm/delivery/mail';
import { verifyWebhook } from '@/lib/crm/delivery/webhooks';
import { RequestError } from '../../errors';
import { createRouter, PUBLIC } from '../router';
import type { ApiDependencies } from '../services';

const Report = z
  .object({
    type: z.enum(['bounced', 'delivered', 'complained']),
    message: z
      .string()
      .max(1000)
      .openapi({ description: 'The mail’s return path, or its Message-ID: both name it.' }),
    reason: z.string().max(500).optional().openapi({ description: 'For the company’s staff.' }),
  })
  .openapi('MailReport');

/** `/api/mail/reports`: delivery reports of mails that the mail server accepted. */
export function mailReportRoutes(parts: ApiDependencies) {
  const routes = createRouter();
  const secret = parts.services.mailReportSecret;
  const returnPaths = secret ? new ReturnPaths(secret) : undefined;

  const report = createRoute({
    method: 'post',
    path: '/reports',
    tags: ['Mail'],
    summary: 'Receives a report about a sent mail: from a provider, or the bounce itself.',
    description:
      'Signed with MAIL_REPORT_SECRET as the Standard Webhooks specification says (webhook-id, webhook-timestamp, webhook-signature). A mail that came back to a return path is sent whole as message/rfc822.',
    ...PUBLIC,
    request: {
      headers: z.object({
        'webhook-id': z.string(),
        'webhook-timestamp': z.string(),
        'webhook-signature': z.string(),
      }),
      body: {
        content: {
          'application/json': { schema: Report },
          'message/rfc822': { schema: z.string() },
        },
      },
    },
    responses: { 204: { description: 'Recorded, or without effect.' } },
  });
  // Read the raw body: the signature covers it as it was sent.
  routes.openAPIRegistry.registerPath(report);
  routes.post('/reports', async (context) => {
    if (!secret || !returnPaths)
      throw new RequestError('not_found', 'This server accepts no mail reports.', {
        hint: 'Set MAIL_REPORT_SECRET.',
      });
    const body = await context.req.text();
    if (!verifyWebhook(secret, context.req.header(), body))
      throw new RequestError(
        'report_signature_invalid',
        'The report’s signature is missing, wrong or too old.',
      );
    const isMail = context.req.header('content-type')?.startsWith('message/rfc822');
    const given = isMail ? await readMail(body) : readJson(body);
    const sent = given && returnPaths.find(given.message);
    if (given && sent) {
      await recordReport(
        await parts.manager.getClientForTenant(sent.tenantId, true),
        sent.communicationId,
        given.report,
      );
      context.set('tenantId', sent.tenantId);
    }
    return context.body(null, 204);
  });
  return routes;
}

async function readMail(mail: string): Promise<{ message: string; report: MailReport } | undefined> {
  const report = await readDeliveryStatus(mail);
  return report && { message: mail, report };
}

function readJson(body: string): { message: string; report: MailReport } {
  const parsed = Report.safeParse(asJson(body));
  if (!parsed.success) throw new RequestError('request_malformed', 'The report lacks its type or its mail.');
  const { message, type, reason } = parsed.data;
  return { message, report: { type, ...(reason ? { reason } : {}) } };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
