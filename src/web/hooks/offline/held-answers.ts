import { isUnreachable } from '../request/failures';
import { type HeldAnswer, offlineStore, ownerOf } from './offline-store';

/** Writes that follow each other are stored together. */
const PAUSE_MS = 200;
const MOST = 400;
const LONGEST_MS = 14 * 86_400_000;

let owner: string | undefined;
const waiting = new Map<string, HeldAnswer>();

/** Sets the user whose answers are stored. @param userId undefined: none are stored */
export function holdFor(userId: string | undefined): void {
  owner = userId && ownerOf(userId);
  if (!owner) waiting.clear();
}

/**
 * Reads from the server and holds the answer on this device. Without a connection it returns what is held, so that screens open
 * offline.
 *
 * @throws what `read` throws, unless the server cannot be reached and an answer is held
 */
export async function readOrHeld<Data>(
  queryKey: readonly unknown[],
  read: () => Promise<Data>,
): Promise<Data> {
  const of = owner;
  const key = JSON.stringify(queryKey);
  try {
    const data = await read();
    if (of && of === owner) hold({ owner: of, key, data, at: Date.now() });
    return data;
  } catch (error) {
    if (!of || !isUnreachable(error)) throw error;
    const held = waiting.get(key) ?? (await stored(of, key));
    if (!held) throw error;
    return held.data as Data;
  }
}

async function stored(of: string, key: string): Promise<HeldAnswer | undefined> {
  return (await offlineStore()).get('answers', [of, key]).catch(() => undefined);
}

function hold(answer: HeldAnswer): void {
  if (waiting.size === 0) setTimeout(flush, PAUSE_MS);
  waiting.set(answer.key, answer);
}

function flush(): void {
  const answers = [...waiting.values()];
  waiting.clear();
  // Storage is full or blocked: nothing is held, and the screens need a connection.
  if (answers.length > 0) void write(answers).catch(() => {});
}

window.addEventListener('pagehide', flush);

async function write(answers: readonly HeldAnswer[]): Promise<void> {
  const store = await offlineStore();
  const writing = store.transaction('answers', 'readwrite');
  for (const answer of answers) void writing.store.put(answer);
  const all = await writing.store.count();
  if (all > MOST) {
    const oldest = Date.now() - LONGEST_MS;
    const held = (await writing.store.getAll()).sort((a, b) => a.at - b.at);
    for (const [index, { owner, key, at }] of held.entries())
      if (index < all - MOST || at < oldest) void writing.store.delete([owner, key]);
  }
  await writing.done;
}
