import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  ForgottenBody,
  InvitationBody,
  ResetBody,
  SessionAnswer,
  SignInBody,
} from '@/server/sign-in/session';
import { serverAddress } from './address';
import { noteSignedIn, tellSignedOut } from './database';
import { Failure, isSignedOut } from './failures';

export type Session = SessionAnswer;
export type Role = Session['user']['role'];

const SESSION = ['session'] as const;
const SESSION_PATH = '/api/session';

const session = queryOptions({
  queryKey: SESSION,
  queryFn: async () => {
    try {
      return await ask<Session | null>(SESSION_PATH);
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
  retry: 3,
});

/** Who is signed in; null when nobody is. */
export function useSession() {
  return useQuery(session);
}

/** Asks who is signed in before anything is shown that wants to know. */
export function prefetchSession(client: QueryClient): Promise<void> {
  return client.prefetchQuery(session);
}

/** The session of a page that is shown to people who are signed in only. */
export function useSignedIn(): Session {
  const { data } = useSession();
  if (!data) throw new Error('This page is shown only to people who are signed in.');
  return data;
}

function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return ask<Answer>(`${SESSION_PATH}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** Sends a link to choose a new password, where there is such an account. */
export function useForgottenPassword() {
  return useMutation({
    mutationFn: (account: ForgottenBody) => post<null>('/forgotten-password', account),
    meta: { showsFailure: true },
  });
}

/** @param token of the mailed link */
export function useResetPassword() {
  return useMutation({
    mutationFn: (given: ResetBody) => post<null>('/reset-password', given),
    meta: { showsFailure: true },
  });
}

/** Signs in at once. @param token of the mailed link */
export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: InvitationBody) => post<Session>('/accept-invitation', given),
    onSuccess: (session) => client.setQueryData(SESSION, session),
    meta: { showsFailure: true },
  });
}

/** @throws (by the mutation) Failure `sign_in_refused`, `second_factor_required`, `too_many_attempts`, `tenant_unknown` */
export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: SignInBody) =>
      ask<Session>(SESSION_PATH, { method: 'POST', body: JSON.stringify(credentials) }),
    onSuccess: (session) => {
      noteSignedIn();
      const before = client.getQueryData<Session | null>(SESSION);
      // Somebody else's rows must not be seen for a moment.
      if (before && before.user.id !== session.user.id) forgetEverything(client);
      client.setQueryData(SESSION, session);
      void client.invalidateQueries({ queryKey: ['records'] });
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ everywhere = false }: { everywhere?: boolean }) =>
      ask<null>(`${SESSION_PATH}${everywhere ? '?everywhere=true' : ''}`, { method: 'DELETE' }),
    onSuccess: () => {
      client.setQueryData(SESSION, null);
      forgetEverything(client);
      void import('./kept').then(({ forgetBriefs }) => forgetBriefs());
    },
  });
}

/** Everything but who is signed in: what is on the screen hears of that. */
function forgetEverything(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
}

/** Requests under way that carry an `Idempotency-Key`, by that key and where they go. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Asks the server. What is asked again under the same `Idempotency-Key` while it is under way, as by a double click, is the
 * same request and gets its answer.
 *
 * @throws Failure with the server's code
 */
export function ask<Data>(path: string, init: RequestInit = {}): Promise<Data> {
  const key = new Headers(init.headers).get('idempotency-key');
  if (key === null) return send<Data>(path, init);
  const request = `${init.method} ${path} ${key}`;
  const running = (underWay.get(request) as Promise<Data> | undefined) ?? send<Data>(path, init);
  underWay.set(request, running);
  const forget = () => underWay.delete(request);
  running.then(forget, forget);
  return running;
}

async function send<Data>(path: string, init: RequestInit): Promise<Data> {
  const headers = new Headers(init.headers);
  if (typeof init.body === 'string') headers.set('content-type', 'application/json');
  const askedAt = performance.now();
  const response = await fetch(serverAddress(path), {
    ...init,
    credentials: 'same-origin',
    headers,
  }).catch(() => {
    throw new Failure('offline', 'The server cannot be reached.');
  });
  const text = await response.text();
  const body = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null;
  if (response.ok) return body as Data;
  const problem = body as { code?: string; title?: string; detail?: string; hint?: string } | null;
  const failure = new Failure(
    problem?.code ?? `http_${response.status}`,
    problem?.title ?? response.statusText,
    { hint: problem?.hint ?? null, details: problem?.detail ?? null },
  );
  if (isSignedOut(failure) && !path.startsWith(SESSION_PATH)) tellSignedOut(askedAt);
  throw failure;
}
