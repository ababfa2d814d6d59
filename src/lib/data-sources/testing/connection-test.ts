import { DataSourceError } from '../errors';
import type { ConnectionTarget, ConnectionTestOptions, ConnectionTestResult } from './check';
import { testProject } from './project';
import { testServer } from './server';

/** Tries a data source and reports each check. What is wrong is in the result, not thrown. Writes nothing. */
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
    if (!(error instanceof DataSourceError)) throw error;
    result.checks.push({
      name: 'connect',
      outcome: 'failed',
      code: error.code,
      message: error.message,
      hint: error.hint,
    });
  }
  const failure = result.checks.find((check) => check.outcome === 'failed');
  result.ok = failure === undefined;
  result.code = failure?.code;
  return result;
}
