// Queries and mutations of the console. Each query belongs to a subject, whose changes the server announces.
import {
  keepPreviousData,
  type Query,
  queryOptions,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { OperatorPermission } from '@/lib/identity';
import type { LiveSubject } from '@/server/operator/live-subjects';
import type { OperatorSelf } from '@/server/operator/me';
import { useIdempotencyKey } from '../hooks/page/idempotency-key';
import { Failure } from '../hooks/request/failures';
import { ask } from '../hooks/session/session';

/** `self`, `jobs` and others are not announced: their screens read again every 5 seconds at most. */
export type Subject =
  | LiveSubject
  | 'self'
  | 'jobs'
  | 'attention'
  | 'cost'
  | 'audit'
  | 'operators'
  | 'settings';

/** A list is repeated: `a=1&a=2`. */
type Parameters = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A path below `/api/operator`, with its query; what is undefined or empty is left out. */
function address(path: string, parameters: Parameters = {}): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(
    given.flatMap(([key, value]) => [value].flat().map((one) => [key, String(one)])),
  );
  return `/api/operator${path}${query.size > 0 ? `?${query}` : ''}`;
}

/** Keys begin with the subject, so that an announced change reads everything of it again. */
export const keys = {
  all: ['operator'] as const,
  path: (subject: Subject, path: string, parameters?: Parameters) =>
    ['operator', subject, path, parameters ?? null] as const,
};

/** All queries that show something of a subject. */
export function ofSubject(subject: Subject): {
  predicate: (query: Pick<Query, 'queryKey' | 'meta'>) => boolean;
} {
  return {
    predicate: ({ queryKey: [all, own], meta }) =>
      all === keys.all[0] && (own === subject || ((meta?.also ?? []) as Subject[]).includes(subject)),
  };
}

/** @param path such as `/tenants` @param also further subjects whose changes it shows */
export function operatorQuery<Answer>(
  subject: Subject,
  path: string,
  parameters?: Parameters,
  also: readonly Subject[] = [],
) {
  return queryOptions({
    queryKey: keys.path(subject, path, parameters),
    meta: { also },
    queryFn: ({ signal }) => ask<Answer>(address(path, parameters), { signal }),
    // While another filter or page loads, the former data stay.
    placeholderData: keepPreviousData,
  });
}

interface ReadOptions<Answer> {
  parameters?: Parameters;
  enabled?: boolean;
  /** Further subjects whose changes it shows. */
  also?: readonly Subject[];
  /** Polling interval for data whose changes are not announced, ms. At least 5,000. Default: no polling. */
  everyMs?: number | ((answer: Answer | undefined) => number | undefined);
}

export function useOperatorQuery<Answer>(
  subject: Subject,
  path: string,
  { parameters, enabled = true, also, everyMs }: ReadOptions<Answer> = {},
): UseQueryResult<Answer> {
  return useQuery({
    ...operatorQuery<Answer>(subject, path, parameters, also),
    enabled,
    refetchInterval: ({ state }) => (typeof everyMs === 'function' ? everyMs(state.data) : everyMs) || false,
  });
}

interface Change<Body> {
  method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: Body;
}

/**
 * Changes something, then reads these subjects again. A repeated click sends the same `Idempotency-Key`.
 *
 * @param showsFailure whether the caller shows the error beside its form, instead of a notification
 */
export function useOperatorChange<Answer = unknown, Body = unknown>(
  subjects: readonly Subject[],
  { showsFailure = false } = {},
) {
  const client = useQueryClient();
  const { headers, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: ({ method = 'POST', path, body }: Change<Body>) =>
      ask<Answer>(address(path), {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    onSuccess: renew,
    // The page still shows what a former role allowed.
    onError: (error) => {
      if (error instanceof Failure && error.code === 'operator_role_insufficient')
        void client.invalidateQueries(ofSubject('self'));
    },
    onSettled: () => Promise.all(subjects.map((subject) => client.invalidateQueries(ofSubject(subject)))),
    meta: { showsFailure },
  });
}

/** The signed-in operator and their permissions. */
export function useSelf(): UseQueryResult<OperatorSelf> {
  return useOperatorQuery<OperatorSelf>('self', '/me');
}

/** Checks a permission of the signed-in operator's role. The server enforces it. */
export function useMay(): (permission: OperatorPermission) => boolean {
  const { data } = useSelf();
  return (permission) => data?.permissions.includes(permission) ?? false;
}
