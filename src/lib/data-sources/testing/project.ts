import { classify } from '@/lib/failures';
import { DataSourceError } from '../errors';
import type { ConnectionTarget, ConnectionTestOptions, ConnectionTestResult } from './check';
import { latencyCheck } from './latency';

/** Tries a Supabase project's REST API and notes what it finds. @throws DataSourceError why it cannot be used */
export async function testProject(
  target: Extract<ConnectionTarget, { kind: 'supabase' }>,
  { timeoutMs = 5_000, slowMs = 100 }: ConnectionTestOptions,
  result: ConnectionTestResult,
): Promise<void> {
  if (!/^https?:$/.test(URL.canParse(target.url) ? new URL(target.url).protocol : '')) {
    throw new DataSourceError('data_source_url_malformed', 'The URL of the Supabase project is not a URL.', {
      hint: 'Its form is https://<project>.supabase.co.',
    });
  }
  const started = performance.now();
  const response = await fetch(`${target.url.replace(/\/+$/, '')}/rest/v1/accounts?select=id&limit=0`, {
    headers: { apikey: target.serviceKey, authorization: `Bearer ${target.serviceKey}` },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    const timedOut = classify(error).kind === 'timeout';
    throw new DataSourceError(
      timedOut ? 'data_source_timeout' : 'data_source_unreachable',
      timedOut ? `The project did not answer within ${timeoutMs} ms.` : 'The project cannot be reached.',
      { hint: 'Check the project’s URL and that it is not paused.', cause: error },
    );
  });
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new DataSourceError('data_source_authentication_refused', 'The project refused the service key.', {
      hint: 'Copy the service_role key from the project’s API settings.',
    });
  }
  result.latencyMs = performance.now() - started;
  result.checks.push({ name: 'connect', outcome: 'passed', message: 'The project answers.' });
  result.checks.push(latencyCheck(result.latencyMs, slowMs));
  result.checks.push(
    response.ok
      ? { name: 'schema', outcome: 'passed', message: 'The tenant schema is installed.' }
      : {
          name: 'schema',
          outcome: 'failed',
          code: 'data_source_not_migrated',
          message: `The project does not serve the tenant schema (HTTP ${response.status}).`,
          hint: 'Run the tenant migrations over the project’s PostgreSQL URL first.',
        },
  );
}
