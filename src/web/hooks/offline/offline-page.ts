/** After the first screens have loaded, ms. */
const LATER_MS = 3_000;

/** Asks the service worker to store the application's files, so that it opens offline. Does nothing in browsers without support. */
export async function keepPage(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('/sw.js');
    const { active } = await navigator.serviceWorker.ready;
    await new Promise<void>((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve();
      active?.postMessage('keep', [channel.port2]);
    });
    await navigator.storage?.persist?.();
  } catch {
    // Blocked or out of storage: the application then needs a connection, and says so.
  }
}

/** As `keepPage`, once the page has had time to load. @returns a function that cancels it */
export function keepPageWhenIdle(): () => void {
  const timer = setTimeout(() => void keepPage(), LATER_MS);
  return () => clearTimeout(timer);
}
