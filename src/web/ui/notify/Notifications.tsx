import { useEffect, useState } from 'react';

type Loaded = typeof import('./mantine-notifications');

/** After the first screen, which needs none of it. */
const LOADED_AFTER_MS = 1_000;
/** Between attempts to load it, while the server cannot be reached. */
const RETRY_MS = 2_000;

let loading: Promise<Loaded> | undefined;

/** What shows notifications: loaded once, however long that takes without a connection. */
export function loadNotifications(): Promise<Loaded> {
  loading ??= untilLoaded();
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
  useEffect(() => {
    const timer = setTimeout(() => void loadNotifications().then(setLoaded), LOADED_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return loaded && <loaded.Notifications position="bottom-right" />;
}
