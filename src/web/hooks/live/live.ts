import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { TableChange } from '@/server/live/screen-changes';
import { serverAddress } from '../page/address';
import { SCREEN, unwrap } from '../request/database';
import { request } from '../request/query';
import { LiveQueries } from './live-queries';

const RETRY_MS = 15_000;

/**
 * Keeps visible data current while other users change the tenant's data. The event stream is open only while the page is visible:
 * browsers limit connections per server, and a hidden page reads again when it is shown.
 */
export function useLiveChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    const queries = liveQueries(client);
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout>;
    // The first connection follows the initial load. Later ones may have missed events.
    let connectedBefore = false;
    const connect = () => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
      if (document.visibilityState === 'hidden') return;
      source = new EventSource(serverAddress('/api/changes'));
      source.addEventListener('ready', () => {
        if (connectedBefore) queries.changed(undefined);
        connectedBefore = true;
      });
      source.addEventListener('change', ({ data }) => {
        const changes = data ? (JSON.parse(data) as TableChange[]) : undefined;
        const ofOthers = changes?.filter(({ screen }) => screen !== SCREEN);
        if (ofOthers?.length !== 0) queries.changed(ofOthers);
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
      queries.close();
      source?.close();
    };
  }, [client]);
}

function liveQueries(client: QueryClient): LiveQueries {
  return new LiveQueries(client, {
    rows: async (table, { filters = [], ...reading }, ids) => {
      const query = request(table, { ...reading, filters: [...filters, ['id', 'in', ids]] });
      return unwrap(await query) as unknown as { id: string }[];
    },
    isVisible: () => document.visibilityState !== 'hidden',
  });
}
