// One request on its way to a tenant's data: who acts, and for which tenant. Its route is chosen for each attempt.
import { DataSourceError } from '../errors';
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
  /** The screen that sent the request, so that it is not told of its own changes. */
  readonly origin?: string | undefined;
  /** The answer stays in this process: leave out the headers that only HTTP needs. */
  readonly isLocal?: boolean;
}

/** Trusted server code for the whole tenant, or the user of an access token. */
export class Caller {
  #user: Identity | undefined;

  constructor(
    private readonly verify: VerifyAccessToken,
    readonly useServiceRole: boolean,
    readonly accessToken: string | undefined,
  ) {}

  /**
   * The identity in the tenant's PostgreSQL database. A token is verified once, when such a database first needs it: a
   * Supabase project verifies the tokens of its users itself.
   *
   * @throws DataSourceError `access_token_required`, `access_token_invalid`
   */
  identityIn(tenantId: string): Identity | Promise<Identity> {
    if (this.useServiceRole) return SERVICE;
    return this.#user ?? this.#verify(tenantId);
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
    return this.#user;
  }
}
