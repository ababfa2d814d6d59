import { database, unwrap } from '../../hooks/database';
import { Failure, isOffline, isSignedOut } from '../../hooks/failures';
import { type Edit, keptHere, rangeOf } from '../../hooks/kept';

type Listener = () => void;
const listeners = new Set<Listener>();
const otherTabs = new BroadcastChannel('marquee.edits');
otherTabs.onmessage = () => tellHere();

/** Registers a listener for changes to the edit queue, in this tab or another. @returns a function that unregisters it */
export function onEdits(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellHere(): void {
  for (const listener of listeners) listener();
}

function tell(): void {
  tellHere();
  otherTabs.postMessage('changed');
}

/** An owner's unsent edits, oldest first. */
export async function readEdits(owner: string): Promise<Edit[]> {
  const edits = await (await keptHere()).getAll('edits', rangeOf(owner));
  return edits.sort((a, b) => a.at - b.at);
}

/** Queues an edit. A second edit of the same row is merged into the first and keeps its base version. */
export async function keepEdit(edit: Edit): Promise<void> {
  const kept = await keptHere();
  const before = await kept.get('edits', [edit.owner, edit.key]);
  const joined =
    before?.kind === 'row' && edit.kind === 'row'
      ? { ...edit, version: before.version, changes: { ...before.changes, ...edit.changes } }
      : edit;
  await kept.put('edits', joined);
  tell();
}

/** Removes an edit from the queue: it was undone, or the server's value was chosen. */
export async function dropEdit({ owner, key }: Edit): Promise<void> {
  await (await keptHere()).delete('edits', [owner, key]);
  tell();
}

/** Queues an edit again after a conflict, to overwrite the newer version. */
export async function insistOn({ problem, ...edit }: Edit): Promise<void> {
  const version = problem?.kind === 'conflict' ? Number(problem.theirs.version) : undefined;
  await (await keptHere()).put('edits', edit.kind === 'row' && version ? { ...edit, version } : edit);
  tell();
}

export type SendResult = 'sent' | 'offline' | 'signed_out';

/** Sends the queued edits in order, from one tab at a time. Refused edits wait for the user's decision. */
export async function sendEdits(owner: string): Promise<SendResult> {
  let decided = 0;
  const result = await navigator.locks.request('marquee.edits', async (): Promise<SendResult> => {
    for (const edit of await readEdits(owner)) {
      if (edit.problem) continue;
      try {
        await (edit.kind === 'row' ? sendRow(edit) : sendCall(edit));
      } catch (error) {
        if (isOffline(error) || (error instanceof Failure && /^http_(502|503|504)$/.test(error.code)))
          return 'offline';
        if (isSignedOut(error)) return 'signed_out';
        const message = error instanceof Error ? error.message : String(error);
        await (await keptHere()).put('edits', { ...edit, problem: { kind: 'refused', message } });
      }
      decided += 1;
    }
    return 'sent';
  });
  if (decided > 0) tell();
  return result;
}

async function sendRow(edit: Edit & { kind: 'row' }): Promise<void> {
  const kept = await keptHere();
  const { table, id, version, changes } = edit;
  const [saved] = unwrap(
    await database
      .from(table)
      .update(changes as never)
      .eq('id', id)
      .eq('version', version)
      .select('*'),
  ) as { version: number }[];
  if (saved) {
    const now = await kept.get('edits', [edit.owner, edit.key]);
    // Edited again while it was being sent: rebase the rest on the version just saved.
    if (now?.kind === 'row' && now.at !== edit.at)
      await kept.put('edits', { ...now, version: saved.version });
    else await kept.delete('edits', [edit.owner, edit.key]);
    return;
  }
  const theirs = unwrap(await database.from(table).select('*').eq('id', id).maybeSingle()) as Record<
    string,
    unknown
  > | null;
  if (!theirs) {
    await kept.put('edits', { ...edit, problem: { kind: 'refused', message: '' } });
  } else if (Object.entries(changes).every(([column, value]) => same(theirs[column], value))) {
    // Already applied: an earlier response was lost, or another user made the same change.
    await kept.delete('edits', [edit.owner, edit.key]);
  } else {
    await kept.put('edits', { ...edit, problem: { kind: 'conflict', theirs } });
  }
}

/** Compares values. Numerics come back as text with all their decimals. */
function same(theirs: unknown, mine: unknown): boolean {
  return theirs === mine || (mine !== null && theirs !== null && Number(theirs) === Number(mine));
}

const AFTER = { check_out_booth: 'checked_out', check_in_booth: 'returned' } as const;

async function sendCall(edit: Edit & { kind: 'call' }): Promise<void> {
  const answer = await database.rpc(edit.name, edit.parameters as never);
  if (answer.error?.code === 'PT409') {
    const { data } = await database
      .from('booth_assignments')
      .select('status')
      .eq('id', edit.id)
      .maybeSingle();
    // Already applied: an earlier response was lost, or a colleague did the same first.
    if ((data as { status: string } | null)?.status !== AFTER[edit.name]) unwrap(answer);
  } else {
    unwrap(answer);
  }
  await (await keptHere()).delete('edits', [edit.owner, edit.key]);
}
