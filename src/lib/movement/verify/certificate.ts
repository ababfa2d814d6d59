// What a move says at its end: what was compared with what, and when, signed.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Move } from '../control/move-store';
import { MovementError } from '../errors';

export interface Certificate {
  format: 'marquee-move-certificate/1';
  move: string;
  tenant: string;
  from: { dataSource: string; tenantId: string };
  to: { dataSource: string; tenantId: string };
  mode: string;
  requestedBy: string;
  startedAt: string;
  cutOverAt: string;
  /** How long statements had to wait at most, ms; null where the process ended before it knew. */
  pauseMs: number | null;
  /** WAL position of the old home's fence. */
  fenceLsn: string;
  /** At the cut-over position, or later, on the way back: then the process had ended before it could certify. */
  comparedAt: 'cut_over' | 'way_back';
  /** Both homes' rows there: one digest, since they are equal. */
  tables: { table: string; rows: number; digest: string }[];
  rows: number;
}

/** A certificate with its signature: over its JSON text with the names in order, since `jsonb` keeps no other. */
export interface SignedCertificate {
  certificate: Certificate;
  signature: string;
}

export function signCertificate(certificate: Certificate, sign: (text: string) => string): SignedCertificate {
  return { certificate, signature: sign(canonical(certificate)) };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

/** @throws MovementError `certificate_invalid` when it was changed or signed with another key */
export function verifyCertificate(signed: SignedCertificate, sign: (text: string) => string): Certificate {
  if (sign(canonical(signed.certificate)) === signed.signature) return signed.certificate;
  throw new MovementError('certificate_invalid', 'The certificate was changed, or another key signed it.');
}

/** Writes it as `<directory>/<move>.json`. @returns the file */
export async function writeCertificate(
  directory: string,
  move: Move,
  signed: SignedCertificate,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, `${move.id}.json`);
  await writeFile(file, `${JSON.stringify(signed, null, 2)}\n`);
  return file;
}
