import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { serverAddress } from './address';
import { SCREEN } from './database';

/** Minimum interval between reloads caused by other users' changes, ms. */
const PAUSE_MS = 1_200;
const RETRY_MS = 15_000;

/**
 * Reloads visible data when another user has changed the tenant's data. The event stream is open only while the page is
 * visible: browsers limit connections per server, and a hidden page reloads when it is shown.
 */
export function useLiveChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    const refresh = throttled(() => readAgain(client), PAUSE_MS);
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout>;
    // The first connection follows the initial load. Later ones may have missed events, so they reload.
    let connectedBefore = false;
    const connect = () => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
      if (document.visibilityState === 'hidden') return;
      source = new EventSource(serverAddress('/api/changes'));
      source.addEventListener('ready', () => {
        if (connectedBefore) refresh();
        connectedBefore = true;
      });
      source.addEventListener('change', ({ data }) => {
        if (data !== SCREEN) refresh();
      });
      source.addEventListener('error', () => {
        // After an HTTP error the browser does not reconnect by itself.
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
      });
    };
    connect();
    document.addEventListener('visibilitychange', connect);
    return () => {
      document.removeEventListener('visibilitychange', connect);
      clearTimeout(retry);
      refresh.cancel();
      source?.close();
    };
  }, [client]);
}

/**
 * Invalidates all records: a payment, for example, changes its invoice, its event and the reports. @returns false when it must
 * be retried later
 */
function readAgain(client: QueryClient): boolean {
  // Reading during a pending mutation would show the state before it.
  if (client.isMutating() > 0) return false;
  void client.invalidateQueries({ queryKey: ['records'] });
  return true;
}

/** Throttles calls. @param work returns false when it must be retried later */
function throttled(work: () => boolean, pauseMs: number): { (): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const run = () => {
    if (timer) {
      again = true;
      return;
    }
    again = !work();
    timer = setTimeout(() => {
      timer = undefined;
      if (again) {
        again = false;
        run();
      }
    }, pauseMs);
  };
  return Object.assign(run, { cancel: () => clearTimeout(timer) });
}
