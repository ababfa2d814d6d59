// Words for errors of servers and networks, whose own messages may contain rows or addresses.
import { classify, type FaultKind } from './classify';

const CAUSES: Partial<Record<FaultKind, string>> = {
  'sign-in-refused': 'A database refuses the login',
  'database-missing': 'A database does not exist',
  'out-of-connections': 'A server has no connection left',
  exhausted: 'A server has run out of a resource',
  'shutting-down': 'A database cannot be reached',
  'session-ended': 'A server ended the session',
  unreachable: 'A database cannot be reached',
  tls: 'A database cannot be reached over TLS',
  timeout: 'A database did not answer in time',
  'connection-lost': 'A connection to a database was lost',
  'not-sent': 'A connection to a database was lost',
  cancelled: 'A statement took too long',
  contention: 'A lock was not granted in time',
};

/** Codes that say more than their kind. */
const BY_CODE: [code: RegExp, message: string][] = [
  [/^(53100|ENOSPC)$/, 'A disk is full'],
  [/^42501$/, 'A login lacks a privilege'],
  [/^23/, 'Rows do not fit the target'],
];

/**
 * What has failed, for a record or a screen.
 *
 * @param otherwise the text for errors without a more specific one
 * @returns code: SQLSTATE, errno, or a name of the kind
 */
export function inWords(error: unknown, otherwise: string): { code: string; message: string } {
  const { kind, code: given } = classify(error);
  const code = given || (kind === 'internal' ? 'unexpected' : kind.replaceAll('-', '_'));
  const cause = BY_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? CAUSES[kind] ?? otherwise;
  return { code, message: `${cause} (${code}).` };
}
