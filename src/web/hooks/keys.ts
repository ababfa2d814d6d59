import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, type Role } from './session';

export type KeyKind = 'anon' | 'service' | 'scoped';

/** A key of the company's programs, without the key itself. */
export interface ApiKey {
  id: string;
  name: string;
  kind: KeyKind;
  role: Role | null;
  createdAt: string;
  /** A person's id, or `cli`. */
  createdBy: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface NewApiKey {
  name: string;
  kind: KeyKind;
  /** Of a scoped key. */
  role?: Role | undefined;
  expiresInDays?: number | undefined;
}

const KEYS = ['keys'];

export function useApiKeys() {
  return useQuery({ queryKey: KEYS, queryFn: () => ask<{ keys: ApiKey[] }>('/api/keys') });
}

/** The answer carries the key, once. */
export function useMakeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: NewApiKey) =>
      ask<ApiKey & { key: string }>('/api/keys', { method: 'POST', body: JSON.stringify(key) }),
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
