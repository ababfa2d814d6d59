// Turns a URL that someone gives into the URL that is stored: only parameters that Marquee reads, with the operator's rules for TLS and
// networks.
import { AllowedNetworks, isThisMachine } from '@/lib/network';
import {
  CA_PARAMETER,
  formatPostgresUrl,
  isLocal,
  NETWORKS_PARAMETER,
  networksOf,
  parsePostgresUrl,
  readCertificates,
  type TlsMode,
  tlsModeIn,
} from '@/lib/postgres';
import { DataSourceError } from '../errors';
import { readUrl } from '../pool/connect';
import { readProjectUrl } from '../sources/supabase/project-connection';

/** The operator's rules for a URL that someone else may have given. */
export interface UrlRules {
  /** Default `verify-full`. Less must be set here, since a URL alone cannot turn verification off. `url`: what the URL says, for the operator's own. */
  tls?: TlsMode | 'url';
  /** Certificates in PEM to verify the server's certificate with, instead of the system's. */
  ca?: string;
  /** Networks besides the internet that the URL may lead to, such as `10.20.0.0/16`; `any` for the operator's own database. */
  networks?: readonly string[] | 'any';
}

/** Parameters that are stored unchanged. */
const KEPT = ['options', 'target_session_attrs', 'load_balance_hosts'];
/** Parameters of libpq that name files or services of the machine that uses them. */
const OF_THE_MACHINE = [
  'service',
  'servicefile',
  'passfile',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'sslcrl',
  'sslcrldir',
];

/**
 * @param name the data source, as the operator knows it
 * @throws DataSourceError `data_source_url_malformed`, `data_source_parameter_refused`, `data_source_tls_unverified`; NetworkError `network_invalid`
 */
export function acceptUrl(text: string, name: string, rules: UrlRules): string {
  const url = readUrl(text, name);
  for (const parameter of OF_THE_MACHINE) {
    if (!url.parameters.has(parameter)) continue;
    throw new DataSourceError(
      'data_source_parameter_refused',
      `The URL of ${name} has the parameter ${parameter}, which names something of the machine that uses it.`,
      { hint: 'Leave it out. The authority of the server’s certificate is given with --ca-file.' },
    );
  }
  const asked = tlsModeIn(url);
  const mode = decide(name, rules, asked, isLocal(url));
  const parameters = new URLSearchParams();
  for (const parameter of KEPT) {
    const value = url.parameters.get(parameter);
    if (value !== null) parameters.set(parameter, value);
  }
  if (mode) parameters.set('sslmode', mode);
  return formatPostgresUrl({ ...url, parameters: withRules(parameters, name, rules) });
}

/** The same for the URL of a Supabase project. @throws as `acceptUrl` */
export function acceptProjectUrl(text: string, name: string, rules: UrlRules): string {
  const { base, hostname, tls } = readProjectUrl(text);
  const mode = decide(name, rules, tls === 'verify-full' ? undefined : tls, isThisMachine(hostname));
  const parameters = withRules(new URLSearchParams(), name, rules);
  if (mode === 'no-verify') parameters.set('sslmode', mode);
  if (mode === 'verify-full' && base.startsWith('http:')) throw unverified(name, 'disable');
  return parameters.size > 0 ? `${base}/?${parameters}` : base;
}

/** The rules that a stored URL was accepted with, for another URL of the same data source. */
export function rulesIn(text: string): UrlRules {
  const url = parsePostgresUrl(text);
  if (!url) return {};
  const ca = url.parameters.get(CA_PARAMETER);
  const networks = networksOf(url);
  const tls = tlsModeIn(url);
  return {
    ...(tls ? { tls } : {}),
    ...(ca ? { ca: Buffer.from(ca, 'base64url').toString() } : {}),
    networks: networks ? networks.networks : 'any',
  };
}

/** @returns undefined for a server on this machine, if neither rules nor URL set a mode */
function decide(
  name: string,
  { tls }: UrlRules,
  asked: TlsMode | undefined,
  isLocal: boolean,
): TlsMode | undefined {
  if (tls && tls !== 'url') return tls;
  const isWeak = asked === 'disable' || asked === 'no-verify';
  if (isWeak && !isLocal && tls !== 'url') throw unverified(name, asked);
  return asked ?? (isLocal ? undefined : 'verify-full');
}

function unverified(name: string, mode: TlsMode): DataSourceError {
  return new DataSourceError(
    'data_source_tls_unverified',
    `The URL of ${name} asks for a connection that is ${mode === 'disable' ? 'not encrypted' : 'encrypted without verifying the server'}.`,
    {
      hint: `Give the authority of its certificate with --ca-file. To connect all the same: --tls ${mode}, which the audit log and marquee source list show.`,
    },
  );
}

function withRules(
  parameters: URLSearchParams,
  name: string,
  { ca, networks = [] }: UrlRules,
): URLSearchParams {
  if (ca !== undefined) {
    const certificates = readCertificates(ca);
    if (certificates === undefined || certificates.length > LARGEST_CA) {
      throw new DataSourceError('data_source_url_malformed', `The certificates for ${name} cannot be read.`, {
        hint: 'Give a file in PEM with the authorities of this server only, at most 48 KiB.',
      });
    }
    parameters.set(CA_PARAMETER, certificates);
  }
  if (networks !== 'any') parameters.set(NETWORKS_PARAMETER, new AllowedNetworks(networks).toString());
  return parameters;
}

/** Maximum number of characters in base64url, since the URL is stored with each tenant. */
const LARGEST_CA = 64 * 1024;
