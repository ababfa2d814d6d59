// Opens a backup for reading: its manifest, checked, and its contents, checked against the manifest while they are read.
import { createHash } from 'node:crypto';
import { SecretError } from '@/lib/secrets';
import type { BackupDependencies } from './dependencies';
import { BackupError, corrupt } from './errors';
import { ChunkReader } from './format/chunks';
import {
  type BackedUpFile,
  type BackedUpTable,
  backupKeys,
  type Manifest,
  parseManifest,
  verifyMac,
} from './format/manifest';
import { keyPlace, prefixOf } from './format/places';
import { RowDigest, wholeLines } from './format/row-digest';
import { type Backup, recordedManifest } from './records';
import { openStore } from './stores/open-store';
import type { BackupStore } from './stores/store';

const BLOCK_BYTES = 512 << 10;

export interface OpenBackup {
  manifest: Manifest;
  /** Envelope of its key, as it is now. */
  dataKey: string;
  /**
   * Blocks of whole lines of COPY text. The last block is yielded only after the digest of all of them was compared.
   *
   * @throws BackupError `backup_corrupt`
   */
  rows(table: BackedUpTable): AsyncGenerator<Buffer>;
  /** @throws BackupError `backup_corrupt` */
  file(file: BackedUpFile): Promise<Buffer>;
  /** Reads the last chunk, which a backup that was cut off lacks. @throws BackupError `backup_corrupt` */
  expectEnd(): Promise<void>;
}

/**
 * @param store where it is, instead of where it was made
 * @throws BackupError `backup_unknown`, `backup_corrupt`, `backup_foreign`, `backup_key_lost`, `backup_format_unknown`, `backup_store_*`
 */
export async function openBackup(
  dependencies: Pick<BackupDependencies, 'operations' | 'secretBox'>,
  backup: Backup,
  store?: BackupStore,
): Promise<OpenBackup> {
  if (backup.state !== 'complete')
    throw new BackupError('backup_unknown', `The backup ${backup.id} is ${backup.state}.`);
  const known = await recordedManifest(dependencies.operations.pool, backup.id);
  return openStored(dependencies.secretBox, store ?? (await openStore(backup.store)), backup, known);
}

/** As `openBackup`, for a backup that may not be recorded here. @param known its record, against which what is stored is compared */
export async function openStored(
  secretBox: BackupDependencies['secretBox'],
  store: BackupStore,
  { id, tenantId }: { id: string; tenantId: string },
  known?: Awaited<ReturnType<typeof recordedManifest>>,
): Promise<OpenBackup> {
  const prefix = prefixOf({ tenantId, id });
  const stored = await store.get(`${prefix}/manifest.json`);
  if (!stored) throw corrupt(`its manifest is not in ${store.url}`);
  const signed = parseManifest(stored.toString());
  const { manifest } = signed;
  if (manifest.tenant?.id !== tenantId || manifest.id !== id) {
    throw new BackupError('backup_foreign', `What is stored as backup ${id} is another backup.`);
  }
  const envelope = known?.dataKey ?? (await store.get(`${prefix}/key`))?.toString() ?? manifest.dataKey;
  const dataKey = await openKey(secretBox, envelope, keyPlace(tenantId, id));
  const keys = backupKeys(dataKey);
  dataKey.fill(0);
  verifyMac(signed, keys.manifest);
  if (known?.signed && known.signed.mac !== signed.mac) throw corrupt('its manifest is not the recorded one');
  const reader = new ChunkReader(store, prefix, keys.parts, manifest.chunks);
  return {
    manifest,
    dataKey: envelope,
    async *rows(table) {
      const digest = new RowDigest();
      let held: Buffer | undefined;
      for await (const block of wholeLines(reader.read(table.at, table.chunks), BLOCK_BYTES)) {
        digest.add(block);
        if (held) yield held;
        held = block;
      }
      const { rows, digest: found } = digest.result();
      if (rows !== table.rows || found !== table.digest)
        throw corrupt(`the rows of ${table.name} differ from their digest`);
      if (held) yield held;
    },
    async file(file) {
      const content = Buffer.concat(await Array.fromAsync(reader.read(file.at, file.chunks)));
      expectSha256(file, content);
      return content;
    },
    async expectEnd() {
      const [last, first] = [manifest.chunks - 1, { part: 0, offset: 0, chunk: 0 }];
      const entries = [...manifest.tables, ...manifest.files].filter(({ chunks }) => chunks > 0);
      const { at, chunks } = entries.at(-1) ?? { at: first, chunks: 0 };
      if (at.chunk + chunks !== last) throw corrupt('its manifest and its parts differ');
      for await (const _ of reader.read(at, chunks + 1));
    },
  };
}

/** @throws BackupError `backup_key_lost`, `backup_foreign` */
export async function openKey(
  secretBox: BackupDependencies['secretBox'],
  envelope: string,
  place: ReturnType<typeof keyPlace>,
): Promise<Buffer> {
  try {
    return Buffer.from(await secretBox.decrypt(envelope, place), 'base64');
  } catch (cause) {
    if (!(cause instanceof SecretError)) throw cause;
    if (cause.code.startsWith('key_provider')) throw cause;
    const lost = cause.code === 'envelope_unknown_key';
    throw new BackupError(
      lost ? 'backup_key_lost' : 'backup_foreign',
      lost
        ? 'The key that the backup is encrypted with is not here.'
        : 'The backup’s key belongs to another backup or another installation.',
      { cause },
    );
  }
}

/** @throws BackupError `backup_corrupt` */
function expectSha256(file: BackedUpFile, content: Buffer): void {
  if (createHash('sha256').update(content).digest('hex') !== file.sha256)
    throw corrupt(`the file ${file.key} differs from its digest`);
}
