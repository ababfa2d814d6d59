// HTTPS to a Supabase project: only to addresses that its URL may lead to. Redirects are not followed.
import { isIP } from 'node:net';
import type { Agent, RequestInit, Response } from 'undici';
import { AllowedNetworks, allowedLookup, expectAllowed } from '@/lib/network';
import { CA_PARAMETER, NETWORKS_PARAMETER, type TlsMode } from '@/lib/postgres';
import { DataSourceError } from '../../errors';

/** The project's own URL, and the settings that Marquee has written into its parameters. */
interface ProjectUrl {
  /** The URL without a slash at its end. */
  base: string;
  hostname: string;
  networks: AllowedNetworks | undefined;
  /** PEM. */
  ca: string | undefined;
  tls: TlsMode;
}

/** @throws DataSourceError `data_source_url_malformed` */
export function readProjectUrl(text: string): ProjectUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new DataSourceError('data_source_url_malformed', 'The URL of the Supabase project is not a URL.', {
      hint: 'Its form is https://<project>.supabase.co.',
    });
  }
  const ca = url.searchParams.get(CA_PARAMETER);
  const isVerified = url.protocol === 'https:' && url.searchParams.get('sslmode') !== 'no-verify';
  return {
    base: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    networks: AllowedNetworks.parse(url.searchParams.get(NETWORKS_PARAMETER)),
    ca: ca ? Buffer.from(ca, 'base64url').toString() : undefined,
    tls: isVerified ? 'verify-full' : url.protocol === 'https:' ? 'no-verify' : 'disable',
  };
}

/** Connections to one project. */
export class ProjectConnection {
  readonly #url: ProjectUrl;
  #agent: Promise<Agent> | undefined;

  /** @throws DataSourceError `data_source_url_malformed` */
  constructor(readonly url: string) {
    this.#url = readProjectUrl(url);
  }

  /**
   * @param path below the project's URL, e.g. `/rest/v1/accounts`
   * @throws NetworkError `address_refused`, possibly as the cause of an error of fetch; the errors of fetch
   */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    const { base, hostname, networks } = this.#url;
    // A numeric address is not looked up, so it is checked here.
    if (networks && isIP(hostname) !== 0) expectAllowed(hostname, networks);
    // A redirect would carry the key to another server.
    this.#agent ??= this.#connect();
    const [{ fetch }, dispatcher] = await Promise.all([import('undici'), this.#agent]);
    return fetch(`${base}${path}`, { ...init, redirect: 'error', dispatcher });
  }

  /** Closes all connections. Requests in flight fail. */
  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  /** Loads undici only here: most installations have no Supabase source. */
  async #connect(): Promise<Agent> {
    const { Agent } = await import('undici');
    const { networks, ca, tls } = this.#url;
    return new Agent({
      connect: {
        ...(networks ? { lookup: allowedLookup(networks) } : {}),
        ...(ca ? { ca } : {}),
        ...(tls === 'no-verify' ? { rejectUnauthorized: false } : {}),
      },
    });
  }
}
