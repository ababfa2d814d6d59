/** A store of objects of a few MiB. Keys are `<tenant>/<backup>/<name>`. */
export interface BackupStore {
  /** The store's address, without credentials. */
  readonly url: string;
  /** The region that its address names, as data sources and tenants name theirs. */
  readonly region: string | null;
  /** The object appears whole or not at all. */
  put(key: string, bytes: Buffer): Promise<void>;
  /** Undefined where there is none. */
  get(key: string): Promise<Buffer | undefined>;
  /** The keys that begin with `prefix`, in order. */
  list(prefix: string): Promise<string[]>;
  /** Removes every object below `prefix`. */
  removeAll(prefix: string): Promise<void>;
}
