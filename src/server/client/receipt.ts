import type { Context } from 'hono';
import { loadBranding, loadReceipt, renderDocument } from '@/lib/crm/documents';
import { GenericRepository } from '@/lib/repositories';
import { sendFile } from '../api/files';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import type { openLink } from './link';

/**
 * Answers with the receipt of a payment as PDF.
 *
 * @param invoiceId of the link's invoice
 * @throws RequestError `link_unknown`: no payment of this invoice; DocumentError `receipt_not_paid`
 */
export async function sendReceipt(
  context: Context<Environment>,
  { client, tenantId }: Pick<Awaited<ReturnType<typeof openLink>>, 'client' | 'tenantId'>,
  invoiceId: string | undefined,
  paymentId: string,
) {
  const payment = await new GenericRepository(client, 'payments').find(paymentId);
  if (!invoiceId || payment?.invoice_id !== invoiceId)
    throw new RequestError('link_unknown', 'This link has no such receipt.');
  const [model, branding] = await Promise.all([loadReceipt(client, paymentId), loadBranding(client)]);
  const content = await renderDocument(model, branding, { tenantId, signal: context.req.raw.signal });
  return sendFile(context, { name: `${model.number}.pdf`, mimeType: 'application/pdf', content });
}
