import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Offer } from '@/server/client/offer-schema';
import type { Acceptance, PaymentAsked } from '@/server/client/offers';
import { serverAddress } from '../hooks/address';
import { ask } from '../hooks/session';

/** Amount in minor units. */
type Amount = Offer['quote']['total'];

const keyOf = (token: string) => ['offer', token] as const;

export function useOffer(token: string) {
  return useQuery({ queryKey: keyOf(token), queryFn: () => ask<Offer>(`/api/client/${token}`), retry: 1 });
}

/** Accepts the offer and reads it again, also after a failure. @throws (by the mutation) Failure with the server's code */
export function useAccept(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (acceptance: Acceptance) =>
      ask<unknown>(`/api/client/${token}/accept`, { method: 'POST', body: JSON.stringify(acceptance) }),
    meta: { showsFailure: true },
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(token) }),
  });
}

/** Redirects to the payment page of the company's provider. */
export function usePay(token: string) {
  return useMutation({
    mutationFn: (what: PaymentAsked['what']) =>
      ask<{ url: string }>(`/api/client/${token}/pay`, { method: 'POST', body: JSON.stringify({ what }) }),
    meta: { showsFailure: true },
    onSuccess: ({ url }) => window.location.assign(url),
  });
}

export function pdfOf(token: string, name: 'quote' | 'contract'): string {
  return serverAddress(`/api/client/${token}/${name}.pdf`);
}

/** Formatter for amounts, in the company's locale and currency. */
export function moneyOf(offer: Offer): (amount: Amount) => string {
  const format = new Intl.NumberFormat(offer.company.locale, {
    style: 'currency',
    currency: offer.quote.currency,
  });
  const scale = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
  return (amount) => format.format(Number(amount) / scale);
}

/** Formatter for dates. Returns text that is not a date unchanged. */
export function dayOf(offer: Offer): (date: string) => string {
  const format = new Intl.DateTimeFormat(offer.company.locale, { dateStyle: 'full', timeZone: 'UTC' });
  return (date) => (/^\d{4}-\d{2}-\d{2}$/.test(date) ? format.format(new Date(`${date}T12:00:00Z`)) : date);
}
