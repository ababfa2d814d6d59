import { LRUCache } from 'lru-cache';
import type { User } from '@/lib/application';
import type { Assurance, Tokens } from '@/lib/secrets';
import type { ApiKey } from './api-keys';
import type { SessionRecord } from './sessions';

/** Seconds. */
const ACCESS_TOKEN_LIFETIME = 3600;
/** Lifetime of a token for a scoped key, seconds. */
const KEY_TOKEN_LIFETIME = 60;
/** Signing takes half a millisecond: requests within this time share one token. */
const KEY_TOKEN_KEPT_MS = 30_000;

/** Tokens as Supabase's clients keep them. */
export interface ClientTokens {
  accessToken: string;
  refreshToken: string;
  /** Lifetime of the access token, seconds. */
  expiresIn: number;
}

/** Signs the tokens of sessions and of scoped keys. */
export class SessionTokens {
  readonly #keyTokens = new LRUCache<string, Promise<string>>({ max: 10_000, ttl: KEY_TOKEN_KEPT_MS });

  constructor(private readonly tokens: Tokens) {}

  /** @param session undefined for a token of trusted code, without a session @param lifetime seconds */
  accessToken(user: User, lifetime: number, session: SessionRecord | undefined): Promise<string> {
    const { id: userId, tenantId, role, tokenVersion, email } = user;
    const claims = { userId, tenantId, role, tokenVersion, sessionId: session?.id };
    if (!session) return this.tokens.signAccessToken(claims, lifetime);
    const { method, secondFactor } = session;
    const assurance: Assurance = {
      level: secondFactor ? 'aal2' : 'aal1',
      wanted: lacksSecondFactor(user, session) ? 'aal2' : undefined,
      methods: secondFactor ? [method, 'totp'] : [method],
      email,
    };
    return this.tokens.signAccessToken({ ...claims, assurance }, lifetime);
  }

  /** An access token of an hour at most, and a refresh token until the session ends. */
  async clientTokens(user: User, session: SessionRecord): Promise<ClientTokens> {
    const remaining = Math.max(1, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000));
    const expiresIn = Math.min(ACCESS_TOKEN_LIFETIME, remaining);
    const { id, refreshNumber: number } = session;
    const [accessToken, refreshToken] = await Promise.all([
      this.accessToken(user, expiresIn, session),
      this.tokens.signPurposeToken('refresh', user.id, { session: id, number }, remaining),
    ]);
    return { accessToken, refreshToken, expiresIn };
  }

  keyToken({ id: userId, tenantId, role }: ApiKey): Promise<string> {
    let token = this.#keyTokens.get(userId);
    if (!token) {
      const claims = { userId, tenantId, role: role ?? 'viewer', tokenVersion: 0 };
      token = this.tokens.signAccessToken(claims, KEY_TOKEN_LIFETIME);
      this.#keyTokens.set(userId, token);
    }
    return token;
  }
}

/** Whether the user has a second factor that this session has not shown. */
export function lacksSecondFactor(user: User, session: SessionRecord): boolean {
  return user.totpConfirmedAt !== null && !session.secondFactor;
}
