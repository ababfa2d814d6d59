import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SupportAccesses, SupportPolicy } from '@/server/api/company/support-access';
import { ask, type Session, useBegunSession, useSignOut } from './session';

const PATH = '/api/support-access';
const KEY = ['support-access'] as const;
/** How often owners and admins see anew whether a person from support is signed in, ms. */
const AGAIN_MS = 60_000;

/** Requests of operators for access, and the company's policy. For owners and admins. */
export function useSupportAccess({ enabled = true } = {}) {
  return useQuery({
    queryKey: KEY,
    queryFn: () => ask<SupportAccesses>(PATH),
    refetchInterval: AGAIN_MS,
    enabled,
  });
}

function useChange<Variables>(change: (variables: Variables) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useAnswerSupport() {
  return useChange(({ id, allow }: { id: string; allow: boolean }) =>
    ask(`${PATH}/${id}/answer`, { method: 'POST', body: JSON.stringify({ allow }) }),
  );
}

export function useEndSupport() {
  return useChange((id: string) => ask(`${PATH}/${id}`, { method: 'DELETE' }));
}

export function useSetSupportPolicy() {
  return useChange((policy: SupportPolicy) =>
    ask(`${PATH}/policy`, { method: 'PUT', body: JSON.stringify({ policy }) }),
  );
}

/** Begins a support session with the token of an operator's link. */
export function useBeginSupport() {
  const begin = useBegunSession();
  return useMutation({
    mutationFn: (token: string) =>
      ask<Session>('/api/session/support', { method: 'POST', body: JSON.stringify({ token }) }),
    onSuccess: begin,
    meta: { showsFailure: true },
  });
}

/** Ends the access of this support session, then the session in this browser. */
export function useLeaveSupport() {
  const signOut = useSignOut();
  return useMutation({
    mutationFn: () => ask('/api/session/support', { method: 'DELETE' }),
    onSuccess: () => signOut.mutate({}),
  });
}
