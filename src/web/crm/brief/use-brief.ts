import { type QueryClient, useQuery } from '@tanstack/react-query';
import { queueEdit, useQueuedEdits, useSendEdits } from '../../hooks/offline/edit-queue';
import type { NewEdit } from '../../hooks/offline/edits';
import { type Me, offlineStore, ownerOf, rangeOf, rememberedMe } from '../../hooks/offline/offline-store';
import { isSignedOut } from '../../hooks/request/failures';
import { useSession } from '../../hooks/session/session';
import { type Brief, loadBrief } from './load-brief';

const AGAIN_MS = 20_000;

/** The current user from the server or, offline, from the last session on this device. Undefined while loading. */
export function useMe(): Pick<Me, 'id'> | null | undefined {
  const { data: session, isFetched } = useSession();
  const stored = useQuery({
    queryKey: ['offline', 'me'],
    queryFn: async () => (await rememberedMe()) ?? null,
  });
  if (session) return { id: session.user.id };
  if (stored.data) return { id: stored.data.id };
  return isFetched && stored.isFetched ? null : undefined;
}

export interface StoredBrief {
  brief: Brief;
  /** Read from the offline store, because the server was unreachable. */
  offline: boolean;
  signedOut: boolean;
}

/** Loads a brief and stores it for offline use. @throws Failure if it cannot be loaded and is not in the store */
export async function readBrief(owner: string, eventId: string): Promise<StoredBrief | null> {
  const here = await offlineStore();
  try {
    const brief = await loadBrief(eventId);
    if (brief) await here.put('briefs', { owner, eventId, brief });
    else await here.delete('briefs', [owner, eventId]);
    return brief && { brief, offline: false, signedOut: false };
  } catch (error) {
    const stored = await here.get('briefs', [owner, eventId]);
    if (!stored) throw error;
    return { brief: stored.brief as Brief, offline: true, signedOut: isSignedOut(error) };
  }
}

/** The brief of an event, with unsent local edits applied. */
export function useBrief(me: Pick<Me, 'id'>, eventId: string) {
  const owner = ownerOf(me.id);
  const group = `events:${eventId}`;
  const query = useQuery({
    queryKey: ['brief', owner, eventId],
    queryFn: () => readBrief(owner, eventId),
    refetchInterval: AGAIN_MS,
    retry: false,
  });
  const edits = useQueuedEdits().filter((edit) => edit.group === group);
  const state = useSendEdits(owner, readBriefsAgain);
  const change = (edit: EditOfBrief) => void queueEdit({ ...edit, group } as NewEdit);
  return { ...query, edits, state, change };
}

function readBriefsAgain(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ['brief'] });
}

type EditOfBrief = NewEdit extends infer One ? (One extends NewEdit ? Omit<One, 'group'> : never) : never;

/** Stores the briefs of these events for offline use. */
export async function keepBriefs(userId: string, eventIds: readonly string[]): Promise<void> {
  const owner = ownerOf(userId);
  await Promise.allSettled(eventIds.map((id) => readBrief(owner, id)));
}

/** The stored briefs, next event first. */
export async function storedBriefs(me: Pick<Me, 'id'>): Promise<Brief[]> {
  const stored = await (await offlineStore()).getAll('briefs', rangeOf(ownerOf(me.id)));
  return stored
    .map(({ brief }) => brief as Brief)
    .sort((a, b) => (a.dates[0]?.event_date ?? '').localeCompare(b.dates[0]?.event_date ?? ''));
}
