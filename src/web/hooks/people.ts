import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask, type Role } from './session';

/** Someone who works for the company. */
export interface Person {
  id: string;
  displayName: string;
  email: string;
  role: Role;
  status: string;
}

const NOBODY: Person[] = [];

/** The company's people; their accounts live in the application database, so rows name them only by id. */
export function usePeople() {
  const { data, isPending, error } = useQuery({
    queryKey: ['people'],
    queryFn: () => ask<{ people: Person[] }>('/api/people'),
    staleTime: 300_000,
  });
  const people = data?.people ?? NOBODY;
  const byId = useMemo(() => new Map(people.map((person) => [person.id, person])), [people]);
  return {
    people,
    isPending,
    error,
    nameOf: (id: string | null | undefined) => (id ? (byId.get(id)?.displayName ?? '—') : ''),
  };
}
