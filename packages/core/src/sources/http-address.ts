import { DeadboxError } from '../errors.js';

/**
 * What an address may be called in output: without user, password, query and fragment, where its secrets are.
 * @throws DeadboxError `INVALID_ARGUMENT`
 */
export function httpName(url: string | URL): string {
  const { origin, pathname } = httpAddress(url);
  return `${origin}${pathname}`;
}

/**
 * An address of the web.
 * @throws DeadboxError `INVALID_ARGUMENT`
 */
export function httpAddress(url: string | URL): URL {
  let address: URL | undefined;
  try {
    address = new URL(url);
  } catch {
    // The text itself may hold a secret, so it is not repeated.
  }
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  throw new DeadboxError('INVALID_ARGUMENT', 'This is not an address that begins with http:// or https://');
}
