import { DeadboxError } from '../errors.js';

/** Where an NBD export is: on a host, or behind a socket of this machine. */
export interface NbdAddress {
  /** What it may be called in output. */
  readonly name: string;
  /** Name of the export; empty for the server's own choice. */
  readonly exportName: string;
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string };
}

/** Port that IANA gave NBD. */
const DEFAULT_PORT = 10_809;
/** Longest name that the protocol allows, in bytes. */
const MAX_NAME = 4096;

/** Whether `text` is an address of a network block device. */
export function isNbdAddress(text: string): boolean {
  return /^nbds?(?:\+unix|\+vsock)?:\/\//i.test(text);
}

/**
 * Reads `nbd://host:port/export` and `nbd+unix:///export?socket=path` (the NBD project's `doc/uri.md`).
 * @throws DeadboxError `INVALID_ARGUMENT`
 */
export function nbdAddress(text: string): NbdAddress {
  const match = /^(nbd|nbd\+unix):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text);
  if (match === null)
    throw invalid('begins with nbd:// or nbd+unix://; connections with TLS (nbds://) are not supported');
  const [, scheme, authority, path = '', query = ''] = match;
  const exportName = decoded(path);
  if (new TextEncoder().encode(exportName).length > MAX_NAME) throw invalid('has a shorter name of the export');
  return scheme.toLowerCase() === 'nbd' ? onHost(authority, exportName) : behindSocket(query, exportName);
}

function onHost(authority: string, exportName: string): NbdAddress {
  // User names belong to TLS, and a password has no business in a name.
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/i.exec(place);
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  if (match === null || port < 1 || port > 65_535)
    throw invalid('has a host and a port, as in nbd://host:10809/export');
  const host = match[1] ?? (match[2] === '' ? 'localhost' : match[2]);
  return { name: `nbd://${place}/${encodeURI(exportName)}`, exportName, at: { host, port } };
}

function behindSocket(query: string, exportName: string): NbdAddress {
  const socket = new URLSearchParams(query).get('socket') ?? '';
  if (socket === '') throw invalid('names its socket, as in nbd+unix:///export?socket=/run/nbd.sock');
  return { name: `nbd+unix:///${encodeURI(exportName)}?socket=${socket}`, exportName, at: { socket } };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalid('has a name of the export that is percent-encoded');
  }
}

function invalid(how: string): DeadboxError<'INVALID_ARGUMENT'> {
  return new DeadboxError('INVALID_ARGUMENT', `This is no address of a network block device: such an address ${how}`);
}
