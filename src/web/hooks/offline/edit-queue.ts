import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { database, tableNamed, unwrap } from '../request/database';
import { isSignedOut, isUnreachable } from '../request/failures';
import { AFTER, type Edit, isDone, type NewEdit, outcomeOf } from './edits';
import { offlineStore, rangeOf } from './offline-store';

/** How often the queue is tried again while the server cannot be reached. */
const AGAIN_MS = 5_000;
/** Keystrokes that follow each other are sent together. */
const PAUSE_MS = 400;

type Listener = () => void;
const listeners = new Set<Listener>();
const otherTabs = new BroadcastChannel('marquee.edits');
otherTabs.onmessage = () => void reload();

// The queue of the user whose screens are open, as it stands in the offline store.
let owner: string | undefined;
let queue: readonly Edit[] = [];

function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The user's unsent edits, oldest first. */
export function useQueuedEdits(): readonly Edit[] {
  return useSyncExternalStore(subscribe, queuedEdits);
}

export function queuedEdits(): readonly Edit[] {
  return queue;
}

async function reload(): Promise<void> {
  const edits = owner === undefined ? [] : await (await offlineStore()).getAll('edits', rangeOf(owner));
  if (edits.length === 0 && queue.length === 0) return;
  queue = edits.sort((a, b) => a.at - b.at);
  for (const listener of listeners) listener();
}

async function changed(): Promise<void> {
  await reload();
  otherTabs.postMessage('changed');
}

/**
 * Stores an edit on this device until it is sent. A second edit of the same row is merged into the first, and keeps its base.
 *
 * @throws where the browser blocks storage
 */
export async function queueEdit(added: NewEdit): Promise<void> {
  if (owner === undefined) throw new Error('Edits are queued for a user.');
  const edit = { ...added, owner, at: Date.now() } as Edit;
  const store = await offlineStore();
  const before = await store.get('edits', [owner, edit.key]);
  const joined =
    before?.kind === 'row' && edit.kind === 'row'
      ? {
          ...edit,
          version: before.version,
          changes: { ...before.changes, ...edit.changes },
          ...(edit.base && { base: { ...edit.base, ...before.base } }),
          ...(before.problem && { problem: before.problem }),
        }
      : edit;
  await store.put('edits', joined);
  await changed();
}

/** Removes an edit from the queue: it was undone, or the server's value was chosen. */
export async function dropEdit({ owner, key }: Edit): Promise<void> {
  await (await offlineStore()).delete('edits', [owner, key]);
  await changed();
}

/** Queues an edit again after a conflict, to overwrite the newer version. */
export async function insistOn({ problem, ...edit }: Edit): Promise<void> {
  const version = problem?.kind === 'conflict' ? Number(problem.theirs.version) : undefined;
  await (await offlineStore()).put('edits', edit.kind === 'row' && version ? { ...edit, version } : edit);
  await changed();
}

export type SendResult = 'sent' | 'offline' | 'signed_out';

/**
 * Sends the queue in its order, from one tab at a time. Each edit can be sent twice: an update names the version it changes, a call
 * the state it leads to. Refused edits wait for the user's decision.
 */
async function sendEdits(of: string): Promise<SendResult> {
  let decided = 0;
  const result = await navigator.locks.request('marquee.edits', async (): Promise<SendResult> => {
    const store = await offlineStore();
    const edits = await store.getAll('edits', rangeOf(of));
    for (const edit of edits.sort((a, b) => a.at - b.at)) {
      if (edit.problem) continue;
      try {
        await (edit.kind === 'row' ? sendRow(edit) : sendCall(edit));
      } catch (error) {
        if (isUnreachable(error)) return 'offline';
        if (isSignedOut(error)) return 'signed_out';
        const message = error instanceof Error ? error.message : String(error);
        await store.put('edits', { ...edit, problem: { kind: 'refused', message } });
      }
      decided += 1;
    }
    return 'sent';
  });
  if (decided > 0) await changed();
  return result;
}

async function sendRow(edit: Edit & { kind: 'row' }): Promise<void> {
  const store = await offlineStore();
  const { table, id, version, changes } = edit;
  const query = tableNamed(table).update(changes).eq('id', id).eq('version', version);
  const [saved] = unwrap(await query.select('version')) as { version: number }[];
  if (saved) {
    const now = await store.get('edits', [edit.owner, edit.key]);
    // Edited again while it was being sent: rebase the rest on the version just saved.
    if (now?.kind === 'row' && now.at !== edit.at)
      await store.put('edits', { ...now, version: saved.version });
    else await store.delete('edits', [edit.owner, edit.key]);
    return;
  }
  const theirs = unwrap(await tableNamed(table).select('*').eq('id', id).maybeSingle()) as Record<
    string,
    unknown
  > | null;
  const outcome = theirs && outcomeOf(edit, theirs);
  if (outcome === null) await store.put('edits', { ...edit, problem: { kind: 'refused', message: '' } });
  // An earlier response was lost, or another user made the same change.
  else if (outcome === 'done') await store.delete('edits', [edit.owner, edit.key]);
  else if (outcome === 'conflict')
    await store.put('edits', { ...edit, problem: { kind: 'conflict', theirs: theirs ?? {} } });
  else if (Number(theirs?.version) === version) {
    await store.put('edits', { ...edit, problem: { kind: 'refused', message: '' } });
  } else await sendRow({ ...edit, version: Number(theirs?.version) });
}

async function sendCall(edit: Edit & { kind: 'call' }): Promise<void> {
  const answer = await database.rpc(edit.name, edit.parameters as never);
  if (answer.error?.code === 'PT409') {
    const { table } = AFTER[edit.name];
    const { data } = await tableNamed(table).select('status').eq('id', edit.id).maybeSingle();
    if (!isDone(edit.name, (data as { status: string } | null)?.status)) unwrap(answer);
  } else {
    unwrap(answer);
  }
  await (await offlineStore()).delete('edits', [edit.owner, edit.key]);
}

/**
 * Opens the queue of a user, and sends it: at once, when the network is back, and periodically.
 *
 * @param of owner key; undefined while it is not known
 * @param onSent called after edits were sent or decided upon
 */
export function useSendEdits(of: string | undefined, onSent?: (client: QueryClient) => void): SendResult {
  const client = useQueryClient();
  const [state, setState] = useState<SendResult>('sent');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `onSent` is the same function in effect
  useEffect(() => {
    if (of === undefined) return;
    owner = of;
    void reload().catch(() => {});
    const send = async () => {
      if (!queue.some(({ problem }) => !problem)) return;
      setState(await sendEdits(of));
      void client.invalidateQueries({ queryKey: ['records'] });
      onSent?.(client);
    };
    const opened = reload().then(send, () => {});
    void opened;
    const timer = setInterval(send, AGAIN_MS);
    window.addEventListener('online', send);
    const stop = subscribe(debounced(send));
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', send);
      stop();
    };
  }, [client, of]);
  return state;
}

/** Debounces a call. */
function debounced(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE_MS);
  };
}
