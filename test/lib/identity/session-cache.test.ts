import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { User } from '@/lib/application';
import { SessionCache } from '@/lib/identity/session-cache';
import type { SessionRecord } from '@/lib/identity/sessions';

/** A cache over one user and session, whose databases announce nothing. */
function cacheOf() {
  const user = { id: 'u1', status: 'active', tokenVersion: 1 } as User;
  const session = {
    ...{ id: 's1', userId: 'u1', tenantId: 't1', kind: 'browser', tokenVersion: 1, lastUsedAt: new Date() },
    expiresAt: new Date(Date.now() + 3_600_000),
    endedAt: null,
  } as SessionRecord;
  const state = {
    user: user as User | undefined,
    session: session as SessionRecord | undefined,
    now: 1_000,
    reads: 0,
  };
  const cache = new SessionCache(
    {
      users: {
        find: async () => {
          state.reads += 1;
          return state.user;
        },
      },
    },
    { find: async () => state.session, touch: async () => {} },
    () => state.now,
  );
  return { cache, state, user };
}

const CLAIMS = { userId: 'u1', sessionId: 's1', tokenVersion: 1 };

test('a session that ended without an announcement is trusted for ten seconds, and no longer', async () => {
  const { cache, state, user } = cacheOf();
  await cache.confirm(CLAIMS);
  state.user = { ...user, status: 'disabled' };
  state.now = 10_000;
  await cache.confirm(CLAIMS);
  assert.equal(state.reads, 1);
  state.now = 11_001;
  await assert.rejects(cache.confirm(CLAIMS), { code: 'not_signed_in' });
  assert.equal(state.reads, 2);
});

test('an announcement, or a request that wants it fresh, reads again at once', async () => {
  const { cache, state, user } = cacheOf();
  await cache.confirm(CLAIMS);
  state.user = { ...user, tokenVersion: 2 };
  await assert.rejects(cache.confirm({ userId: 'u1', sessionId: undefined, tokenVersion: 1 }), {
    code: 'not_signed_in',
  });
  cache.forget('u1');
  state.user = undefined;
  await assert.rejects(cache.confirm(CLAIMS), { code: 'not_signed_in' });
  state.user = user;
  await cache.confirm(CLAIMS, { fresh: true });
});

test('a session of another user, one that is over, and one that is gone are refused', async () => {
  const { cache, state } = cacheOf();
  await assert.rejects(cache.confirm({ ...CLAIMS, userId: 'u2' }), { code: 'not_signed_in' });
  cache.forget();
  state.session = undefined;
  await assert.rejects(cache.confirm(CLAIMS), { code: 'not_signed_in' });
});
