// Runs before everything else: this document may contact nobody, or, with a link, only that link's server.
(() => {
  const link = new URLSearchParams(location.hash.slice(1)).get('link');
  let origin = "'none'";
  try {
    if (link !== null) origin = new URL(link).origin;
  } catch {}
  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = `connect-src ${origin}`;
  document.head.append(meta);
})();
