// Sessions at a Supabase project's sign-in service for users who have signed in to Marquee. Marquee's own tokens are never sent to a
// project, since its administrators could use them here. Each user gets a separate account there; it is not linked to the project's own
// users by email address. The account's token carries tenant and role in `app_metadata`, which only the service key can set.
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DataSourceError } from '../../errors';
import type { Identity } from '../../routing/route';
import type { ProjectConnection } from './project-connection';

/** A user of Marquee, and the tenant they act for by its id in the project. */
export interface ProjectUser {
  tenantIdInDataSource: string;
  identity: Extract<Identity, { role: 'authenticated' }>;
}

/** How to reach the project's sign-in service. */
export interface ProjectKeys {
  connection: ProjectConnection;
  anonKey: string | null;
  serviceKey: string | null;
}

/** Number of sessions that are kept in memory. */
const REMEMBERED = 10_000;
/** A session is replaced this long before it expires, s. */
const MARGIN_S = 60;
const TIMEOUT_MS = 10_000;
/** Mail to addresses below `.invalid` reaches no one (RFC 2606). */
const DOMAIN = 'users.marquee.invalid';

const Link = z.object({
  id: z.string(),
  hashed_token: z.string(),
  verification_type: z.string().default('magiclink'),
  app_metadata: z.record(z.string(), z.unknown()).nullish(),
});
const Session = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const Refusal = z.object({ error_code: z.string() });

export class ProjectSessions {
  readonly #tokens = new LRUCache<string, Promise<string>>({ max: REMEMBERED, ttl: 1, ttlAutopurge: false });

  /**
   * An access token of the project for a user, from memory or from a new session there.
   *
   * @throws DataSourceError `data_source_sign_in_refused`; the errors of fetch
   */
  tokenOf(keys: ProjectKeys, user: ProjectUser): Promise<string> {
    const key = nameOf(user);
    const known = this.#tokens.get(key);
    if (known) return known;
    const opening = signIn(keys, user);
    const token = opening.then(({ access_token }) => access_token);
    this.#tokens.set(key, token, { ttl: TIMEOUT_MS * 4 });
    opening.then(
      ({ expires_in: seconds }) =>
        this.#tokens.set(key, token, { ttl: Math.max(1, seconds - MARGIN_S) * 1000 }),
      () => this.#tokens.delete(key),
    );
    return token;
  }

  /** Forgets a user's token that the project has refused: its keys or the account must have changed. */
  forget(user: ProjectUser): void {
    this.#tokens.delete(nameOf(user));
  }

  clear(): void {
    this.#tokens.clear();
  }
}

/** The key of a session. Another role or tenant is another session. */
function nameOf({ tenantIdInDataSource, identity }: ProjectUser): string {
  return `${tenantIdInDataSource} ${identity.userId} ${identity.userRole}`;
}

/** Creates the account if it is missing, updates its role, and signs it in with a link that is not mailed. */
async function signIn(keys: ProjectKeys, user: ProjectUser): Promise<z.infer<typeof Session>> {
  const { tenantIdInDataSource: tenantId, identity } = user;
  const email = `${identity.userId}@${DOMAIN}`;
  const metadata = { tenant_id: tenantId, user_role: identity.userRole };
  const account = { id: identity.userId, email, email_confirm: true, app_metadata: metadata };
  const created = await ask(keys, 'POST', '/admin/users', account);
  if (!created.ok && Refusal.safeParse(created.body).data?.error_code !== 'email_exists')
    throw refused(created);
  const newLink = async () =>
    read(Link, await ask(keys, 'POST', '/admin/generate_link', { type: 'magiclink', email }));
  let link = await newLink();
  if (Object.entries(metadata).some(([name, value]) => link.app_metadata?.[name] !== value)) {
    const updated = await ask(keys, 'PUT', `/admin/users/${encodeURIComponent(link.id)}`, {
      app_metadata: metadata,
    });
    if (!updated.ok) throw refused(updated);
    // Changing the rights may have invalidated the link. (If the project is another Marquee, it does.)
    link = await newLink();
  }
  const verification = { type: link.verification_type, token_hash: link.hashed_token };
  return read(Session, await ask(keys, 'POST', '/verify', verification, keys.anonKey));
}

interface Answer {
  ok: boolean;
  status: number;
  body: unknown;
}

async function ask(
  { connection, serviceKey }: ProjectKeys,
  method: string,
  path: string,
  body: unknown,
  key = serviceKey,
): Promise<Answer> {
  if (!key) {
    throw new DataSourceError(
      'data_source_sign_in_refused',
      'The project’s anon key or service key is not known.',
      {
        hint: 'Set both keys of the Supabase project: its users are signed in with them.',
      },
    );
  }
  const response = await connection.fetch(`/auth/v1${path}`, {
    method,
    headers: { apikey: key, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const parsed: unknown = await response.json().catch(() => undefined);
  return { ok: response.ok, status: response.status, body: parsed };
}

function read<T>(schema: z.ZodType<T>, answer: Answer): T {
  const parsed = answer.ok ? schema.safeParse(answer.body) : undefined;
  if (parsed?.success) return parsed.data;
  throw refused(answer);
}

/** The project's own message is left out, since it may repeat what it was sent. */
function refused({ status, body }: Answer): DataSourceError {
  const code = Refusal.safeParse(body).data?.error_code.slice(0, 40).replace(/\W/g, '');
  return new DataSourceError(
    'data_source_sign_in_refused',
    `The project’s sign-in service answered ${status}${code ? ` (${code})` : ''}.`,
    { hint: 'Check the project’s keys, and that its Auth service is on.' },
  );
}
