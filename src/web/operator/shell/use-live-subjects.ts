import { type QueryClient, type QueryFilters, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { serverAddress } from '../../hooks/page/address';
import { createStore } from '../../ui/store';
import { keys, ofSubject, type Subject } from '../queries';

/** Pause before the next attempt if the answer was not a stream, ms. */
const RETRY_MS = 5_000;
/** The server sends a heartbeat every 5 s: a stream that is silent for longer is lost. */
const SILENT_MS = 15_000;
/** After a reading the next one of the same waits so many times as long as it took: what changes without a pause keeps neither page nor server busy. */
const REST = { times: 2, mostMs: 3_000 };

/** What also shows something of a subject. */
const ALSO: Readonly<Record<string, readonly Subject[]>> = {
  health: ['sources', 'attention'],
  alerts: ['attention'],
  tenants: ['sources'],
};

/** Whether changes are announced at the moment, and when the server was heard last, ms since the epoch. */
const live = createStore<{ state: 'connecting' | 'live' | 'lost'; heardAt: number }>({
  ...{ state: 'connecting', heardAt: Date.now() },
});
export const useLiveState = live.use;

/**
 * Reads again what the server says has changed. The stream is open only while the page is visible: a hidden page reads again when
 * it is shown. While the stream is lost, everything that is shown is read again with each attempt to connect.
 */
export function useLiveSubjects(): void {
  const client = useQueryClient();
  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout>;
    let connectedBefore = false;
    const read = announcedReader(client);
    const loseNow = () => live.set({ ...live.get(), state: 'lost' });
    const lost = (afterMs: number) => {
      clearTimeout(timer);
      loseNow();
      timer = setTimeout(connect, afterMs);
      void readWithoutStream(client);
    };
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => lost(0), SILENT_MS);
      live.set({ state: 'live', heardAt: Date.now() });
    };
    function connect() {
      clearTimeout(timer);
      source?.close();
      source = undefined;
      if (document.visibilityState === 'hidden') return;
      // Also where nothing answers at all.
      timer = setTimeout(() => lost(0), SILENT_MS);
      source = new EventSource(serverAddress('/api/operator/events'));
      source.addEventListener('ready', () => {
        heard();
        // A former connection may have missed something, and the role may have changed.
        if (connectedBefore) void client.invalidateQueries({ queryKey: keys.all });
        connectedBefore = true;
      });
      source.addEventListener('change', ({ data }: MessageEvent<string>) => {
        heard();
        if (!data) return read('', { queryKey: keys.all });
        for (const subject of [data as Subject, ...(ALSO[data] ?? [])]) read(subject, ofSubject(subject));
      });
      source.addEventListener('beat', heard);
      source.addEventListener('error', () => {
        // The browser connects again by itself, but not after an answer that was no stream.
        if (source?.readyState === EventSource.CLOSED) lost(RETRY_MS);
        else loseNow();
      });
    }
    /** The device has no network: the open stream receives nothing, and may not notice that for minutes. */
    const offline = () => {
      source?.close();
      lost(RETRY_MS);
    };
    connect();
    document.addEventListener('visibilitychange', connect);
    window.addEventListener('offline', offline);
    window.addEventListener('online', connect);
    return () => {
      window.removeEventListener('offline', offline);
      window.removeEventListener('online', connect);
      document.removeEventListener('visibilitychange', connect);
      clearTimeout(timer);
      source?.close();
    };
  }, [client]);
}

/**
 * Reads queries again after an announced change. A reading that is under way may have begun before the change, so another one follows
 * it; it is not cancelled, because what changes without a pause would then never be read.
 */
function announcedReader(client: QueryClient): (subject: string, queries: QueryFilters) => void {
  /** Subjects that are being read, and whether they changed again since. */
  const reading = new Map<string, boolean>();
  return async function read(subject, queries) {
    if (reading.has(subject)) {
      reading.set(subject, true);
      return;
    }
    const started = Date.now();
    reading.set(subject, client.isFetching(queries) > 0);
    await client.invalidateQueries(queries, { cancelRefetch: false });
    const restMs = Math.min(REST.times * (Date.now() - started), REST.mostMs);
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const isChanged = reading.get(subject);
    reading.delete(subject);
    if (isChanged) void read(subject, queries);
  };
}

/** The session may have ended, or the role may be another one; where the server answers, the rest is read too. */
async function readWithoutStream(client: QueryClient): Promise<void> {
  await client.invalidateQueries(ofSubject('self'));
  if (client.getQueryState(keys.path('self', '/me'))?.status === 'success')
    await client.invalidateQueries({ queryKey: keys.all });
}

/** When the oldest data on screen were current, ms since the epoch: when they were read, or last known to be unchanged. */
export function shownAsOf(client: QueryClient): number {
  const read = client
    .getQueryCache()
    .findAll({ queryKey: keys.all, type: 'active' })
    .map(({ state }) => state.dataUpdatedAt)
    .filter((at) => at > 0);
  return Math.max(live.get().heardAt, Math.min(...read, Date.now()));
}
