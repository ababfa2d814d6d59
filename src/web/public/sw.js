// Service worker: stores the application's files, so that it opens offline. The page is fetched network first, so that an
// outdated one is never served while online.
const CACHE = 'marquee';
const PAGE = '/index.html';
/** Written by the build: the addresses of the files to store. */
const LIST = '/offline.json';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(keep().finally(() => event.ports[0]?.postMessage('kept')));
});

/** Stores the files of the current build and removes all others. */
async function keep() {
  const cache = await caches.open(CACHE);
  const list = await fetch(LIST);
  if (!list.ok) return;
  const wanted = new Set([PAGE, ...(await list.json())]);
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  }
  for (const address of wanted) {
    // Files with a content hash in their name are immutable; fetch all others again.
    if (address.startsWith('/assets/') && (await cache.match(address))) continue;
    const answer = await fetch(address);
    if (answer.ok) await cache.put(address, answer);
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    // Of the application only: documents and downloads are the server's.
    if (!/\/(api|rest|docs)\//.test(pathname) && !/\.\w+$/.test(pathname))
      event.respondWith(fetch(request).catch(() => kept(PAGE)));
  } else if (pathname.startsWith('/assets/')) {
    event.respondWith(caches.match(pathname).then((found) => found ?? fetch(request)));
  } else if (!/\/(api|rest)\//.test(pathname) && /\.(js|svg|css|woff2)$/.test(pathname)) {
    event.respondWith(fetch(request).catch(() => kept(pathname)));
  }
});

async function kept(address) {
  return (await caches.match(address)) ?? Response.error();
}
