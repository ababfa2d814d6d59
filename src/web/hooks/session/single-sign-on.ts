import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { NewSingleSignOn, SingleSignOnAnswer } from '@/server/api/company/single-sign-on';
import type { SignInWays } from '@/server/sign-in/single-sign-on';
import { companyIsUnknown, serverAddress } from '../page/address';
import { ask, type Session, useBegunSession } from './session';

const PATH = '/api/single-sign-on';
const KEY = ['single-sign-on'] as const;

/** How people of this company sign in besides a password. */
export function useSignInWays() {
  return useQuery({
    queryKey: ['sign-in-ways'],
    queryFn: () => ask<SignInWays>('/api/session/ways'),
    enabled: !companyIsUnknown,
    staleTime: 60_000,
  });
}

/** The address that leads to the company's identity provider and then back. @param from a page of this application */
export function signOnAddress(from: string, { again = false } = {}): string {
  const query = new URLSearchParams({ from, ...(again && { again: 'true' }) });
  return serverAddress(`/api/session/single-sign-on?${query}`);
}

/** Shows the second factor in a session that single sign-on began. */
export function useShowCode() {
  const begin = useBegunSession();
  return useMutation({
    mutationFn: (code: string) =>
      ask<Session>('/api/session/code', { method: 'POST', body: JSON.stringify({ code }) }),
    onSuccess: begin,
    meta: { showsFailure: true },
  });
}

export function useSingleSignOn() {
  return useQuery({ queryKey: KEY, queryFn: () => ask<SingleSignOnAnswer>(PATH) });
}

/** The server fetches the provider's description first. */
export function useSaveSingleSignOn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: NewSingleSignOn) =>
      ask<SingleSignOnAnswer>(PATH, { method: 'PUT', body: JSON.stringify(settings) }),
    onSuccess: (answer) => client.setQueryData(KEY, answer),
    meta: { showsFailure: true },
  });
}

export function useRemoveSingleSignOn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask(PATH, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
