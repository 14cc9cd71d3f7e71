// Keeps the page for when there is no network: all of it, of one version. The build puts VERSION and FILES above.
const CACHE = `deadbox-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  const outdated = (name) => name.startsWith('deadbox-') && name !== CACHE;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(outdated).map((name) => caches.delete(name)))),
  );
});

// An image behind a link is none of these files, and goes to its server.
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || request.headers.has('range')) return;
  const scope = new URL(self.registration.scope).pathname;
  const name = pathname.slice(scope.length).replace(/^(index\.html)?$/, './');
  if (!pathname.startsWith(scope) || !FILES.includes(name)) return;
  const kept = caches.open(CACHE).then((cache) => cache.match(name));
  event.respondWith(kept.then((response) => response ?? fetch(request)));
});
