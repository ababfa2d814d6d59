import { LRUCache } from 'lru-cache';
import type { ApplicationDatabase, User } from '@/lib/application';
import { IdentityError } from './errors';
import { isOver, type SessionRecord, type Sessions } from './sessions';

/** How long a cached session is trusted when no announcement arrives. Changes are announced, see `SignIn.start`. */
const TRUSTED_MS = 10_000;
/** The time of last use is written this often. */
const TOUCH_MS = 60_000;

interface Entry {
  user: User | undefined;
  session: SessionRecord | undefined;
}

/** What a token says of itself. */
interface SessionClaims {
  userId: string;
  sessionId: string | undefined;
  /** Checked where the token carries it. */
  tokenVersion?: number;
}

/** Users and sessions as the databases last gave them. */
export class SessionCache {
  /** By session id; by user id for tokens without a session. */
  readonly #entries: LRUCache<string, Entry>;
  /** Raised by each change: what was read before a change is not cached. */
  #changes = 0;

  constructor(
    private readonly application: { users: Pick<ApplicationDatabase['users'], 'find'> },
    private readonly sessions: Pick<Sessions, 'find' | 'touch'>,
    /** The time in milliseconds, from any moment on. */
    now: () => number = () => performance.now(),
  ) {
    this.#entries = new LRUCache({ max: 20_000, ttl: TRUSTED_MS, ttlResolution: 0, perf: { now } });
  }

  /**
   * The user and session of a token, where both are still valid.
   *
   * @param options.fresh read from the databases, past the cache
   * @param options.unattended the request is a page's own, without its user: it does not count as use of the session
   * @throws IdentityError `not_signed_in`
   */
  async confirm(
    { userId, sessionId, tokenVersion }: SessionClaims,
    { fresh = false, unattended = false }: { fresh?: boolean; unattended?: boolean } = {},
  ): Promise<{ user: User; session: SessionRecord | undefined }> {
    const key = sessionId ?? userId;
    const cached = fresh ? undefined : this.#entries.get(key);
    const { user, session } = cached ?? (await this.#read(key, userId, sessionId));
    // A session may outlive a change made in it; a token without one does not.
    const version = session?.tokenVersion ?? tokenVersion;
    if (user?.status !== 'active' || user.tokenVersion !== version) throw sessionEnded();
    if (sessionId !== undefined && (session?.userId !== userId || isOver(session))) throw sessionEnded();
    if (session && !unattended) this.#touch(session);
    return { user: session ? userIn(session, user) : user, session };
  }

  /** Drops what is cached of one user, or of all. */
  forget(userId?: string): void {
    this.#changes += 1;
    if (userId === undefined) this.#entries.clear();
    for (const [key, { user, session }] of this.#entries.entries()) {
      if (key === userId || user?.id === userId || session?.userId === userId) this.#entries.delete(key);
    }
  }

  async #read(key: string, userId: string, sessionId: string | undefined): Promise<Entry> {
    const before = this.#changes;
    const [user, session] = await Promise.all([
      this.application.users.find(userId),
      sessionId === undefined ? undefined : this.sessions.find(sessionId),
    ]);
    const entry = { user, session };
    if (this.#changes === before) this.#entries.set(key, entry);
    return entry;
  }

  #touch(session: SessionRecord): void {
    if (session.lastUsedAt.getTime() + TOUCH_MS > Date.now()) return;
    session.lastUsedAt = new Date();
    // A failed write is made up for by a later request.
    this.sessions.touch(session.id).catch(() => {});
  }
}

/** In a support session an operator acts as a user of the tenant. */
export function userIn({ tenantId, supportRole }: SessionRecord, user: User): User {
  return supportRole === null ? user : { ...user, tenantId, role: supportRole };
}

export function sessionEnded(): IdentityError {
  return new IdentityError('not_signed_in', 'The session has ended.', { hint: 'Sign in again.' });
}
