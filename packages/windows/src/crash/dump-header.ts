import { type Bytes, Cursor, defined, formatFileTime, hasAscii, type Structure, structure } from '@deadbox/core';

/** Bytes of a dump's header: 8 KiB for 64-bit systems, 4 KiB for 32-bit ones. */
export const DUMP_HEADER_64_BYTES = 0x2000;
export const DUMP_HEADER_32_BYTES = 0x1000;
/** Unused space of the header is filled with the text `PAGE`. */
const UNSET = 0x4547_4150;
/**
 * Exception code of a breakpoint: Windows writes it for every stop of its own, at an address in its kernel. It says
 * nothing of the fault.
 */
export const BREAKPOINT = 0x8000_0003;

export const DUMP_HEADER_64_FIELDS = {
  signature: [0x00, 'ascii[4]', 'PAGE'],
  validDump: [0x04, 'ascii[4]', 'DU64 on 64-bit systems, DUMP on 32-bit ones'],
  majorVersion: [0x08, 'u32', '15 release, 12 checked build'],
  build: [0x0c, 'u32', 'Build number of Windows'],
  directoryTable: [0x10, 'u64big', 'Page table of the system (CR3)'],
  machine: [0x30, 'u32', 'Machine type of the PE format', { values: { 0x14c: 'x86', 0x8664: 'x64', 0xaa64: 'ARM64' } }],
  processors: [0x34, 'u32', 'Number of processors'],
  code: [0x38, 'u32', 'Stop code'],
  parameter1: [0x40, 'u64big', 'Parameter of the stop code'],
  parameter2: [0x48, 'u64big', 'Parameter of the stop code'],
  parameter3: [0x50, 'u64big', 'Parameter of the stop code'],
  parameter4: [0x58, 'u64big', 'Parameter of the stop code'],
  exceptionCode: [0xf00, 'u32', 'Code of the exception record; 0x80000003 is the stop itself, not the fault'],
  exceptionAddress: [0xf10, 'u64big', 'Address in the exception record'],
  kind: [
    0xf98,
    'u32',
    'How much of memory the dump holds',
    {
      values: { 1: 'full', 2: 'kernel', 3: 'header', 4: 'small', 5: 'full-bitmap', 6: 'kernel-bitmap', 7: 'automatic' },
    },
  ],
  time: [0xfa8, 'filetime', 'Time of the crash'],
  comment: [0xfb0, 'bytes[128]', 'Text'],
  uptime: [0x1030, 'u64big', 'From the start of Windows to the crash, in 100 ns'],
  productType: [0x1040, 'u32', '1 workstation, 2 domain controller, 3 server'],
} as const;
const SOURCE = 'Volatility 3, crash64.json and crash.json; WinDbg SDK layouts';
/** Header of a dump of a 64-bit system (`DUMP_HEADER64`). */
export const DUMP_HEADER_64: Structure<typeof DUMP_HEADER_64_FIELDS> = structure(
  'dump-header-64',
  SOURCE,
  DUMP_HEADER_64_FIELDS,
);

export const DUMP_HEADER_32_FIELDS = {
  signature: [0x00, 'ascii[4]', 'PAGE'],
  validDump: [0x04, 'ascii[4]', 'DU64 on 64-bit systems, DUMP on 32-bit ones'],
  majorVersion: [0x08, 'u32', '15 release, 12 checked build'],
  build: [0x0c, 'u32', 'Build number of Windows'],
  machine: [0x20, 'u32', 'Machine type of the PE format', { values: { 0x14c: 'x86', 0x8664: 'x64', 0xaa64: 'ARM64' } }],
  processors: [0x24, 'u32', 'Number of processors'],
  code: [0x28, 'u32', 'Stop code'],
  parameter1: [0x2c, 'u32', 'Parameter of the stop code'],
  parameter2: [0x30, 'u32', 'Parameter of the stop code'],
  parameter3: [0x34, 'u32', 'Parameter of the stop code'],
  parameter4: [0x38, 'u32', 'Parameter of the stop code'],
  exceptionCode: [0x7d0, 'u32', 'Code of the exception record; 0x80000003 is the stop itself, not the fault'],
  exceptionAddress: [0x7dc, 'u32', 'Address in the exception record'],
  comment: [0x820, 'bytes[128]', 'Text'],
  kind: [
    0xf88,
    'u32',
    'How much of memory the dump holds',
    {
      values: { 1: 'full', 2: 'kernel', 3: 'header', 4: 'small', 5: 'full-bitmap', 6: 'kernel-bitmap', 7: 'automatic' },
    },
  ],
  productType: [0xf94, 'u32', '1 workstation, 2 domain controller, 3 server'],
  uptime: [0xfb8, 'u64big', 'From the start of Windows to the crash, in 100 ns'],
  time: [0xfc0, 'filetime', 'Time of the crash'],
} as const;
/** Header of a dump of a 32-bit system (`DUMP_HEADER32`). */
export const DUMP_HEADER_32: Structure<typeof DUMP_HEADER_32_FIELDS> = structure(
  'dump-header-32',
  SOURCE,
  DUMP_HEADER_32_FIELDS,
);

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
  readonly parameters: readonly bigint[];
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
 * Parses the header.
 * @param bytes - the first 8192 (64-bit) or 4096 (32-bit) bytes of the dump
 * @returns `undefined` when the bytes are no dump, too few, or what follows the signature is not a header: a machine
 * type that is set and that no Windows has, as in a file that was overwritten
 */
export function parseDumpHeader(bytes: Bytes): DumpHeader | undefined {
  const bits = dumpBits(bytes);
  if (bits === undefined || bytes.length < (bits === 64 ? DUMP_HEADER_64_BYTES : DUMP_HEADER_32_BYTES))
    return undefined;
  const cursor = new Cursor(bytes, 'dump header');
  const stored = bits === 64 ? DUMP_HEADER_64.read(cursor) : DUMP_HEADER_32.read(cursor);
  const { machine } = stored;
  return MACHINES.has(machine) || machine === 0 || machine === UNSET ? headerOf(bits, stored) : undefined;
}

/** The fields that both headers have. */
type StoredHeader = ReturnType<typeof DUMP_HEADER_64.read> | ReturnType<typeof DUMP_HEADER_32.read>;

function headerOf(bits: 32 | 64, stored: StoredHeader): DumpHeader {
  const { majorVersion, build, machine, processors, code } = stored;
  const { parameter1, parameter2, parameter3, parameter4 } = stored;
  const address = isSet(stored.exceptionAddress) ? BigInt(stored.exceptionAddress) : 0n;
  return defined({
    bits,
    majorVersion,
    build,
    machine,
    processors,
    code,
    parameters: [parameter1, parameter2, parameter3, parameter4].map(BigInt),
    exceptionCode: isSet(stored.exceptionCode) && stored.exceptionCode !== 0 ? stored.exceptionCode : undefined,
    exceptionAddress: address === 0n ? undefined : address,
    kind: kindOf(stored.kind),
    time: isSet(stored.time) ? formatFileTime(stored.time) : undefined,
    uptime: isSet(stored.uptime) && stored.uptime !== 0n ? Number(stored.uptime) / 1e7 : undefined,
    productType: isSet(stored.productType) ? stored.productType : undefined,
    comment: commentText(stored.comment),
  });
}

/** The kinds have the names that the field table gives them. */
function kindOf(stored: number): DumpKind {
  const names: Readonly<Record<number, DumpKind>> = DUMP_HEADER_64_FIELDS.kind[3].values;
  return names[stored] ?? 'unknown';
}

/** Whether a field was written: its low half is not the filler. */
function isSet(value: number | bigint): boolean {
  return (typeof value === 'bigint' ? Number(BigInt.asUintN(32, value)) : value) !== UNSET;
}

function commentText(bytes: Bytes): string | undefined {
  let text = '';
  for (const value of bytes) {
    if (value < 0x20 || value > 0x7e) break;
    text += String.fromCharCode(value);
  }
  text = text.replace(/(PAGE)+$/, '').trim();
  return text === '' ? undefined : text;
}
