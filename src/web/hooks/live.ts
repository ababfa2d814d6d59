import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { serverAddress } from './address';
import { SCREEN } from './database';

/** Others may change much at once: what is on the screen is read again at most so often. */
const PAUSE_MS = 1_200;
const RETRY_MS = 15_000;

/**
 * Reads what is on the screen again when someone else has changed the company's data. Connected while the page is looked
 * at: a browser allows a server few connections, and what is hidden is read again when it is shown.
 */
export function useLiveChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    const refresh = throttled(() => readAgain(client), PAUSE_MS);
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout>;
    // The first connection follows the screen's own reading; each later one may have missed something.
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
        // Refused, so the browser does not try again by itself.
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

/** A change may show anywhere: a payment alters its invoice, its event and the reports. @returns false: not now */
function readAgain(client: QueryClient): boolean {
  // What is read while a change of ours is under way would show the time before it.
  if (client.isMutating() > 0) return false;
  void client.invalidateQueries({ queryKey: ['records'] });
  return true;
}

/** @param work gives false where it has to be done later */
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
