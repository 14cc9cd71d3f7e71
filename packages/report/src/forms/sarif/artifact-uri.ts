/**
 * The URI of an image by its path: a web address as it is, an absolute path as `file:`, a relative one as a relative
 * reference (RFC 3986). Every character that a URI cannot hold is percent-encoded.
 */
export function artifactUri(path: string): string {
  if (/^(?:https?|nbd(?:\+unix)?):\/\//i.test(path)) return encodeURI(wellFormed(path));
  const parts = path.split(/[\\/]/).map((part) => encodeURIComponent(wellFormed(part)));
  if (/^[A-Za-z]:[\\/]/.test(path)) return `file:///${path.slice(0, 2)}/${parts.slice(1).join('/')}`;
  const joined = parts.join('/');
  return path.startsWith('/') ? `file://${joined}` : joined;
}

/** Half of a pair of code units has no encoding. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
