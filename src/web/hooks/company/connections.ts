import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Authorization, OAuthProviderName } from '@/server/api/connections/authorization';
import type { CalendarFeeds, NewFeed, OpenedFeed } from '@/server/api/connections/calendars';
import type { Integrations, StripeKeys, StripeWebhook } from '@/server/api/connections/integrations';
import type {
  NewWebhookEndpoint,
  WebhookDeliveries,
  WebhookEndpoint,
  WebhookEndpointChanges,
  WebhookEndpoints,
  WebhookSecret,
} from '@/server/api/connections/webhooks';
import { useIdempotencyKey } from '../page/idempotency-key';
import { ask } from '../session/session';

// Below the `records` key, so that other users' changes invalidate it.
const INTEGRATIONS = ['records', 'integrations'] as const;
/** Polling interval for the state that background jobs give a connection, ms. */
const LOOK_AGAIN_MS = 5_000;

export function useIntegrations() {
  return useQuery({
    queryKey: INTEGRATIONS,
    queryFn: () => ask<Integrations>('/api/integrations'),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Redirects to the provider's authorization page, which returns to the settings. */
export function useConnect() {
  return useMutation({
    mutationFn: (provider: OAuthProviderName) => post<Authorization>(`/api/integrations/${provider}/begin`),
    onSuccess: ({ url }) => window.location.assign(url),
  });
}

export function useSyncNow() {
  return useChange((id: string) => post(`/api/integrations/${id}/sync`), INTEGRATIONS);
}

export function useDisconnect() {
  return useChange((id: string) => ask(`/api/integrations/${id}`, { method: 'DELETE' }), INTEGRATIONS);
}

export function useConnectStripe() {
  const client = useQueryClient();
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: (keys: StripeKeys) =>
      ask('/api/integrations/stripe', { method: 'PUT', headers, body: JSON.stringify(keys) }),
    meta: { showsFailure: true },
    onSuccess: renew,
    onSettled: () => {
      for (const queryKey of [INTEGRATIONS, STRIPE_WEBHOOK]) void client.invalidateQueries({ queryKey });
    },
  });
}

const STRIPE_WEBHOOK = ['stripe-webhook'] as const;

/** Whether Stripe accepts the stored key and reports payments. */
export function useStripeWebhook() {
  return useQuery({
    queryKey: STRIPE_WEBHOOK,
    queryFn: () => ask<StripeWebhook>('/api/integrations/stripe/webhook'),
    staleTime: 60_000,
  });
}

const WEBHOOKS = ['records', 'webhooks'] as const;

export function useWebhooks() {
  return useQuery({
    queryKey: WEBHOOKS,
    queryFn: () => ask<WebhookEndpoints>('/api/webhooks'),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** The response carries the endpoint's signing secret, which is shown only once. */
export function useAddWebhook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, ...endpoint }: NewWebhookEndpoint & { key: string }) =>
      ask<WebhookSecret>('/api/webhooks', {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: JSON.stringify(endpoint),
      }),
    meta: { showsFailure: true },
    onSettled: forget(client, WEBHOOKS),
  });
}

export function useChangeWebhook() {
  return useChange(
    ({ id, ...changes }: WebhookEndpointChanges & { id: string }) =>
      ask<WebhookEndpoint>(`/api/webhooks/${id}`, { method: 'PATCH', body: JSON.stringify(changes) }),
    WEBHOOKS,
  );
}

export function useDeleteWebhook() {
  return useChange((id: string) => ask(`/api/webhooks/${id}`, { method: 'DELETE' }), WEBHOOKS);
}

export function useTestWebhook() {
  return useChange((id: string) => post(`/api/webhooks/${id}/test`), WEBHOOKS);
}

/** An endpoint's deliveries of the last week, newest first. */
export function useDeliveries(webhookId: string) {
  return useQuery({
    queryKey: [...WEBHOOKS, webhookId],
    queryFn: () => ask<WebhookDeliveries>(`/api/webhooks/${webhookId}/deliveries`),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function useDeliverAgain(webhookId: string) {
  return useChange(
    (deliveryId: string) => post(`/api/webhooks/${webhookId}/deliveries/${deliveryId}/retry`),
    WEBHOOKS,
  );
}

const FEEDS = ['records', 'calendar-feeds'] as const;

export function useCalendarFeeds() {
  return useQuery({
    queryKey: FEEDS,
    queryFn: () => ask<CalendarFeeds>('/api/calendar-feeds'),
  });
}

export function useAddFeed() {
  const client = useQueryClient();
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: (feed: NewFeed) =>
      ask<OpenedFeed>('/api/calendar-feeds', { method: 'POST', headers, body: JSON.stringify(feed) }),
    meta: { showsFailure: true },
    onSuccess: renew,
    onSettled: forget(client, FEEDS),
  });
}

export function useRenewFeed() {
  return useChange((id: string) => post<OpenedFeed>(`/api/calendar-feeds/${id}/renew`), FEEDS);
}

export function useDeleteFeed() {
  return useChange((id: string) => ask(`/api/calendar-feeds/${id}`, { method: 'DELETE' }), FEEDS);
}

function post<Answer>(path: string): Promise<Answer> {
  return ask<Answer>(path, { method: 'POST' });
}

/** A mutation on the server that invalidates the affected queries. */
function useChange<Given, Answer>(change: (given: Given) => Promise<Answer>, stale: readonly string[]) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: forget(client, stale) });
}

function forget(client: QueryClient, queryKey: readonly string[]): () => void {
  return () => void client.invalidateQueries({ queryKey });
}
