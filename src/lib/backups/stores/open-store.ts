// Where backups are kept: a directory or a bucket.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackupError } from '../errors';
import { createDiskStore } from './disk';
import type { BackupStore } from './store';

/**
 * Opens a store by its address: a directory, `file:///directory?region=…`, or `s3://bucket/prefix?region=…&endpoint=…`, whose credentials come
 * from the SDK's standard chain.
 *
 * @throws BackupError `backup_store_invalid`
 */
export async function openStore(address: string): Promise<BackupStore> {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(address)) return createDiskStore(path.resolve(address));
  const url = URL.parse(address);
  if (url?.protocol === 'file:') return createDiskStore(fileURLToPath(url), url.searchParams.get('region'));
  if (url?.protocol === 's3:' && url.hostname && !url.password && !url.username) {
    const { createS3Store } = await import('./s3');
    return createS3Store(url);
  }
  throw new BackupError('backup_store_invalid', 'The address is neither a directory nor a bucket.');
}

/**
 * The store for a tenant's new backups: of several addresses, separated by blanks, the first one in the region that its data must not
 * leave, or else the first one.
 *
 * @throws BackupError `backup_store_invalid`
 */
export async function storeFor(
  addresses: string,
  { requiredRegion }: { requiredRegion: string | null },
): Promise<BackupStore> {
  const stores = await Promise.all(addresses.trim().split(/\s+/).map(openStore));
  return (stores.find(({ region }) => requiredRegion && region === requiredRegion) ??
    stores[0]) as BackupStore;
}
