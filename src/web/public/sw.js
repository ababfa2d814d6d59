// Service worker of the crew's briefs: caches the page and the files that the brief lists, so that it opens offline. The page
// is fetched network first, so that an outdated one is never served while online.
const CACHE = 'marquee-brief';
const PAGE = '/index.html';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  if (event.data?.keep)
    event.waitUntil(keep(event.data.keep).then(() => event.ports[0]?.postMessage('kept')));
});

/** Caches exactly these files and removes all others. */
async function keep(addresses) {
  const cache = await caches.open(CACHE);
  const wanted = new Set([PAGE, ...addresses]);
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  }
  await Promise.all(
    [...wanted].map(async (address) => {
      // Files with a content hash in their name are immutable; fetch all others again.
      if (address.startsWith('/assets/') && (await cache.match(address))) return;
      const answer = await fetch(address);
      if (answer.ok) await cache.put(address, answer);
    }),
  );
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
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
