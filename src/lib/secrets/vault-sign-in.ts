// Signs in to Vault or OpenBao, and keeps the process signed in.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { SecretError } from './errors';

/** @see https://developer.hashicorp.com/vault/api-docs/auth */
export type VaultSignIn =
  | { method: 'token'; token: string }
  | { method: 'approle'; roleId: string; secretId: string; mount?: string }
  /** Uses the token of the pod's service account. The file is read at each sign-in, since Kubernetes replaces the token. */
  | { method: 'kubernetes'; role: string; tokenFile?: string; mount?: string };

export interface VaultServer {
  address: string;
  namespace?: string;
  signIn: VaultSignIn;
}

const TIMEOUT_MS = 10_000;
/** The token is renewed after this share of its lifetime. */
const RENEW_AFTER = 2 / 3;
/** Between attempts to renew while Vault cannot be reached, at least, ms. */
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_WAIT_MS = 86_400_000;
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const Auth = z.object({
  auth: z.object({ client_token: z.string(), lease_duration: z.number(), renewable: z.boolean() }),
});
const Self = z.object({ data: z.object({ ttl: z.number(), renewable: z.boolean().default(false) }) });

/** Sends requests to a Vault server. The token is renewed before it expires, and replaced if the server refuses it. */
export class VaultSession {
  #token: Promise<string> | undefined;
  #renewal: NodeJS.Timeout | undefined;

  constructor(private readonly server: VaultServer) {}

  /**
   * @param path below `/v1/`
   * @param body undefined to read
   * @throws SecretError `key_provider_unreachable`, `key_provider_refused`
   */
  async call<T>(path: string, shape: z.ZodType<T>, body?: object): Promise<T> {
    const token = await this.#signedIn();
    try {
      return await this.#send(path, shape, body, token);
    } catch (error) {
      if (this.server.signIn.method === 'token' || !isForbidden(error)) throw error;
      // The token expired or was revoked. The first request that notices replaces it.
      if ((await this.#token) === token) this.#token = undefined;
      return this.#send(path, shape, body, await this.#signedIn());
    }
  }

  #signedIn(): Promise<string> {
    if (!this.#token) {
      const signingIn = this.#signIn();
      this.#token = signingIn;
      signingIn.catch(() => {
        if (this.#token === signingIn) this.#token = undefined;
      });
    }
    return this.#token;
  }

  async #signIn(): Promise<string> {
    const { signIn } = this.server;
    if (signIn.method === 'token') {
      // If the token may not look itself up, it is used as it is.
      const self = await this.#send('auth/token/lookup-self', Self, undefined, signIn.token).catch(
        () => undefined,
      );
      if (self?.data.renewable) this.#renewIn(self.data.ttl, signIn.token);
      return signIn.token;
    }
    const { auth } = await this.#send(
      `auth/${signIn.mount ?? signIn.method}/login`,
      Auth,
      await credentialsOf(signIn),
    );
    if (auth.renewable) this.#renewIn(auth.lease_duration, auth.client_token);
    return auth.client_token;
  }

  /** @param seconds how long the token lives; 0 for ever @param shortestMs how long to wait, at least */
  #renewIn(seconds: number, token: string, shortestMs = 0): void {
    clearTimeout(this.#renewal);
    if (seconds <= 0) return;
    const waitMs = Math.min(Math.max(seconds * 1000 * RENEW_AFTER, shortestMs), LONGEST_WAIT_MS);
    this.#renewal = setTimeout(() => void this.#renew(seconds, token), waitMs).unref();
  }

  async #renew(seconds: number, token: string): Promise<void> {
    try {
      const { auth } = await this.#send('auth/token/renew-self', Auth, {}, token);
      this.#renewIn(auth.lease_duration, token);
    } catch (error) {
      // If the renewal is refused, the next request signs in again. If Vault cannot be reached, renewal is tried again while the token is valid.
      if (isForbidden(error)) this.#token = undefined;
      else this.#renewIn(seconds * (1 - RENEW_AFTER), token, SHORTEST_RETRY_MS);
    }
  }

  async #send<T>(path: string, shape: z.ZodType<T>, body: object | undefined, token?: string): Promise<T> {
    const { address, namespace } = this.server;
    const response = await fetch(`${address.replace(/\/$/, '')}/v1/${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: {
        'content-type': 'application/json',
        'x-vault-request': 'true',
        ...(token ? { 'x-vault-token': token } : {}),
        ...(namespace ? { 'x-vault-namespace': namespace } : {}),
      },
      // A redirect would carry the token to wherever it points.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause) => {
      throw new SecretError('key_provider_unreachable', 'Vault does not answer.', {
        hint: 'Try again in a minute.',
        cause,
      });
    });
    if (response.ok) {
      const answer = shape.safeParse(await response.json().catch(() => undefined));
      if (answer.success) return answer.data;
      throw new SecretError('key_provider_refused', 'Vault answered in another form than it documents.', {
        hint: 'Check that the address leads to it and not to a proxy or a sign-in page.',
      });
    }
    await response.body?.cancel();
    const { status } = response;
    // 429: too many requests; 412 and 5xx: sealed, a standby, or not ready yet.
    const isAway = status >= 500 || status === 429 || status === 412;
    throw new VaultRefusal(
      isAway ? 'key_provider_unreachable' : 'key_provider_refused',
      `Vault answered ${status}.`,
      status,
    );
  }
}

class VaultRefusal extends SecretError {
  constructor(
    code: 'key_provider_unreachable' | 'key_provider_refused',
    message: string,
    readonly answered: number,
  ) {
    super(code, message, {
      hint: 'Check the key, the permissions of this process, and that the secret belongs to this row.',
    });
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof VaultRefusal && (error.answered === 403 || error.answered === 401);
}

async function credentialsOf(signIn: Exclude<VaultSignIn, { method: 'token' }>): Promise<object> {
  if (signIn.method === 'approle') return { role_id: signIn.roleId, secret_id: signIn.secretId };
  const file = signIn.tokenFile ?? SERVICE_ACCOUNT;
  const jwt = await readFile(file, 'utf8').catch((cause) => {
    throw new SecretError(
      'key_provider_refused',
      `The service account’s token cannot be read from ${file}.`,
      {
        hint: 'Mount it into the pod, or set VAULT_KUBERNETES_TOKEN_FILE.',
        cause,
      },
    );
  });
  return { role: signIn.role, jwt: jwt.trim() };
}
