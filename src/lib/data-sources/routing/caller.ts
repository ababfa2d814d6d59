// Whom a request acts for. Who that is in the tenant's database depends on the route.
import { DataSourceError } from '../errors';
import { type Identity, type Route, SERVICE } from './route';

/** What an access token says, once verified. */
export interface VerifiedToken {
  tenantId: string;
  userId: string;
  userRole: string;
}

export type VerifyAccessToken = (token: string) => Promise<VerifiedToken>;

/** A Supabase project knows its own users: it verifies their tokens, and the guard keeps them in this tenant. */
const USER_OF_PROJECT: Identity = { role: 'authenticated', userId: '', userRole: '' };

/** Trusted server code for the whole tenant, or the user of an access token. */
export class Caller {
  #user: Identity | undefined;

  constructor(
    private readonly verify: VerifyAccessToken,
    readonly useServiceRole: boolean,
    readonly accessToken: string | undefined,
  ) {}

  /**
   * The identity in the tenant's database. A token is verified once, when a PostgreSQL source first needs it.
   *
   * @throws DataSourceError `access_token_required`, `access_token_invalid`
   */
  identityAt(route: Route): Identity | Promise<Identity> {
    if (this.useServiceRole) return SERVICE;
    if (route.engine === 'supabase') return USER_OF_PROJECT;
    return this.#user ?? this.#verify(route.tenantId);
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
