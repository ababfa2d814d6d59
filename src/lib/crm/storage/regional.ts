import { type FileStorage, StorageError } from './file-storage';

/** The region of a tenant's files. */
export interface FileRegion {
  /** The region of its database; used if there is a bucket in it. */
  preferred: string | null;
  /** The region that its data must not leave. */
  required: string | null;
}

/**
 * Files in the region of the tenant they belong to, which their keys begin with. A tenant that moved keeps its files
 * readable where they are, unless it must not leave a region; new ones go to the new region.
 *
 * @param elsewhere the storage for tenants in regions without a bucket
 * @throws (by its methods) StorageError `storage_region_unavailable`: the tenant's data must stay where there is no bucket
 */
export function createRegionalStorage(
  byRegion: ReadonlyMap<string, FileStorage>,
  elsewhere: FileStorage,
  regionOf: (tenantId: string) => Promise<FileRegion>,
): FileStorage {
  const everywhere = [...new Set([...byRegion.values(), elsewhere])];
  /** The tenant's own region first, then others where its files may be. */
  const placesOf = async (key: string): Promise<[FileStorage, ...FileStorage[]]> => {
    const { preferred, required } = await regionOf(key.split('/')[0] ?? '');
    if (required !== null) {
      const only = byRegion.get(required);
      if (only) return [only];
      throw new StorageError('storage_region_unavailable', `Files cannot be kept in ${required} here.`, {
        hint: 'The operator adds a bucket of that region (FILES_BUCKETS).',
      });
    }
    const own = byRegion.get(preferred ?? '') ?? elsewhere;
    return [own, ...everywhere.filter((place) => place !== own)];
  };
  return {
    async put(key, content, mimeType) {
      const [own] = await placesOf(key);
      await own.put(key, content, mimeType);
    },
    async get(key) {
      let missing: unknown;
      for (const place of await placesOf(key)) {
        try {
          return await place.get(key);
        } catch (error) {
          if (!(error instanceof StorageError && error.code === 'file_missing')) throw error;
          missing ??= error;
        }
      }
      throw missing;
    },
    // Wherever it was put before the tenant moved, or had to stay in a region; also when the tenant itself is gone.
    async remove(key) {
      await Promise.all(everywhere.map((place) => place.remove(key)));
    },
    async list(tenantId) {
      const keys = await Promise.all(everywhere.map((place) => place.list(tenantId)));
      return [...new Set(keys.flat())];
    },
  };
}
