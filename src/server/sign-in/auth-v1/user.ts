// Users and sessions as Supabase Auth describes them.
import type { User } from '@/lib/application';
import type { ClientTokens } from '@/lib/identity';

/** A user has at most one factor, an authenticator; its id is the user's id. */
export function factorsOf({ id, totpConfirmedAt }: User) {
  if (!totpConfirmedAt) return [];
  const since = totpConfirmedAt.toISOString();
  return [
    {
      id,
      friendly_name: 'Authenticator',
      factor_type: 'totp',
      status: 'verified',
      created_at: since,
      updated_at: since,
    },
  ];
}

/** @param newEmail the new address, not confirmed yet */
export function describe(user: User, newEmail?: string) {
  const created = user.createdAt.toISOString();
  const updated = user.updatedAt.toISOString();
  const isConfirmed = user.status !== 'invited';
  const signedIn = user.lastSignInAt?.toISOString();
  return {
    id: user.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: user.email,
    ...(isConfirmed ? { email_confirmed_at: created, confirmed_at: created } : { invited_at: created }),
    ...(newEmail === undefined
      ? {}
      : { new_email: newEmail, email_change_sent_at: new Date().toISOString() }),
    phone: '',
    ...(signedIn ? { last_sign_in_at: signedIn } : {}),
    ...(user.status === 'disabled' ? { banned_until: '9999-12-31T00:00:00.000Z' } : {}),
    app_metadata: {
      provider: 'email',
      providers: ['email'],
      tenant_id: user.tenantId,
      user_role: user.role,
      ...(user.mustChangePassword ? { must_change_password: true } : {}),
    },
    user_metadata: { name: user.displayName, locale: user.locale, time_zone: user.timeZone },
    identities: [
      {
        identity_id: user.id,
        id: user.id,
        user_id: user.id,
        provider: 'email',
        identity_data: { sub: user.id, email: user.email, email_verified: isConfirmed },
        email: user.email,
        created_at: created,
        updated_at: updated,
        ...(signedIn ? { last_sign_in_at: signedIn } : {}),
      },
    ],
    factors: factorsOf(user),
    created_at: created,
    updated_at: updated,
    is_anonymous: false,
  };
}

export function sessionOf(user: User, { accessToken, refreshToken, expiresIn }: ClientTokens) {
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: expiresIn,
    expires_at: Math.floor(Date.now() / 1000) + expiresIn,
    refresh_token: refreshToken,
    user: describe(user),
  };
}
