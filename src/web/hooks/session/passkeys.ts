import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PasskeyOptions, Passkeys } from '@/server/sign-in/passkeys';
import { Failure } from '../request/failures';
import { ask, type Session, useBegunSession } from './session';

/** Passkeys belong to a host name: browsers have none for an IP address. */
export const hasPasskeys =
  'PublicKeyCredential' in window && !/^(\d+\.){3}\d+$|^\[/.test(window.location.hostname);

const PASSKEYS = ['account', 'passkeys'] as const;

function post<Answer>(path: string, body: unknown = {}): Promise<Answer> {
  return ask<Answer>(path, { method: 'POST', body: JSON.stringify(body) });
}

/** @throws Failure `passkey_cancelled` */
function cancelled(cause: unknown): never {
  // The browser says the same where the user has cancelled and where no passkey was found.
  throw new Failure('passkey_cancelled', String(cause));
}

/** Lets the user answer with a passkey. @param path gives the options @throws Failure `passkey_cancelled` */
export async function answerWithPasskey(path: string) {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const { options, token } = await post<PasskeyOptions>(path);
  const optionsJSON = options as never as Parameters<typeof startAuthentication>[0]['optionsJSON'];
  return { token, response: await startAuthentication({ optionsJSON }).catch(cancelled) };
}

/** Signs in with a passkey. @param tenant (of the mutation) where the address does not name it; else empty */
export function usePasskeySignIn() {
  const begin = useBegunSession();
  return useMutation({
    mutationFn: async (tenant: string) => {
      const answer = await answerWithPasskey('/api/session/passkey-options');
      return post<Session>('/api/session/passkey', { ...answer, ...(tenant ? { tenant } : {}) });
    },
    onSuccess: begin,
  });
}

export function usePasskeys() {
  return useQuery({ queryKey: PASSKEYS, queryFn: () => ask<Passkeys>('/api/account/passkeys') });
}

/** Makes a passkey on this device, or on one that the browser reaches. */
export function useAddPasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => {
      const { startRegistration } = await import('@simplewebauthn/browser');
      const { options, token } = await post<PasskeyOptions>('/api/account/passkeys/options');
      const optionsJSON = options as never as Parameters<typeof startRegistration>[0]['optionsJSON'];
      const response = await startRegistration({ optionsJSON }).catch(cancelled);
      await post('/api/account/passkeys', { token, response, name });
    },
    onSettled: () => client.invalidateQueries({ queryKey: PASSKEYS }),
    meta: { showsFailure: true },
  });
}

/** Other sessions of the user end. */
export function useRemovePasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask(`/api/account/passkeys/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['account'] }),
  });
}
