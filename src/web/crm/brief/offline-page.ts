/** Asks the service worker to cache this page's files, so that it opens offline. Does nothing in browsers without support. */
export async function keepPage(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('/sw.js');
    const { active } = await navigator.serviceWorker.ready;
    const addresses = [
      ...performance.getEntriesByType('resource').map(({ name }) => name),
      ...[...document.querySelectorAll<HTMLLinkElement>('link[href]')].map(({ href }) => href),
      ...[...document.querySelectorAll<HTMLScriptElement>('script[src]')].map(({ src }) => src),
    ]
      .map((address) => new URL(address))
      .filter(({ origin }) => origin === window.location.origin)
      .map(({ pathname }) => pathname)
      .filter((path) => /\.(js|css|svg|woff2)$/.test(path) && path !== '/sw.js');
    await new Promise<void>((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve();
      active?.postMessage({ keep: [...new Set(addresses)] }, [channel.port2]);
    });
    await navigator.storage?.persist?.();
  } catch {
    // Blocked or out of storage: the brief then needs a connection, and shows that.
  }
}
