// The login with which the router signs in to one tenant data database. It changes while Marquee serves: addresses move, passwords rotate.
import { sealKeyOf } from '@/lib/tenant-data';
import { isStaleRoute } from '../../errors';

export interface RouterLogin {
  url: string;
  /** The key that seals the claims of sessions with this login; undefined if the URL has none. */
  sealKey: Buffer | undefined;
}

export interface CurrentLoginOptions {
  /** URL of the login at first. */
  url: string;
  /** The tenant that the source was opened for. */
  tenantId: string;
  /** Reads the current URL from a tenant of the source. @throws DataSourceError `route_stale` if the tenant has moved away */
  readUrl: (tenantId: string) => Promise<string>;
  /** Called with each new login, before it is used. */
  changed: (login: RouterLogin) => void;
  /** Called after `reread` has found another URL: connections of the former login are to end. */
  replaced: () => void;
}

/** The login of new connections, read again when it may have changed. */
export class CurrentLogin {
  #login: RouterLogin;
  /** The tenant that was served last. The current URL is read from it. */
  #lastTenant: string;
  #rereading: Promise<boolean> | undefined;
  /** The tenants that have changed since the last reading, the latest last. */
  #changed: string[] = [];

  constructor(private readonly options: CurrentLoginOptions) {
    this.#login = loginOf(options.url);
    this.#lastTenant = options.tenantId;
  }

  get login(): RouterLogin {
    return this.#login;
  }

  /** The tenant is served: it lives in the source. */
  serve(tenantId: string): void {
    this.#lastTenant = tenantId;
  }

  /**
   * Reads the URL again after the server has refused a login, whose password may have been rotated.
   *
   * @returns the login to try; undefined if the refused one is still the current one
   */
  async afterRefusal(refused: RouterLogin): Promise<RouterLogin | undefined> {
    const url = await this.options.readUrl(this.#lastTenant);
    // The new URL is compared with the one that was refused, since another connection may have read it meanwhile.
    if (url === refused.url) return undefined;
    if (url !== this.#login.url) this.#use(url);
    return this.#login;
  }

  /**
   * Reads the URL again, since it may have changed. Calls during a reading share one further reading, since a login changes for every
   * tenant at once.
   *
   * @param tenantId of a tenant that lives there
   * @returns false if all such tenants have moved away
   */
  reread(tenantId: string): Promise<boolean> {
    this.#changed.push(tenantId);
    this.#rereading ??= this.#reread();
    return this.#rereading;
  }

  async #reread(): Promise<boolean> {
    let wasRead = false;
    try {
      while (this.#changed.length > 0) {
        const url = await this.#urlBy(this.#changed.splice(0).reverse());
        wasRead ||= url !== undefined;
        if (url === undefined || url === this.#login.url) continue;
        this.#use(url);
        this.options.replaced();
      }
      return wasRead;
    } finally {
      this.#rereading = undefined;
    }
  }

  /** The URL as the first of these tenants that still lives in the source has it; undefined if none does. */
  async #urlBy(tenants: readonly string[]): Promise<string | undefined> {
    for (const tenantId of new Set(tenants)) {
      try {
        return await this.options.readUrl(tenantId);
      } catch (error) {
        if (!isStaleRoute(error)) throw error;
      }
    }
    return undefined;
  }

  #use(url: string): void {
    this.#login = loginOf(url);
    this.options.changed(this.#login);
  }
}

function loginOf(url: string): RouterLogin {
  return { url, sealKey: sealKeyOf(url) };
}
