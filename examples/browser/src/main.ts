import { Page } from './page.js';

/** A page that nobody uses yet has time for what it may need later, in milliseconds. */
const IDLE = 15_000;

/** Keeps the page for when there is no network; the first answer does not wait for it. */
function keepOffline(): void {
  if (document.querySelector('link[rel=manifest]') === null || !('serviceWorker' in navigator)) return;
  void navigator.serviceWorker.register('sw.js').catch(() => undefined);
}

new Page(keepOffline).start();
setTimeout(keepOffline, IDLE);
