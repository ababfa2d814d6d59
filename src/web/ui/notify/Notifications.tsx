import { useIsFetching } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { createStore } from '../store';

type Loaded = typeof import('./mantine-notifications');

/** After the first screen, which needs none of it, has read its data. */
const LOADED_AFTER_MS = 1_000;
/** Between attempts to load it, while the server cannot be reached. */
const RETRY_MS = 2_000;

let loading: Promise<Loaded> | undefined;
const isWanted = createStore(false);

/** What shows notifications: loaded once, however long that takes without a connection. */
export function loadNotifications(): Promise<Loaded> {
  loading ??= untilLoaded();
  isWanted.set(true);
  return loading;
}

async function untilLoaded(): Promise<Loaded> {
  for (;;) {
    try {
      return await import('./mantine-notifications');
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Where notifications are shown. */
export function Notifications() {
  const [loaded, setLoaded] = useState<Loaded>();
  const isReading = useIsFetching() > 0;
  const waits = isWanted.use();
  useEffect(() => {
    if (isReading && !waits) return;
    const timer = setTimeout(() => void loadNotifications().then(setLoaded), waits ? 0 : LOADED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isReading, waits]);
  return loaded && <loaded.Notifications position="bottom-right" />;
}
