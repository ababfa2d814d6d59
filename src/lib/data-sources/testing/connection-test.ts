import { NetworkError } from '@/lib/network';
import { DataSourceError } from '../errors';
import {
  type ConnectionCheck,
  type ConnectionTarget,
  type ConnectionTestOptions,
  type ConnectionTestResult,
  isFailed,
} from './check';
import { testProject } from './project';
import { testServer } from './server';

/**
 * Tests a data source. Problems are in the result; they are not thrown. Nothing is changed: the one row that is written, to prove that
 * tenants are kept apart, is rolled back.
 */
export async function testConnection(
  target: ConnectionTarget,
  options: ConnectionTestOptions = {},
): Promise<ConnectionTestResult> {
  const result: ConnectionTestResult = { ok: false, checks: [] };
  try {
    await (target.kind === 'supabase'
      ? testProject(target, options, result)
      : testServer(target, options, result));
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof DataSourceError)) throw error;
    const isNetwork = error instanceof NetworkError;
    result.checks.push({
      name: isNetwork ? 'url' : stepOf(error),
      outcome: 'failed',
      code: isNetwork ? 'data_source_url_malformed' : error.code,
      message: error.message,
      hint: error.hint ?? '',
    });
  }
  const failure = result.checks.find(isFailed);
  result.ok = failure === undefined;
  result.code = failure?.code;
  return result;
}

/** Which step of connecting an error belongs to. */
function stepOf({ code }: DataSourceError): ConnectionCheck['name'] {
  switch (code) {
    case 'data_source_url_malformed':
    case 'data_source_parameter_refused':
    case 'data_source_tls_unverified':
      return 'url';
    case 'data_source_address_refused':
      return 'resolve';
    case 'data_source_tls_refused':
      return 'encryption';
    case 'data_source_authentication_refused':
    case 'data_source_out_of_connections':
      return 'sign_in';
    default:
      return 'connect';
  }
}
