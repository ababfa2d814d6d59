// One request on its way to a tenant's data: who acts, and for which tenant. Its route is chosen for each attempt.
import { MarqueeError } from '@/lib/failures';
import { type Statement, toParameter } from '@/lib/postgres';
import { isIssuedHere } from '@/lib/secrets';
import { DataSourceError } from '../errors';
import type { ReplicaWish } from '../sources/postgres/replicas/replica-set';
import { type Identity, SERVICE } from './route';

/** What an access token says, once verified. */
export interface VerifiedToken {
  tenantId: string;
  userId: string;
  userRole: string;
}

export type VerifyAccessToken = (token: string) => Promise<VerifiedToken>;

export interface Call {
  /** The tenant's id in the application. */
  readonly tenantId: string;
  readonly caller: Caller;
  readonly signal?: AbortSignal | undefined;
  /** The screen that sent the request, so that it does not read its own changes again. */
  readonly origin?: string | undefined;
  /** A replica may answer what only reads. */
  readonly replica?: ReplicaWish | undefined;
  /** What would write is refused. */
  readonly readOnly?: boolean | undefined;
  /** The answer stays in this process: leave out the headers that only HTTP needs. */
  readonly isLocal?: boolean;
}

/** How long a verified token is used before it is verified again, ms: a client may be kept for longer than its token is valid. */
const VERIFIED_MS = 10_000;

/** Trusted server code for the whole tenant, or the user of an access token. */
export class Caller {
  #user: Identity | undefined;
  #verifiedAt = 0;

  constructor(
    private readonly verify: VerifyAccessToken,
    readonly useServiceRole: boolean,
    readonly accessToken: string | undefined,
  ) {}

  /**
   * The identity in the tenant's PostgreSQL database. A token is verified when such a database needs it: a Supabase project
   * verifies the tokens of its users itself.
   *
   * @throws DataSourceError `access_token_required`, `access_token_invalid`
   */
  identityIn(tenantId: string): Identity | Promise<Identity> {
    if (this.useServiceRole) return SERVICE;
    if (this.#user && Date.now() - this.#verifiedAt < VERIFIED_MS) return this.#user;
    return this.#verify(tenantId);
  }

  /**
   * The identity that a token of Marquee's gives; undefined for one that others have issued, such as a Supabase project for its users.
   *
   * @throws DataSourceError `access_token_required`, `access_token_invalid`, also for a token of Marquee's that is no longer valid
   */
  async ownIdentity(tenantId: string): Promise<Identity | undefined> {
    try {
      return await this.identityIn(tenantId);
    } catch (error) {
      const isForeign = this.accessToken !== undefined && !isIssuedHere(this.accessToken);
      if (isForeign && error instanceof DataSourceError && error.code === 'access_token_invalid')
        return undefined;
      throw error;
    }
  }

  async #verify(tenantId: string): Promise<Identity> {
    const { accessToken } = this;
    if (!accessToken) {
      throw new DataSourceError(
        'access_token_required',
        'A client for a user needs the user’s access token.',
        {
          hint: 'Pass {accessToken}, or true as useServiceRole for trusted server code.',
        },
      );
    }
    const token = await this.verify(accessToken).catch((cause: unknown) => {
      // Keys that cannot be read now say nothing about the token.
      if (cause instanceof MarqueeError && cause.category === 'unavailable') throw cause;
      throw new DataSourceError('access_token_invalid', 'The access token is not valid or has expired.', {
        hint: 'Sign in again.',
        cause,
      });
    });
    if (token.tenantId !== tenantId) {
      throw new DataSourceError('access_token_invalid', 'The access token is for another tenant.', {
        hint: 'Sign in to this tenant.',
      });
    }
    this.#user = { role: 'authenticated', userId: token.userId, userRole: token.userRole };
    this.#verifiedAt = Date.now();
    return this.#user;
  }
}

/** What a statement keeps in memory, bytes. */
export function sizeOf({ text, values }: Statement): number {
  return values.reduce<number>((sum, value) => sum + (toParameter(value)?.length ?? 0), text.length);
}
