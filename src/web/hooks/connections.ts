import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useIntent } from './intent';
import { ask } from './session';

export type OAuthProvider = 'google' | 'quickbooks';

/** A connection to another company's service: `GET /api/integrations`. */
export interface Integration {
  id: string;
  provider: string;
  /** Whose it is; null: the whole company's. */
  userId: string | null;
  status: 'connected' | 'expired' | 'revoked' | 'error';
  lastError: string | null;
  lastSync: string | null;
  connectedAt: string;
}

interface Integrations {
  integrations: Integration[];
  /** Providers with which the operator has registered Marquee. */
  available: string[];
  redirectUrls: Record<OAuthProvider, string>;
  stripeWebhookUrl: string;
}

// Below `records`: what others change is read again.
const INTEGRATIONS = ['records', 'integrations'] as const;
/** What the background does with a connection is seen so often, ms. */
const LOOK_AGAIN_MS = 5_000;

export function useIntegrations() {
  return useQuery({
    queryKey: INTEGRATIONS,
    queryFn: () => ask<Integrations>('/api/integrations'),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Leaves for the provider's own page, which sends the person back to the settings. */
export function useConnect() {
  return useMutation({
    mutationFn: (provider: OAuthProvider) => post<{ url: string }>(`/api/integrations/${provider}/begin`),
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
  return useMutation({
    mutationFn: (keys: { secretKey: string; webhookSecret: string }) =>
      ask('/api/integrations/stripe', { method: 'PUT', body: JSON.stringify(keys) }),
    meta: { showsFailure: true },
    onSettled: forget(useQueryClient(), INTEGRATIONS),
  });
}

/** Where the company's own systems are told what happened: `GET /api/webhooks`. */
export interface Webhook {
  id: string;
  url: string;
  events: string[];
  status: 'connected' | 'paused' | 'error';
  lastError: string | null;
  lastDelivery: string | null;
}

export interface Delivery {
  id: string;
  type: string;
  occurredAt: string;
  state: 'waiting' | 'sending' | 'retrying' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  finishedAt: string | null;
  nextAttemptAt: string | null;
  error: string | null;
}

const WEBHOOKS = ['records', 'webhooks'] as const;

export function useWebhooks() {
  return useQuery({
    queryKey: WEBHOOKS,
    queryFn: () => ask<{ endpoints: Webhook[] }>('/api/webhooks'),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** The answer carries the endpoint's secret, once. */
export function useAddWebhook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, ...endpoint }: { key: string; url: string; events: string[] }) =>
      ask<Webhook & { secret: string }>('/api/webhooks', {
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
    ({ id, ...changes }: { id: string; paused?: boolean; events?: string[] }) =>
      ask<Webhook>(`/api/webhooks/${id}`, { method: 'PATCH', body: JSON.stringify(changes) }),
    WEBHOOKS,
  );
}

export function useDeleteWebhook() {
  return useChange((id: string) => ask(`/api/webhooks/${id}`, { method: 'DELETE' }), WEBHOOKS);
}

export function useTestWebhook() {
  return useChange((id: string) => post(`/api/webhooks/${id}/test`), WEBHOOKS);
}

/** What an endpoint was told about the last week, the latest first. */
export function useDeliveries(webhookId: string) {
  return useQuery({
    queryKey: [...WEBHOOKS, webhookId],
    queryFn: () => ask<{ deliveries: Delivery[] }>(`/api/webhooks/${webhookId}/deliveries`),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function useDeliverAgain(webhookId: string) {
  return useChange(
    (deliveryId: string) => post(`/api/webhooks/${webhookId}/deliveries/${deliveryId}/retry`),
    WEBHOOKS,
  );
}

/** A calendar for other programs: `GET /api/calendar-feeds`. */
export interface CalendarFeed {
  id: string;
  name: string;
  subject: { kind: 'user' | 'booth'; id: string };
  detail: 'full' | 'busy';
  createdAt: string;
}

/** With its secret address, shown once. */
export type OpenedFeed = CalendarFeed & { url: string };

const FEEDS = ['records', 'calendar-feeds'] as const;

export function useCalendarFeeds() {
  return useQuery({
    queryKey: FEEDS,
    queryFn: () => ask<{ feeds: CalendarFeed[] }>('/api/calendar-feeds'),
  });
}

export function useAddFeed() {
  const client = useQueryClient();
  const { headers, renew } = useIntent();
  return useMutation({
    mutationFn: (feed: { name: string; boothId?: string; detail: CalendarFeed['detail'] }) =>
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

/** Changes something at the server, and reads again what it makes stale. */
function useChange<Given, Answer>(change: (given: Given) => Promise<Answer>, stale: readonly string[]) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: forget(client, stale) });
}

function forget(client: QueryClient, queryKey: readonly string[]): () => void {
  return () => void client.invalidateQueries({ queryKey });
}
