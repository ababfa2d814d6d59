import { TLSSocket } from 'node:tls';
import type pg from 'pg';
import { type PostgresUrl, tlsModeIn } from '@/lib/postgres';
import { type ConnectionCheck, passed, warning } from './check';

const DAY_MS = 86_400_000;
const EXPIRES_SOON_DAYS = 14;

/** @param local the server is on this machine */
export function encryptionCheck(client: pg.Client, url: PostgresUrl, local: boolean): ConnectionCheck {
  const { stream } = client.connection;
  if (!(stream instanceof TLSSocket)) {
    if (local) return passed('encryption', 'The server is on this machine.');
    return warning(
      'encryption',
      'tls_off',
      'The connection is not encrypted: passwords and data can be read and changed on the way.',
      'Switch TLS on at the server, give the authority of its certificate with --ca-file, and leave out --tls disable.',
    );
  }
  const protocol = stream.getProtocol() ?? 'TLS';
  if (tlsModeIn(url) === 'no-verify') {
    return warning(
      'encryption',
      'tls_unverified',
      `The connection uses ${protocol}, but the server is not verified: another could answer for it.`,
      'Give the authority of its certificate with --ca-file, and leave out --tls no-verify.',
    );
  }
  const until = new Date(stream.getPeerCertificate().valid_to);
  const days = Math.floor((until.getTime() - Date.now()) / DAY_MS);
  const valid = `${protocol}, with a verified certificate that is valid until ${until.toISOString().slice(0, 10)}`;
  if (!(days < EXPIRES_SOON_DAYS)) return passed('encryption', `The connection uses ${valid}.`);
  return warning(
    'encryption',
    'certificate_expires',
    `The connection uses ${valid}: ${days} days from now.`,
    'Renew the server’s certificate; afterwards nothing can connect.',
  );
}
