// Tries a Supabase project: its REST API with either key, the fence before its requests, its sign-in service.
import { randomUUID } from 'node:crypto';
import type { Response } from 'undici';
import { classify } from '@/lib/failures';
import { addressRefusal } from '../connection-errors';
import { DataSourceError, STALE_ROUTE } from '../errors';
import { acceptProjectUrl } from '../provisioning/given-url';
import { ProjectConnection, readProjectUrl } from '../sources/supabase/project-connection';
import {
  type ConnectionCheck,
  type ConnectionTarget,
  type ConnectionTestOptions,
  type ConnectionTestResult,
  failed,
  passed,
  warning,
} from './check';
import { latencyCheck } from './latency';

const ROWS = '/rest/v1/accounts?select=id&limit=1';

/** Notes what it finds. @throws DataSourceError why the project cannot be used */
export async function testProject(
  target: Extract<ConnectionTarget, { kind: 'supabase' }>,
  { timeoutMs = 5_000, slowMs = 100 }: ConnectionTestOptions,
  result: ConnectionTestResult,
): Promise<void> {
  const { serviceKey, anonKey, given } = target;
  const url = given ? acceptProjectUrl(target.url, 'the data source', given) : target.url;
  const connection = new ProjectConnection(url);
  const note = (check: ConnectionCheck) => result.checks.push(check);
  const ask = async (path: string, key: string, headers: Record<string, string> = {}) => {
    const response = await connection
      .fetch(path, {
        headers: { apikey: key, authorization: `Bearer ${key}`, ...headers },
        signal: AbortSignal.timeout(timeoutMs),
      })
      .catch((error: unknown) => {
        throw notReached(error, timeoutMs);
      });
    return { status: response.status, ok: response.ok, body: await bodyOf(response) };
  };
  try {
    const started = performance.now();
    const service = await ask('/rest/v1/accounts?select=id&limit=0', serviceKey);
    if (service.status === 401 || service.status === 403) {
      throw new DataSourceError(
        'data_source_authentication_refused',
        'The project refused the service key.',
        {
          hint: 'Copy the service_role key from the project’s API settings.',
        },
      );
    }
    result.latencyMs = performance.now() - started;
    note(passed('connect', 'project'));
    note(encryptionCheck(url));
    note(latencyCheck(result.latencyMs, slowMs));
    if (!service.ok) {
      note(
        failed('schema', 'data_source_not_migrated', 'project_schema', 'project_schema', {
          status: service.status,
        }),
      );
      return;
    }
    note(passed('schema', 'schema'));
    note(
      fenceCheck(await ask(ROWS, serviceKey, { 'x-marquee-tenant': randomUUID(), 'x-marquee-epoch': '1' })),
    );
    if (!anonKey) {
      note(warning('sign_in', 'sign_in_missing', 'no_anon_key', 'no_anon_key'));
      return;
    }
    note(isolationCheck(await ask(ROWS, anonKey)));
    note(signInCheck(await ask('/auth/v1/settings', anonKey)));
  } finally {
    await connection.close();
  }
}

interface Answer {
  status: number;
  ok: boolean;
  body: unknown;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => '');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notReached(error: unknown, timeoutMs: number): DataSourceError {
  const refused = addressRefusal('The project', error);
  if (refused) return refused;
  const { kind, code } = classify(error);
  if (kind === 'tls') {
    return new DataSourceError(
      'data_source_tls_refused',
      `The project’s certificate is not valid (${code}).`,
      {
        cause: error,
      },
    );
  }
  const timedOut = kind === 'timeout';
  return new DataSourceError(
    timedOut ? 'data_source_timeout' : 'data_source_unreachable',
    timedOut ? `The project did not answer within ${timeoutMs} ms.` : 'The project cannot be reached.',
    { hint: 'Check the project’s URL and that it is not paused.', cause: error },
  );
}

function encryptionCheck(url: string): ConnectionCheck {
  const { tls, hostname } = readProjectUrl(url);
  const given = { host: hostname };
  if (tls === 'verify-full') return passed('encryption', 'project_verified', given);
  return tls === 'disable'
    ? warning('encryption', 'tls_off', 'project_not_encrypted', 'project_tls', given)
    : warning('encryption', 'tls_unverified', 'project_not_verified', 'project_tls', given);
}

/** A route of a tenant that is not there has to be refused, before each request. */
function fenceCheck({ body }: Answer): ConnectionCheck {
  if ((body as { code?: unknown } | undefined)?.code === STALE_ROUTE) {
    return passed('fence', 'fence');
  }
  return warning('fence', 'fence_missing', 'no_fence', 'no_fence');
}

function isolationCheck({ ok, body }: Answer): ConnectionCheck {
  if (!ok || !Array.isArray(body) || body.length === 0) {
    return passed('isolation', 'anon_sees_none');
  }
  return failed('isolation', 'data_source_isolation_broken', 'anon_sees', 'anon_sees');
}

function signInCheck({ ok, status }: Answer): ConnectionCheck {
  if (ok) return passed('sign_in', 'project_signs_in');
  return warning('sign_in', 'sign_in_missing', 'project_no_sign_in', 'project_no_sign_in', { status });
}
