// Which key each secret is under, and how all are brought to the present one while Marquee serves.
import type { Author } from '@/lib/application';
import { MarqueeError } from '@/lib/failures';
import type { ProcessRow } from '@/lib/operations';
import type { RewrittenSecret, SecretStore, StoredSecret } from '@/lib/secrets';
import type { RotationDependencies } from './dependencies';
import { RotationError } from './errors';
import { allStores } from './stores';

/** Secrets that a key service rewrites at a time. */
const AT_ONCE = 16;

export interface StoreCount {
  store: string;
  /** How many secrets are under each key. */
  keys: Record<string, number>;
}

export interface SecretsStatus {
  /** The key that encrypts, without its version. */
  present: string;
  stores: StoreCount[];
  retired: string[];
  /** Running processes, with the key each encrypts with. */
  processes: { host: string; pid: number; role: string; wraps: string | null }[];
  /** What could not be read: unreachable databases, values that are no envelopes. */
  problems: string[];
}

export interface StoreProgress {
  store: string;
  /** Secrets looked at. */
  done: number;
  /** Of these, how many were re-encrypted with the current key. */
  rewritten: number;
}

export interface RotationResult {
  present: string;
  stores: StoreProgress[];
  problems: string[];
}

export interface RotateOptions {
  action?: 'secrets.rotate' | 'secrets.migrate';
  progress?: (progress: StoreProgress) => void;
}

/** Reads every secret's key; nothing is decrypted. */
export async function secretsStatus(parts: RotationDependencies): Promise<SecretsStatus> {
  const { secretBox, operations } = parts;
  const problems: string[] = [];
  const stores: StoreCount[] = [];
  for (const store of allStores(parts)) {
    const keys: Record<string, number> = {};
    for await (const page of store.pages((problem) => problems.push(problem))) {
      for (const secret of page) {
        const key = keyOf(parts, store, secret, problems);
        if (key) keys[key] = (keys[key] ?? 0) + 1;
      }
    }
    stores.push({ store: store.name, keys });
  }
  const processes = (await operations.processes.list()).map(({ host, pid, role, keys }) => ({
    ...{ host, pid, role, wraps: keys.wraps ?? null },
  }));
  return {
    ...{ present: secretBox.keys.wraps, stores, retired: await operations.retiredKeys.list() },
    ...{ processes, problems },
  };
}

/**
 * Brings every secret to the latest version of the key that this process encrypts with. Called again after it was interrupted, it goes on
 * with those that are left. Secrets that cannot be rewritten are reported, and the others are still rewritten.
 *
 * @param options.action what the audit log calls it. Default: `secrets.rotate`
 * @param options.progress called after each page of a store
 * @throws RotationError `key_unreadable_elsewhere`; OperationsError `encryption_key_retired`
 */
export async function rotateSecrets(
  parts: RotationDependencies,
  by: Author,
  options: RotateOptions = {},
): Promise<RotationResult> {
  const { action = 'secrets.rotate', progress = () => {} } = options;
  const { operations, secretBox, application } = parts;
  const { wraps } = secretBox.keys;
  await operations.retiredKeys.expectInUse(wraps);
  expectReadable(wraps, await operations.processes.list());
  return operations.withLock('secrets', async () => {
    const problems: string[] = [];
    const stores: StoreProgress[] = [];
    for (const store of allStores(parts, by))
      stores.push(await rotateStore(parts, store, problems, progress));
    const rewritten = Object.fromEntries(
      stores.filter((store) => store.rewritten > 0).map((store) => [store.store, store.rewritten]),
    );
    const details = { key: wraps, rewritten, problems: problems.length };
    await application.audit.append({ action, entity: 'secrets', details }, by);
    return { present: wraps, stores, problems };
  });
}

async function rotateStore(
  parts: RotationDependencies,
  store: SecretStore,
  problems: string[],
  progress: (progress: StoreProgress) => void,
): Promise<StoreProgress> {
  const counted = { store: store.name, done: 0, rewritten: 0 };
  for await (const page of store.pages((problem) => problems.push(problem))) {
    const rewritten = await rewriteAll(parts, store, page, problems);
    counted.done += page.length;
    if (rewritten.length > 0) {
      counted.rewritten += await store.replace(rewritten).catch((error: unknown) => {
        problems.push(`${store.name}: ${describe(error)}`);
        return 0;
      });
    }
    progress({ ...counted });
  }
  return counted;
}

async function rewriteAll(
  { secretBox }: RotationDependencies,
  store: SecretStore,
  page: StoredSecret[],
  problems: string[],
): Promise<RewrittenSecret[]> {
  const rewritten: RewrittenSecret[] = [];
  const waiting = page.values();
  const work = async () => {
    for (const secret of waiting) {
      try {
        const envelope = await secretBox.rewrap(secret.envelope, secret.place);
        if (envelope) rewritten.push({ ...secret, rewritten: envelope });
      } catch (error) {
        problems.push(`${store.name} of ${secret.place.owner}: ${describe(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return rewritten;
}

/** @throws RotationError `key_unreadable_elsewhere` */
function expectReadable(key: string, processes: ProcessRow[]): void {
  const behind = processes.filter(({ keys }) => !keys.opens?.some((prefix) => key.startsWith(prefix)));
  if (behind.length === 0) return;
  const names = behind.map(({ host, pid }) => `${host} (${pid})`).join(', ');
  throw new RotationError(
    'key_unreadable_elsewhere',
    `These processes cannot decrypt with ${key}: ${names}.`,
    {
      hint: 'Give every process the key first: NEXT_ENCRYPTION_KEY, or the variables of its key service.',
    },
  );
}

function keyOf(
  { secretBox }: RotationDependencies,
  store: SecretStore,
  secret: StoredSecret,
  problems: string[],
): string | undefined {
  try {
    return secretBox.keyOf(secret.envelope);
  } catch (error) {
    problems.push(`${store.name} of ${secret.place.owner}: ${describe(error)}`);
    return undefined;
  }
}

/** Messages of other programs may carry what they were given. */
function describe(error: unknown): string {
  return error instanceof MarqueeError ? error.message : 'It could not be done.';
}
