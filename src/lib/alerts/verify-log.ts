import { readNotes, type Verification, type VerifyOptions } from '@/lib/application';
import { type AlertDependencies, reportFindings } from './watch';

/**
 * Verifies the whole audit log, and raises an alert if it was changed.
 *
 * @param options.file signed checkpoints that were kept outside of the database
 * @returns the findings; `login`: what the servers' login could do to the log besides adding records
 */
export async function verifyAuditLog(
  parts: AlertDependencies,
  { file, ...options }: Omit<VerifyOptions, 'notes'> & { file?: string | undefined },
): Promise<Verification & { login: string[]; seconds: number; outside: boolean }> {
  const { audit } = parts.application;
  const notes = file ? await readNotes(file) : [];
  const began = performance.now();
  const result = await audit.verify({ ...options, notes });
  const seconds = (performance.now() - began) / 1000;
  const login = await audit.weaknesses();
  if (result.problems > 0) await reportFindings(parts, result.findings);
  return { ...result, seconds, login, outside: notes.length > 0 };
}
