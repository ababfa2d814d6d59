// What a backup says about itself. It names tables, columns and counts, and holds no value of the tenant's.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '@/lib/secrets';
import { BackupError, corrupt } from '../errors';

export const FORMAT = 'marquee-backup/1';

/** Where an entry's chunks begin: its part, the byte in it, and the number of its first chunk. */
export interface Position {
  part: number;
  offset: number;
  chunk: number;
}

export interface BackedUpTable {
  /** Quoted and qualified where needed. */
  name: string;
  /** Without `tenant_id` and generated columns, ordered by name: the columns of the rows' COPY text. */
  columns: { name: string; type: string }[];
  /** Columns of the primary key besides `tenant_id`. */
  key: string[];
  rows: number;
  /** As `digestTable` computes it. */
  digest: string;
  /** Bytes of COPY text, before compression. */
  bytes: number;
  at: Position;
  chunks: number;
}

export interface BackedUpFile {
  /** The file's key in the file storage. */
  key: string;
  bytes: number;
  sha256: string;
  at: Position;
  chunks: number;
}

export interface Manifest {
  format: string;
  id: string;
  tenant: { id: string; name: string; subdomain: string };
  /** `tenantId`: the tenant's id there. */
  source: { id: string; name: string; region: string | null; tenantId: string };
  /** `version`: of the tenant schema. `fingerprint`: of its functions and migrations. `tables`: of the tables' columns. */
  schema: { version: number; fingerprint: string; tables: string };
  /** ISO time and WAL position of the snapshot. */
  asOf: string;
  lsn: string;
  /** Envelope of the data key as it was when the backup was made. */
  dataKey: string;
  parts: number;
  chunks: number;
  tables: BackedUpTable[];
  /** The last values of the sequences that number rows of customers' tables. */
  sequences: { table: string; column: string; reached: string }[];
  files: BackedUpFile[];
  /** Files that rows name and the file storage did not have. */
  missingFiles: string[];
  rows: number;
  /** Before compression, and in the store. */
  bytes: number;
  storedBytes: number;
}

export interface SignedManifest {
  manifest: Manifest;
  /** HMAC-SHA-256 under a key derived from the data key, base64url. */
  mac: string;
}

/** The keys of a backup, from its data key of 32 bytes. */
export function backupKeys(dataKey: Buffer): { parts: Buffer; manifest: Buffer } {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), `marquee/backup-${use}`, 32));
  return { parts: derive('parts'), manifest: derive('manifest') };
}

export function signManifest(manifest: Manifest, key: Buffer): SignedManifest {
  return { manifest, mac: macOf(manifest, key) };
}

/** @throws BackupError `backup_corrupt` */
export function verifyMac({ manifest, mac }: SignedManifest, key: Buffer): Manifest {
  const expected = Buffer.from(macOf(manifest, key));
  const given = Buffer.from(String(mac));
  if (expected.length !== given.length || !timingSafeEqual(expected, given))
    throw corrupt('its manifest was changed');
  return manifest;
}

/** @throws BackupError `backup_corrupt`, `backup_format_unknown` */
export function parseManifest(text: string): SignedManifest {
  let signed: SignedManifest;
  try {
    signed = JSON.parse(text);
  } catch (cause) {
    throw corrupt('its manifest is no JSON', cause);
  }
  const format = signed?.manifest?.format;
  if (format === FORMAT) return signed;
  if (typeof format !== 'string') throw corrupt('its manifest has no format');
  throw new BackupError('backup_format_unknown', `The backup has the format ${format}, not ${FORMAT}.`);
}

function macOf(signed: object, key: Buffer): string {
  return createHmac('sha256', key).update(canonicalJson(signed)).digest('base64url');
}
