import { readOffer } from '@/lib/crm/closing';
import { readPaymentInstructions } from '@/lib/crm/payments';
import type { ApiDependencies } from '../api/services';
import type { openLink } from './link';

/** The offer that a link opens, with how to pay it. */
export async function shownOffer(
  parts: ApiDependencies,
  { client, hash, tenantId }: Awaited<ReturnType<typeof openLink>>,
) {
  const [offer, payment] = await Promise.all([
    readOffer(client, hash),
    readPaymentInstructions(parts, client, tenantId),
  ]);
  return { ...offer, howToPay: payment };
}
