import { useSyncExternalStore } from 'react';
import { withIdleTime } from '../page/activity';

type Listener = () => void;

// Whether the server answers: learned from every request, because a device can be on a network that leads nowhere.
let isReachable = true;
const listeners = new Set<Listener>();

function set(next: boolean): void {
  if (next === isReachable) return;
  isReachable = next;
  for (const listener of listeners) listener();
}

/** A request was answered. */
export function noteAnswer(): void {
  set(true);
}

/** A request got no answer. */
export function noteNoAnswer(): void {
  set(false);
}

function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the server could not be reached last time. */
export function useIsOffline(): boolean {
  return useSyncExternalStore(subscribe, () => !isReachable);
}

/** Fetches, and notes whether the server answers. @throws what `fetch` throws */
export async function fetchNoted(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, { ...init, headers: withIdleTime(init.headers) });
    noteAnswer();
    return response;
  } catch (error) {
    // A request that this page has aborted says nothing about the server.
    if (!init.signal?.aborted) noteNoAnswer();
    throw error;
  }
}
