import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { currencyStyle, fractionDigits } from '@/lib/money';
import type { PaymentAsked } from '@/server/client/checkout';
import type { Offer } from '@/server/client/offer-schema';
import type { Acceptance } from '@/server/client/offers';
import type { Choice, DesignAnswer } from '@/server/client/page-actions';
import { serverAddress } from '../hooks/page/address';
import { useIdempotencyKey } from '../hooks/page/idempotency-key';
import { ask } from '../hooks/session/session';

/** Amount in minor units. */
type Amount = Offer['quote']['total'];

export const keyOf = (token: string) => ['offer', token] as const;

/** @param paidBefore see `usePaidBefore` */
export function useOffer(token: string, paidBefore: number | undefined) {
  return useQuery({
    queryKey: keyOf(token),
    queryFn: () => ask<Offer>(`/api/client/${token}`),
    retry: 1,
    refetchInterval: ({ state }) => askAgain(isAwaited(paidBefore, state.data?.invoice?.paid), state),
  });
}

/**
 * What was paid before the client went to the provider's page; undefined where the client does not come back from paying. It is
 * taken off the address: a payment may fail later, and a page that is loaded again asks for what is due.
 */
export function usePaidBefore(): number | undefined {
  const [before] = useState(() => {
    const given = new URLSearchParams(window.location.search).get('paid');
    return given === null ? undefined : Number(given);
  });
  useEffect(() => {
    const address = new URL(window.location.href);
    if (!address.searchParams.has('paid')) return;
    address.searchParams.delete('paid');
    window.history.replaceState(window.history.state, '', address);
  }, []);
  return before;
}

/** Whether the client has paid, and the provider has not reported it yet. */
export function isAwaited(before: number | undefined, paid: number | undefined): boolean {
  return before !== undefined && (paid ?? 0) <= before;
}

/** Interval, ms, at which a page is read while a payment is awaited, for a minute: a bank may take days. */
export function askAgain(
  isAwaited: boolean,
  { dataUpdateCount }: { dataUpdateCount: number },
): number | false {
  return isAwaited && dataUpdateCount < 20 ? 3_000 : false;
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

/** Chooses extras, one request after another; the page then shows the total and the deposit that the server computed. */
export function useExtras(token: string) {
  const client = useQueryClient();
  return useMutation({
    scope: { id: `extras ${token}` },
    mutationFn: (lineIds: Choice['lineIds']) => {
      // The content that the answer to the request before brought.
      const { contentSha256 } = client.getQueryData<Offer>(keyOf(token)) as Offer;
      return ask<Offer>(`/api/client/${token}/extras`, {
        method: 'PUT',
        body: JSON.stringify({ contentSha256, lineIds } satisfies Choice),
      });
    },
    meta: { showsFailure: true },
    onSuccess: (offer) => client.setQueryData(keyOf(token), offer),
    onError: () => client.invalidateQueries({ queryKey: keyOf(token) }),
  });
}

/** Sends the company a question. */
export function useAsk(token: string) {
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: (question: string) =>
      ask<unknown>(`/api/client/${token}/questions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ question }),
      }),
    meta: { showsFailure: true },
    onSuccess: renew,
  });
}

/** Declines the offer and reads it again. */
export function useDecline(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      ask<unknown>(`/api/client/${token}/decline`, { method: 'POST', body: JSON.stringify({ reason }) }),
    meta: { showsFailure: true },
    onSettled: () => client.invalidateQueries({ queryKey: keyOf(token) }),
  });
}

/** Approves a design, or with a comment asks for changes. */
export function useAnswerDesign(path: string, queryKey: readonly string[], designId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (answer: DesignAnswer) =>
      ask<unknown>(`/api/client/${path}/designs/${designId}`, {
        method: 'POST',
        body: JSON.stringify(answer),
      }),
    meta: { showsFailure: true },
    onSuccess: (page) => client.setQueryData(queryKey, page),
  });
}

/** A photo or a proof. @param path of the page: its token, after what kind it is @param size of a thumbnail: its longest side, pixels */
export function fileOf(path: string, id: string, size?: 640): string {
  return serverAddress(`/api/client/${path}/files/${id}${size ? `?size=${size}` : ''}`);
}

export function receiptOf(token: string, paymentId: string): string {
  return serverAddress(`/api/client/${token}/receipts/${paymentId}`);
}

/** Redirects to the payment page of the company's provider. @param page such as `/api/client/<token>` */
export function usePay(page: string) {
  return useMutation({
    mutationFn: (what: PaymentAsked['what']) =>
      ask<{ url: string }>(`${page}/pay`, { method: 'POST', body: JSON.stringify({ what }) }),
    meta: { showsFailure: true },
    onSuccess: ({ url }) => window.location.assign(url),
  });
}

export function pdfOf(token: string, name: 'quote' | 'contract'): string {
  return serverAddress(`/api/client/${token}/${name}.pdf`);
}

/** Formatter for amounts, in the company's locale and the document's currency. */
export function moneyOf(
  company: Pick<Offer['company'], 'locale'>,
  { currency }: Pick<Offer['quote'], 'currency'>,
): (amount: Amount) => string {
  const format = new Intl.NumberFormat(company.locale, currencyStyle(currency));
  const scale = 10 ** fractionDigits(currency);
  return (amount) => format.format(Number(amount) / scale);
}

/** Formatter for dates. Returns text that is not a date unchanged. */
export function dayOf({ company }: Pick<Offer, 'company'>): (date: string) => string {
  const format = new Intl.DateTimeFormat(company.locale, { dateStyle: 'full', timeZone: 'UTC' });
  return (date) => (/^\d{4}-\d{2}-\d{2}$/.test(date) ? format.format(new Date(`${date}T12:00:00Z`)) : date);
}
