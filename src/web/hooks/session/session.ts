import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Refusal } from '@/lib/crm/refusals';
import type { SessionAnswer } from '@/server/sign-in/browser-session';
import type { ForgottenBody, InvitationBody, ResetBody } from '@/server/sign-in/mailed-links';
import type { SignInBody } from '@/server/sign-in/session';
import { holdFor } from '../offline/held-answers';
import { forgetHeld, rememberedMe, rememberSession } from '../offline/offline-store';
import { serverAddress } from '../page/address';
import { fetchNoted } from '../request/connection';
import { Failure, isSignedOut, isUnreachable } from '../request/failures';
import { noteSignedIn, notifySignedOut } from '../request/signed-out';
import { askForProof } from './proof';

export type Session = SessionAnswer;
export type Role = Session['user']['role'];

const SESSION = ['session'] as const;
const SESSION_PATH = '/api/session';

const session = queryOptions({
  queryKey: SESSION,
  queryFn: async () => {
    try {
      return keep(await ask<Session | null>(SESSION_PATH));
    } catch (error) {
      // A session that has yet to show the second factor opens the sign-in screen only.
      if (isSignedOut(error) || (error as Failure).code === 'insufficient_aal') return keep(null);
      // Offline the application opens with the last session of this device, to what the device holds.
      const me = isUnreachable(error) ? await rememberedMe().catch(() => undefined) : undefined;
      if (!me) throw error;
      holdFor(me.id);
      last = me.session;
      return me.session;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** The last session: screens that are being closed by a sign-out are rendered with it. */
let last: Session | undefined;

/** Notes on this device who is signed in. */
function keep(session: Session | null): Session | null {
  holdFor(session?.user.id);
  if (session) {
    last = session;
    void rememberSession(session).catch(() => {});
  }
  return session;
}

/** The current session; null when signed out. */
export function useSession() {
  return useQuery(session);
}

/** Loads the session before the screens that need it are rendered. */
export function prefetchSession(client: QueryClient): Promise<void> {
  return client.prefetchQuery(session);
}

/** The session on pages that require sign-in. The shell closes them when it ends, a moment after the cache has it. */
export function useSignedIn(): Session {
  const { data } = useSession();
  const session = data ?? last;
  if (!session) throw new Error('This page is shown only to people who are signed in.');
  return session;
}

function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return ask<Answer>(`${SESSION_PATH}${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** Requests a password reset mail. Succeeds even if no such account exists. */
export function useForgottenPassword() {
  return useMutation({
    mutationFn: (account: ForgottenBody) => post<null>('/forgotten-password', account),
    meta: { showsFailure: true },
  });
}

/** Sets a new password. @param token from the reset mail */
export function useResetPassword() {
  return useMutation({
    mutationFn: (given: ResetBody) => post<null>('/reset-password', given),
    meta: { showsFailure: true },
  });
}

/** Accepts an invitation and signs in. @param token from the invitation mail */
export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: InvitationBody) => post<Session>('/accept-invitation', given),
    onSuccess: (session) => client.setQueryData(SESSION, keep(session)),
    meta: { showsFailure: true },
  });
}

/**
 * Signs in. @throws (by the mutation) Failure `sign_in_refused`, `second_factor_required`, `too_many_attempts`,
 * `tenant_unknown`
 */
export function useSignIn() {
  const begin = useBegunSession();
  return useMutation({
    mutationFn: (credentials: SignInBody) => post<Session>('', credentials),
    onSuccess: begin,
  });
}

/** @returns to be called with the session that a sign-in began */
export function useBegunSession(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => {
    noteSignedIn();
    const before = client.getQueryData<Session | null>(SESSION);
    // Clear the cache, so that rows of the previous user never appear.
    if (before && before.user.id !== session.user.id) forgetEverything(client);
    client.setQueryData(SESSION, keep(session));
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
  };
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ everywhere = false }: { everywhere?: boolean }) =>
      ask<null>(`${SESSION_PATH}${everywhere ? '?everywhere=true' : ''}`, { method: 'DELETE' }),
    onSuccess: () => {
      client.setQueryData(SESSION, null);
      forgetEverything(client);
      keep(null);
      void forgetHeld().catch(() => {});
    },
  });
}

/** Clears the cache of everything but the session. */
function forgetEverything(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
}

/** Pending requests with an `Idempotency-Key`, by URL and key. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Sends a request to the server. Concurrent requests with the same `Idempotency-Key`, for example from a double click, share
 * one request and its response.
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
  const response = await fetchNoted(serverAddress(path), {
    ...init,
    credentials: 'same-origin',
    headers,
  }).catch(() => {
    throw new Failure('offline', 'The server cannot be reached.');
  });
  const text = await response.text();
  const body = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null;
  if (response.ok) return body as Data;
  const problem = body as {
    code?: string;
    title?: string;
    detail?: string;
    hint?: string;
    refusal?: Refusal;
    missing?: string[];
  } | null;
  const failure = new Failure(
    problem?.code ?? `http_${response.status}`,
    problem?.title ?? response.statusText,
    {
      hint: problem?.hint ?? null,
      details: problem?.detail ?? null,
      refusal: problem?.refusal,
      missing: problem?.missing,
    },
  );
  // The user proves who they are, and the request is repeated.
  if (failure.code === 'confirmation_required' && (await askForProof())) return send<Data>(path, init);
  if (isSignedOut(failure) && !path.startsWith(SESSION_PATH)) notifySignedOut(askedAt);
  throw failure;
}
