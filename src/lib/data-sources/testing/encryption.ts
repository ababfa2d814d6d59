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
    if (local) return passed('encryption', 'this_machine');
    return warning('encryption', 'tls_off', 'not_encrypted', 'not_encrypted');
  }
  const protocol = stream.getProtocol() ?? 'TLS';
  if (tlsModeIn(url) === 'no-verify') {
    return warning('encryption', 'tls_unverified', 'not_verified', 'not_verified', { protocol });
  }
  const until = new Date(stream.getPeerCertificate().valid_to);
  const days = Math.floor((until.getTime() - Date.now()) / DAY_MS);
  const day = until.toISOString().slice(0, 10);
  if (!(days < EXPIRES_SOON_DAYS)) return passed('encryption', 'verified', { protocol, day });
  return warning('encryption', 'certificate_expires', 'certificate_expires', 'certificate_expires', {
    ...{ protocol, day, days },
  });
}
