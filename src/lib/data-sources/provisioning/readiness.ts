// What a connection test has to show before a data source is set up.
import { DataSourceError } from '../errors';
import { type ConnectionTestResult, isFailed } from '../testing/check';
import { testConnection } from '../testing/connection-test';

/**
 * Checks that a login can set the database up.
 *
 * @param direct whether the URL has to lead to the server itself
 * @returns the server's `server_version_num`
 * @throws DataSourceError the code of the first check that failed, `data_source_pooled`
 */
export async function expectReady(
  name: string,
  adminUrl: string,
  direct = false,
): Promise<number | undefined> {
  const test = await testConnection({ kind: 'postgres', url: adminUrl, purpose: 'administrator' });
  expectPassed(name, test);
  if (direct) expectDirect(name, test);
  return versionNumber(test.serverVersion);
}

/** @throws DataSourceError the code of the first check that failed */
export function expectPassed(name: string, test: ConnectionTestResult): void {
  const failure = test.checks.find(isFailed);
  if (!failure) return;
  throw new DataSourceError(failure.code, `${name}: ${failure.message}`, {
    hint: failure.hint,
  });
}

/** @throws DataSourceError `data_source_pooled` */
export function expectDirect(name: string, { checks }: ConnectionTestResult): void {
  const pooler = checks.find((check) => check.name === 'pooler');
  if (!pooler) return;
  throw new DataSourceError('data_source_pooled', `${name}: the direct URL leads to a pooler too.`, {
    hint: 'Give the address of the server itself.',
  });
}

/** `16.4` → 160004, the form of `server_version_num`. */
export function versionNumber(version: string | undefined): number | undefined {
  const [major, minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(version ?? '')?.slice(1) ?? [];
  return major === undefined ? undefined : Number(major) * 10_000 + Number(minor);
}
