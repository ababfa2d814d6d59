// The subscriber of a channel: a user with an access token, or a program with a service or scoped key.
import type { UserRole } from '@/lib/application';
import { ApiKeys, IdentityError } from '@/lib/identity';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { refuseInactive } from '../tenant-context';

/** The user or key whose rights apply to a channel. */
export interface Subscriber {
  tenantId: string;
  /** Equal for all channels with the same rights, so that rows are read once for all of them. */
  identity: string;
  /** The user's id or the key's: what is announced when either changes. */
  id: string;
  /** Undefined for a service key, which reads the whole tenant. */
  role: UserRole | undefined;
  /** Ms since 1970; undefined where it does not expire by itself. */
  expiresAt: number | undefined;
  /** For reads with its rights; undefined for a service key. */
  accessToken(): Promise<string | undefined>;
}

/** How a client reached the server. */
export interface Way {
  /** The tenant in the host's name, where it names one. */
  subdomain?: string | undefined;
  /** The client's IP address. */
  address: string;
}

/**
 * Checks a token or key and returns its subscriber.
 *
 * @throws RequestError `not_signed_in`, `forbidden`, `tenant_*`; IdentityError `api_key_*`, `not_signed_in`; SecretError `token_*`
 */
export async function recognize(parts: ServerDependencies, token: string, way: Way): Promise<Subscriber> {
  const subscriber = ApiKeys.isKey(token) ? await ofKey(parts, token, way) : await ofUser(parts, token);
  await requireTenantOf(parts, subscriber.tenantId, way);
  return subscriber;
}

/**
 * The tenant that a connection's key names; an anon key is enough to connect.
 *
 * @throws as `recognize`
 */
export async function tenantOfKey(parts: ServerDependencies, key: string, way: Way): Promise<string> {
  if (!ApiKeys.isKey(key)) return (await recognize(parts, key, way)).tenantId;
  const { tenantId } = await parts.signIn.keys.recognize(key, way.address);
  await requireTenantOf(parts, tenantId, way);
  return tenantId;
}

async function requireTenantOf(parts: ServerDependencies, tenantId: string, { subdomain }: Way) {
  const tenant = await parts.application.tenants.get(tenantId);
  if (subdomain !== undefined && subdomain !== tenant.subdomain) {
    throw new RequestError('not_signed_in', 'The token is for another company.', { hint: 'Sign in here.' });
  }
  refuseInactive(tenant);
}

async function ofUser(parts: ServerDependencies, token: string): Promise<Subscriber> {
  // An open page joins and renews without its user, so it does not count as use of the session.
  const { user } = await parts.signIn.recognize(token, { unattended: true });
  const { id, tenantId, role } = user;
  if (!tenantId) throw new RequestError('forbidden', 'The operator has no access to business data.');
  return {
    ...{ tenantId, id, role, identity: `user:${id}:${role}`, expiresAt: expiryOf(token) },
    accessToken: async () => token,
  };
}

async function ofKey(parts: ServerDependencies, text: string, { address }: Way): Promise<Subscriber> {
  const key = await parts.signIn.keys.recognize(text, address);
  if (key.kind === 'anon') {
    throw new IdentityError(
      'api_key_required',
      'An anon key only identifies a company; it may not listen to channels.',
      {
        hint: 'Sign a user in first (auth.signInWithPassword), or use a service or scoped key.',
      },
    );
  }
  const { id, tenantId, role, expiresAt } = key;
  return {
    ...{ tenantId, id, role: role ?? undefined, identity: `key:${id}` },
    expiresAt: expiresAt?.getTime(),
    accessToken: async () => (key.kind === 'scoped' ? parts.signIn.signKeyToken(key) : undefined),
  };
}

/** When a token expires. Its signature has been checked before. */
function expiryOf(token: string): number | undefined {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return typeof payload.exp === 'number' ? payload.exp * 1000 : undefined;
}
