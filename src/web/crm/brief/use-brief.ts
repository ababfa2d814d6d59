import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isSignedOut } from '../../hooks/failures';
import { type Edit, keptHere, type Me, ownerOf, rangeOf } from '../../hooks/kept';
import { useSession } from '../../hooks/session';
import { keepEdit, onEdits, readEdits, type SendResult, sendEdits } from './edits';
import { type Brief, loadBrief } from './load-brief';

const AGAIN_MS = 20_000;

/** The current user from the server or, offline, from the last session on this device. Undefined while loading. */
export function useMe(): Me | null | undefined {
  const { data: session, isFetched } = useSession();
  const kept = useQuery({
    queryKey: ['kept', 'me'],
    queryFn: async () => (await (await keptHere()).get('me', 'me')) ?? null,
  });
  const user = session?.user;
  useEffect(() => {
    if (user) void keptHere().then((here) => here.put('me', { id: user.id, name: user.displayName }, 'me'));
  }, [user]);
  if (user) return { id: user.id, name: user.displayName };
  if (kept.data) return kept.data;
  return isFetched && kept.isFetched ? null : undefined;
}

export interface KeptBrief {
  brief: Brief;
  /** Read from the offline store, because the server was unreachable. */
  offline: boolean;
  signedOut: boolean;
}

/** Loads a brief and stores it for offline use. @throws Failure if it cannot be loaded and is not in the store */
export async function readBrief(owner: string, eventId: string): Promise<KeptBrief | null> {
  const here = await keptHere();
  try {
    const brief = await loadBrief(eventId);
    if (brief) await here.put('briefs', { owner, eventId, brief });
    else await here.delete('briefs', [owner, eventId]);
    return brief && { brief, offline: false, signedOut: false };
  } catch (error) {
    const kept = await here.get('briefs', [owner, eventId]);
    if (!kept) throw error;
    return { brief: kept.brief as Brief, offline: true, signedOut: isSignedOut(error) };
  }
}

/** The brief of an event, with unsent local edits applied. */
export function useBrief(me: Me, eventId: string) {
  const client = useQueryClient();
  const owner = ownerOf(me.id);
  const [state, setState] = useState<SendResult>('sent');
  const query = useQuery({
    queryKey: ['brief', owner, eventId],
    queryFn: () => readBrief(owner, eventId),
    refetchInterval: AGAIN_MS,
    retry: false,
  });
  const { data: edits = [] } = useQuery({
    queryKey: ['kept', 'edits', owner],
    queryFn: () => readEdits(owner),
  });
  useEffect(() => {
    const again = () => void client.invalidateQueries({ queryKey: ['kept', 'edits', owner] });
    return onEdits(again);
  }, [client, owner]);
  useEffect(() => {
    const send = async () => {
      const waiting = (await readEdits(owner)).filter(({ problem }) => !problem);
      if (waiting.length === 0) return;
      setState(await sendEdits(owner));
      void client.invalidateQueries({ queryKey: ['brief', owner] });
    };
    void send();
    const timer = setInterval(send, AGAIN_MS);
    window.addEventListener('online', send);
    const stop = onEdits(debounced(send));
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', send);
      stop();
    };
  }, [client, owner]);
  const change = (edit: EditOf) => void keepEdit({ ...edit, owner, eventId, at: Date.now() } as Edit);
  return { ...query, edits: edits.filter((edit) => edit.eventId === eventId), state, change };
}

type EditOf = Edit extends infer One
  ? One extends Edit
    ? Omit<One, 'owner' | 'eventId' | 'at' | 'problem'>
    : never
  : never;

const PAUSE_MS = 400;

/** Debounces a call. */
function debounced(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE_MS);
  };
}

/** Stores the briefs of these events for offline use. */
export async function keepBriefs(userId: string, eventIds: readonly string[]): Promise<void> {
  const owner = ownerOf(userId);
  await Promise.allSettled(eventIds.map((id) => readBrief(owner, id)));
}

/** The stored briefs, next event first. */
export async function keptBriefs(me: Me): Promise<Brief[]> {
  const kept = await (await keptHere()).getAll('briefs', rangeOf(ownerOf(me.id)));
  return kept
    .map(({ brief }) => brief as Brief)
    .sort((a, b) => (a.dates[0]?.event_date ?? '').localeCompare(b.dates[0]?.event_date ?? ''));
}
