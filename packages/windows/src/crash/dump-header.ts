import { type Bytes, Cursor, fileTimeOf, formatFileTime, hasAscii } from '@deadbox/core';

/** Bytes of a dump's header: 8 KiB for 64-bit systems, 4 KiB for 32-bit ones. */
export const DUMP_HEADER_64_BYTES = 0x2000;
export const DUMP_HEADER_32_BYTES = 0x1000;
/** Unused space of the header is filled with the text `PAGE`. */
const UNSET = 0x4547_4150;

/** Machine types that Windows ran on (`IMAGE_FILE_MACHINE_…` of the PE format): x86, ARM, Itanium, x64, ARM64. */
const MACHINES: ReadonlySet<number> = new Set([0x14c, 0x1c0, 0x1c4, 0x200, 0x8664, 0xaa64]);

/** What a dump holds. */
export type DumpKind =
  | 'full'
  | 'kernel'
  | 'header'
  | 'small'
  | 'full-bitmap'
  | 'kernel-bitmap'
  | 'automatic'
  | 'unknown';

const KINDS: Readonly<Record<number, DumpKind>> = {
  1: 'full',
  2: 'kernel',
  3: 'header',
  4: 'small',
  5: 'full-bitmap',
  6: 'kernel-bitmap',
  7: 'automatic',
};

/** The header of a crash dump (`DUMP_HEADER64`, `DUMP_HEADER32`). */
export interface DumpHeader {
  /** Width of the system's addresses. */
  readonly bits: 32 | 64;
  /** 15 release, 12 checked build. */
  readonly majorVersion: number;
  /** Build number of Windows. */
  readonly build: number;
  /** 0x8664 x64, 0xAA64 ARM64, 0x14C x86. */
  readonly machine: number;
  /** Number of processors. */
  readonly processors: number;
  /** Stop code. */
  readonly code: number;
  /** The four parameters of the stop code. */
  readonly parameters: bigint[];
  /** Exception record, where it was filled in. */
  readonly exceptionCode?: number;
  /** Address in the exception record. */
  readonly exceptionAddress?: bigint;
  /** How much of memory it holds. */
  readonly kind: DumpKind;
  /** Time of the crash, ISO-8601 UTC. */
  readonly time?: string;
  /** Seconds from the start of Windows to the crash. */
  readonly uptime?: number;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly productType?: number;
  /** Comment text, where there is one. */
  readonly comment?: string;
}

/** Which kind of system wrote the dump; `undefined` when these are not the first eight bytes of one. */
export function dumpBits(bytes: Bytes): 32 | 64 | undefined {
  if (hasAscii(bytes, 0, 'PAGEDU64')) return 64;
  return hasAscii(bytes, 0, 'PAGEDUMP') ? 32 : undefined;
}

/**
 * Parses the header; format: Volatility 3 `crash64.json` and `crash.json`, WinDbg SDK layouts.
 * @param bytes - the first 8192 (64-bit) or 4096 (32-bit) bytes of the dump
 * @returns `undefined` when the bytes are no dump, too few, or what follows the signature is not a header: a machine type that is set and
 * that no Windows has, as in a file that was overwritten
 */
export function parseDumpHeader(bytes: Bytes): DumpHeader | undefined {
  const bits = dumpBits(bytes);
  if (bits === undefined || bytes.length < (bits === 64 ? DUMP_HEADER_64_BYTES : DUMP_HEADER_32_BYTES))
    return undefined;
  const cursor = new Cursor(bytes, 'dump header');
  const header = bits === 64 ? parse64(cursor) : parse32(cursor);
  const known = MACHINES.has(header.machine) || header.machine === 0 || header.machine === UNSET;
  return known ? header : undefined;
}

function parse64(cursor: Cursor): DumpHeader {
  const exceptionCode = setU32(cursor, 0xf00);
  const address = setU64(cursor, 0xf10);
  const productType = setU32(cursor, 0x1040);
  return {
    bits: 64,
    majorVersion: cursor.u32(0x08),
    build: cursor.u32(0x0c),
    machine: cursor.u32(0x30),
    processors: cursor.u32(0x34),
    code: cursor.u32(0x38),
    parameters: [0x40, 0x48, 0x50, 0x58].map((at) => cursor.u64(at)),
    ...(exceptionCode === undefined || exceptionCode === 0 ? {} : { exceptionCode }),
    ...(address === undefined || address === 0n ? {} : { exceptionAddress: address }),
    kind: KINDS[cursor.u32(0xf98)] ?? 'unknown',
    ...times(cursor, 0xfa8, 0x1030),
    ...(productType === undefined ? {} : { productType }),
    ...comment(cursor, 0xfb0),
  };
}

function parse32(cursor: Cursor): DumpHeader {
  const exceptionCode = setU32(cursor, 0x7d0);
  const address = setU32(cursor, 0x7dc);
  const productType = setU32(cursor, 0xf94);
  return {
    bits: 32,
    majorVersion: cursor.u32(0x08),
    build: cursor.u32(0x0c),
    machine: cursor.u32(0x20),
    processors: cursor.u32(0x24),
    code: cursor.u32(0x28),
    parameters: [0x2c, 0x30, 0x34, 0x38].map((at) => BigInt(cursor.u32(at))),
    ...(exceptionCode === undefined || exceptionCode === 0 ? {} : { exceptionCode }),
    ...(address === undefined || address === 0 ? {} : { exceptionAddress: BigInt(address) }),
    kind: KINDS[cursor.u32(0xf88)] ?? 'unknown',
    ...times(cursor, 0xfc0, 0xfb8),
    ...(productType === undefined ? {} : { productType }),
    ...comment(cursor, 0x820),
  };
}

function setU32(cursor: Cursor, at: number): number | undefined {
  const value = cursor.u32(at);
  return value === UNSET ? undefined : value;
}

function setU64(cursor: Cursor, at: number): bigint | undefined {
  return cursor.u32(at) === UNSET ? undefined : cursor.u64(at);
}

function times(cursor: Cursor, timeAt: number, uptimeAt: number): { time?: string; uptime?: number } {
  const set = cursor.u32(timeAt) !== UNSET;
  const time = set ? formatFileTime(fileTimeOf(cursor.u32(timeAt), cursor.u32(timeAt + 4))) : undefined;
  const ticks = setU64(cursor, uptimeAt);
  return {
    ...(time === undefined ? {} : { time }),
    ...(ticks === undefined || ticks === 0n ? {} : { uptime: Number(ticks) / 1e7 }),
  };
}

function comment(cursor: Cursor, at: number): { comment?: string } {
  let text = '';
  for (let i = 0; i < 128; i += 1) {
    const value = cursor.u8(at + i);
    if (value < 0x20 || value > 0x7e) break;
    text += String.fromCharCode(value);
  }
  text = text.replace(/(PAGE)+$/, '').trim();
  return text === '' ? {} : { comment: text };
}
