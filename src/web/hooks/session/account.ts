import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  Confirmation,
  EmailChange,
  Enrolment,
  OpenSessions,
  PasswordChange,
  RecoveryCodes,
  Removal,
} from '@/server/sign-in/account';
import { ask, type Session } from './session';

function send<Answer>(path: string, body: unknown): Promise<Answer> {
  return ask<Answer>(`/api/account/${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** Passwords have at least ten characters. A change ends the user's other sessions. */
export function useChangePassword() {
  const update = useUpdateSession();
  return useMutation({
    mutationFn: (passwords: PasswordChange) => send('password', passwords),
    onSuccess: () => update({ mustChangePassword: false }),
  });
}

/** Mails a link to the new address, which counts once it is opened. */
export function useChangeEmail() {
  return useMutation({
    mutationFn: (change: EmailChange) => send('email', change),
    meta: { showsFailure: true },
  });
}

const SESSIONS = ['account', 'sessions'] as const;

export function useOpenSessions() {
  return useQuery({
    queryKey: SESSIONS,
    queryFn: () => ask<OpenSessions>('/api/account/sessions'),
  });
}

/** Ends one session, or every session but the current one when no id is given. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id?: string) => ask(`/api/account/sessions${id ? `/${id}` : ''}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: SESSIONS }),
  });
}

export function useBeginSecondFactor() {
  return useMutation({ mutationFn: () => send<Enrolment>('second-factor', {}) });
}

/** The response carries the recovery codes, which are shown only once. */
export function useConfirmSecondFactor() {
  const update = useUpdateSession();
  return useMutation({
    mutationFn: (given: Confirmation) => send<RecoveryCodes>('second-factor/confirm', given),
    onSuccess: ({ recoveryCodes }) => update({ secondFactor: true, recoveryCodes: recoveryCodes.length }),
  });
}

/** Earlier recovery codes are void. The response carries the new ones, which are shown only once. */
export function useRenewRecoveryCodes() {
  const update = useUpdateSession();
  return useMutation({
    mutationFn: () => send<RecoveryCodes>('recovery-codes', {}),
    onSuccess: ({ recoveryCodes }) => update({ recoveryCodes: recoveryCodes.length }),
  });
}

export function useRemoveSecondFactor() {
  const update = useUpdateSession();
  return useMutation({
    mutationFn: (given: Removal) => send('second-factor/remove', given),
    onSuccess: () => update({ secondFactor: false }),
  });
}

function useUpdateSession() {
  const client = useQueryClient();
  return (changes: Partial<Session['user']>) =>
    client.setQueryData<Session | null>(
      ['session'],
      (known) => known && { ...known, user: { ...known.user, ...changes } },
    );
}
