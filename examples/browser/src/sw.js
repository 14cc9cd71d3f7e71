// Keeps the page for when there is no network; the page is one file.
const CACHE = 'deadbox-page';
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['./'])));
});
self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return;
  const fresh = fetch(event.request).then(async (response) => {
    await (await caches.open(CACHE)).put('./', response.clone());
    return response;
  });
  event.respondWith(fresh.catch(() => caches.match('./')));
});
