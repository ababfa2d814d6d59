import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  AccountChange,
  InvitedPerson,
  NewPerson,
  People,
  Person,
  PersonChanges,
} from '@/server/api/company/people';
import { readOrHeld } from '../offline/held-answers';
import { useIdempotencyKey } from '../page/idempotency-key';
import { ask } from '../session/session';

const NO_PEOPLE: Person[] = [];

/** The tenant's users. Accounts are in the application database, so records refer to them only by id. */
export function usePeople() {
  const { t } = useTranslation();
  const { data, isPending, error } = useQuery({
    queryKey: ['people'],
    queryFn: ({ queryKey }) => readOrHeld(queryKey, () => ask<People>('/api/people')),
    staleTime: 300_000,
  });
  const people = data?.people ?? NO_PEOPLE;
  const crew = useMemo(() => {
    const working = people.filter(({ status }) => status !== 'disabled');
    const staff = working.filter(({ role }) => role === 'staff');
    return (staff.length > 0 ? staff : working).map(({ id }) => id);
  }, [people]);
  const byId = useMemo(() => new Map(people.map((person) => [person.id, person])), [people]);
  const support = data?.support;
  const nameOf = (id: string | null | undefined): string => {
    if (!id) return '';
    const known = byId.get(id);
    if (known) return known.displayName;
    const helper = support?.find((one) => one.id === id);
    return helper ? t('supportAccess.person', { name: helper.displayName }) : '—';
  };
  return {
    people,
    /** Ids of the users who work at events: the staff, or everyone in a company that has none. */
    crew,
    isPending,
    error,
    /** The name of a user, or of an operator who had support access. */
    nameOf,
  };
}

/** Invites a user by mail, or returns an invitation link when the server sends no mail. */
export function useAddPerson() {
  const client = useQueryClient();
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: (person: NewPerson) =>
      ask<InvitedPerson>('/api/people', {
        method: 'POST',
        headers,
        body: JSON.stringify(person),
      }),
    onSuccess: renew,
    onSettled: () => client.invalidateQueries({ queryKey: ['people'] }),
    meta: { showsFailure: true },
  });
}

/** How a person's account changed, the newest first. For owners and admins. */
export function useAccountChanges(id: string) {
  return useQuery({
    // Below the `people` key: any change of a person may add an entry.
    queryKey: ['people', id, 'changes'],
    queryFn: async () => (await ask<{ changes: AccountChange[] }>(`/api/people/${id}/changes`)).changes,
  });
}

export function useInviteAgain() {
  return useMutation({
    mutationFn: (id: string) =>
      ask<InvitedPerson>(`/api/people/${id}/invitation`, {
        method: 'POST',
      }),
  });
}

/** Removes the second factor of a person who has lost it. */
export function useRemoveFactor() {
  return useMutation({
    mutationFn: (id: string) => ask(`/api/people/${id}/second-factor`, { method: 'DELETE' }),
  });
}

export function useChangePerson() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...changes }: PersonChanges & { id: string }) =>
      ask(`/api/people/${id}`, { method: 'PATCH', body: JSON.stringify(changes) }),
    onSettled: () => client.invalidateQueries({ queryKey: ['people'] }),
  });
}
