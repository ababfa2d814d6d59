// The one place that makes connections to tenant data databases: what the URL says about TLS, and which addresses it may lead to.
import { X509Certificate } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { type AddressRule, AllowedNetworks, CheckedSocket, isLoopback, isThisMachine } from '@/lib/network';
import type { PostgresHost, PostgresUrl } from './address/postgres-url';

/**
 * How the server is made sure of. `verify-full`: a valid certificate for the host's name; `verify-ca`: a certificate of the given
 * authority for any name; `no-verify`: encrypted, with anyone; `disable`: not encrypted.
 */
export type TlsMode = 'verify-full' | 'verify-ca' | 'no-verify' | 'disable';

/** Parameters of a URL that Marquee sets: the certificate authority, and the networks that it may lead to. */
export const CA_PARAMETER = 'marquee_ca';
export const NETWORKS_PARAMETER = 'marquee_networks';

/** What a URL asks for. `require`, `prefer` and `allow`, which verify nothing elsewhere, mean `verify-full` here. Undefined: it does not say. */
export function tlsModeIn({ parameters }: PostgresUrl): TlsMode | undefined {
  const mode = parameters.get('sslmode') ?? parameters.get('ssl');
  if (mode === null) return undefined;
  if (mode === 'no-verify') return mode;
  if (mode === 'disable' || mode === 'false' || mode === '0') return 'disable';
  return mode === 'verify-ca' && parameters.has(CA_PARAMETER) ? mode : 'verify-full';
}

/** Whether all hosts of a URL are this machine. */
export function isLocal({ hosts }: Pick<PostgresUrl, 'hosts'>): boolean {
  return hosts.every(({ host, hostaddr }) => isThisMachine(hostaddr ?? host));
}

/** What holds for a URL: servers of this machine need no TLS, all others are verified unless the URL opts out. */
export function tlsModeOf(url: PostgresUrl): TlsMode {
  return tlsModeIn(url) ?? (isLocal(url) ? 'disable' : 'verify-full');
}

/** The networks that a customer's URL may lead to; undefined for a database of the operator's. */
export function networksOf({ parameters }: PostgresUrl): AllowedNetworks | undefined {
  return AllowedNetworks.parse(parameters.get(NETWORKS_PARAMETER));
}

/**
 * How the driver connects to one host of a URL, and to its other hosts where `host` and `port` are replaced. Only what the URL says is used:
 * neither PGPASSWORD, PGSSLMODE nor a password file of this machine may reach someone else's server.
 *
 * @throws NetworkError `network_invalid` for a URL that was not made by Marquee
 */
export function tenantDataConfig(url: PostgresUrl, host: PostgresHost): pg.ClientConfig {
  const options = url.parameters.get('options');
  const rule = ruleOf(url);
  return {
    host: host.host,
    port: host.port,
    user: url.user,
    // A function, since the driver replaces an empty text by PGPASSWORD.
    password: () => url.password,
    database: url.database,
    ssl: sslOf(url, tlsModeOf(url)),
    ...(options ? { options } : {}),
    stream: () =>
      new CheckedSocket({
        rule,
        hostaddr: (name, port) => url.hosts.find((one) => one.host === name && one.port === port)?.hostaddr,
      }),
  };
}

/** A client for one host of a URL, not connected yet. @throws as `tenantDataConfig` */
export function newClient(url: PostgresUrl, host: PostgresHost, more: pg.ClientConfig = {}): pg.Client {
  return new pg.Client({ ...tenantDataConfig(url, host), ...more });
}

/** The driver's setting for a mode of TLS. */
function sslOf({ parameters }: PostgresUrl, mode: TlsMode): false | ConnectionOptions {
  if (mode === 'disable') return false;
  if (mode === 'no-verify') return { rejectUnauthorized: false };
  const ca = parameters.get(CA_PARAMETER);
  return {
    ...(ca ? { ca: Buffer.from(ca, 'base64url').toString() } : {}),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function ruleOf(url: PostgresUrl): AddressRule | undefined {
  const networks = networksOf(url);
  const isPlainByDefault = tlsModeIn(url) === undefined && tlsModeOf(url) === 'disable';
  if (!isPlainByDefault) return networks;
  // The name of this machine must not lead to another one, where nothing would be encrypted.
  return { allows: (address) => isLoopback(address) && (networks?.allows(address) ?? true) };
}

/** Certificates in PEM, for a URL: only those, whatever else the file holds. @returns undefined where there is none */
export function readCertificates(pem: string): string | undefined {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const one of found) new X509Certificate(one);
  } catch {
    return undefined;
  }
  return found.length > 0 ? Buffer.from(found.join('\n')).toString('base64url') : undefined;
}
