import type { Bytes } from '../bytes/bytes.js';

// The NBD project's doc/proto.md: fixed newstyle negotiation, and simple replies. All numbers are big-endian.

export const GREETING_LENGTH = 18;
export const OPTION_REPLY_LENGTH = 20;
export const REPLY_LENGTH = 16;
/** What a server sends of an export to one that asked for it by the old option: size, flags. */
export const EXPORT_LENGTH = 10;

const INIT_MAGIC = 0x4e42_444d_4147_4943n;
const OPTION_MAGIC = 0x4948_4156_454f_5054n;
const OPTION_REPLY_MAGIC = 0x0003_e889_0455_65a9n;
const REQUEST_MAGIC = 0x2560_9513;
const REPLY_MAGIC = 0x6744_6698;
const FIXED_NEWSTYLE = 1;
const NO_ZEROES = 2;

export const OPTION = { exportName: 1, go: 7 } as const;
export const OPTION_REPLY = { ack: 1, info: 3, unsupported: 0x8000_0001, failed: 0x8000_0000 } as const;
export const INFO = { export: 0, blockSize: 3 } as const;
export const COMMAND = { read: 0, disconnect: 2 } as const;

/** What an error of the negotiation means, by its number. */
export const OPTION_ERRORS: Readonly<Record<number, string>> = {
  0x8000_0001: 'it does not know the option',
  0x8000_0002: 'it forbids it',
  0x8000_0003: 'it takes the request for malformed',
  0x8000_0005: 'it asks for TLS, which is not supported',
  0x8000_0006: 'it has no such export',
  0x8000_0007: 'it is shutting down',
  0x8000_0008: 'it asks for block sizes',
};

/** The server's greeting; `undefined` where it speaks another protocol, or none of the last ten years. */
export function readGreeting(bytes: Bytes): { noZeroes: boolean } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getBigUint64(0) !== INIT_MAGIC || view.getBigUint64(8) !== OPTION_MAGIC) return undefined;
  const flags = view.getUint16(16);
  return (flags & FIXED_NEWSTYLE) === 0 ? undefined : { noZeroes: (flags & NO_ZEROES) !== 0 };
}

export function clientFlags({ noZeroes }: { readonly noZeroes: boolean }): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, FIXED_NEWSTYLE | (noZeroes ? NO_ZEROES : 0));
  return bytes;
}

function option(id: number, body: Uint8Array): Bytes {
  const bytes = new Uint8Array(16 + body.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, OPTION_MAGIC);
  view.setUint32(8, id);
  view.setUint32(12, body.length);
  bytes.set(body, 16);
  return bytes;
}

/** Asks for an export, and which block sizes it has. */
export function goOption(exportName: string): Bytes {
  const name = new TextEncoder().encode(exportName);
  const body = new Uint8Array(name.length + 8);
  const view = new DataView(body.buffer);
  view.setUint32(0, name.length);
  body.set(name, 4);
  view.setUint16(name.length + 4, 1);
  view.setUint16(name.length + 6, INFO.blockSize);
  return option(OPTION.go, body);
}

/** Asks for an export as servers did that know no {@link goOption}. */
export function exportNameOption(exportName: string): Bytes {
  return option(OPTION.exportName, new TextEncoder().encode(exportName));
}

/** Head of an answer to an option; `undefined` when it is none. */
export function readOptionReply(bytes: Bytes): { type: number; length: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getBigUint64(0) !== OPTION_REPLY_MAGIC) return undefined;
  return { type: view.getUint32(12), length: view.getUint32(16) };
}

/** A request for `length` bytes at `offset`; `cookie` comes back with the answer. */
export function request(command: number, cookie: number, offset: number, length: number): Bytes {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, REQUEST_MAGIC);
  view.setUint16(6, command);
  view.setBigUint64(8, BigInt(cookie));
  view.setBigUint64(16, BigInt(offset));
  view.setUint32(24, length);
  return bytes;
}

/** Head of an answer: error number (0 for none) and cookie; `undefined` when it is none. */
export function readReply(bytes: Bytes): { error: number; cookie: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== REPLY_MAGIC) return undefined;
  return { error: view.getUint32(4), cookie: Number(view.getBigUint64(8)) };
}
