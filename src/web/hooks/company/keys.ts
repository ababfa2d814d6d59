import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKeys, MadeApiKey, NewApiKey } from '@/server/api/connections/api-keys';
import { useIdempotencyKey } from '../page/idempotency-key';
import { ask } from '../session/session';

const KEYS = ['keys'];

export function useApiKeys() {
  return useQuery({ queryKey: KEYS, queryFn: () => ask<ApiKeys>('/api/keys') });
}

/** The response carries the API key, which is shown only once. */
export function useMakeApiKey() {
  const client = useQueryClient();
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: (key: NewApiKey) =>
      ask<MadeApiKey>('/api/keys', { method: 'POST', headers, body: JSON.stringify(key) }),
    onSuccess: renew,
    onSettled: () => client.invalidateQueries({ queryKey: KEYS }),
    meta: { showsFailure: true },
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask(`/api/keys/${id}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: KEYS }),
  });
}
