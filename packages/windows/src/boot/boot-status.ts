import {
  type Bytes,
  Cursor,
  defined,
  type FileTree,
  formatFileTime,
  type ReadOptions,
  type Structure,
  structure,
  survive,
} from '@deadbox/core';
import { MAX_BOOT_LOG_BYTES } from '../limits.js';
import type { SourceFact } from '../source-fact.js';
import { type BootLog, parseBootLog } from './boot-log.js';

/**
 * The loader's note of the last start (`\Windows\bootstat.dat`): a structure whose version is its size, and from byte
 * 2048 on the loader's log. Seen with 32 to 200 bytes; the names from byte 0x30 on are inferred. The boot manager's
 * file of that name has another format: {@link BootLog}.
 */
export interface BootStatus {
  /** Version, which is the size of the structure. */
  readonly version: number;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly productType: number;
  /** The loader shows its menu by itself after a failed start. */
  readonly autoAdvancedBoot: boolean;
  /** Seconds. */
  readonly menuTimeout: number;
  /** Windows confirmed the start. */
  readonly lastBootSucceeded: boolean;
  /** Windows was shut down in order. */
  readonly lastBootShutdown: boolean;
  /** ISO-8601 UTC; from version 0x38 on. */
  readonly time?: string;
  /** Starts that were tried one after the other; from version 0x38 on. */
  readonly bootAttempts?: number;
  /** How far the start has come; from version 0x38 on. */
  readonly checkpoint?: number;
  /** Number of the start; from version 0x38 on. */
  readonly bootId?: number;
  /** Number of the start that was last shut down in order; from version 0x40 on. */
  readonly shutdownBootId?: number;
  /** Number of the start whose abnormal end was last reported; from version 0x40 on. */
  readonly abnormalBootId?: number;
}

export const BOOT_STATUS_FIELDS = {
  version: [0, 'u32', 'Version, which is the size of the structure'],
  productType: [4, 'u32', 'Product', { values: { 1: 'workstation', 2: 'domain controller', 3: 'server' } }],
  autoAdvancedBoot: [8, 'u8', 'The loader shows its menu by itself after a failed start'],
  menuTimeout: [9, 'u8', 'Seconds that the menu waits'],
  lastBootSucceeded: [10, 'u8', 'Windows confirmed the start'],
  lastBootShutdown: [11, 'u8', 'Windows was shut down in order'],
  time: [0x20, 'filetime', 'Time of the start'],
  bootAttempts: [0x30, 'u8', 'Starts that were tried one after the other'],
  checkpoint: [0x31, 'u8', 'How far the start has come'],
  bootId: [0x34, 'u32', 'Number of the start'],
  shutdownBootId: [0x38, 'u32', 'Number of the start that was last shut down in order'],
  abnormalBootId: [0x3c, 'u32', 'Number of the start whose abnormal end was last reported'],
} as const;
/** Older systems wrote less: the version says how many bytes are there. */
export const BOOT_STATUS: Structure<typeof BOOT_STATUS_FIELDS> = structure(
  'boot-status',
  'old Microsoft headers; from 0x20 on read off files of real machines, names after RTL_BSD_ITEM_TYPE',
  BOOT_STATUS_FIELDS,
);
const LOG_AT = 0x800;
const SMALLEST = 12;

/** Parses the first bytes of the file; `undefined` when they cannot be one. */
export function parseBootStatus(bytes: Bytes): BootStatus | undefined {
  if (bytes.length < SMALLEST) return undefined;
  const cursor = new Cursor(bytes, 'bootstat.dat');
  const { fields } = BOOT_STATUS;
  const version = fields.version.read(cursor);
  const [succeeded, shutdown] = [fields.lastBootSucceeded.read(cursor), fields.lastBootShutdown.read(cursor)];
  // The version is a size, and the two flags are booleans; anything else is not this structure. The boot manager's log
  // begins with a small number.
  if (version < SMALLEST || version > LOG_AT || version % 4 !== 0 || succeeded > 1 || shutdown > 1) return undefined;
  const has = ({ offset, length }: { readonly offset: number; readonly length: number }): boolean =>
    Math.min(version, bytes.length) >= offset + length;
  return defined({
    version,
    productType: fields.productType.read(cursor),
    autoAdvancedBoot: fields.autoAdvancedBoot.read(cursor) !== 0,
    menuTimeout: fields.menuTimeout.read(cursor),
    lastBootSucceeded: succeeded === 1,
    lastBootShutdown: shutdown === 1,
    time: has(fields.time) ? formatFileTime(fields.time.read(cursor)) : undefined,
    bootAttempts: has(fields.bootAttempts) ? fields.bootAttempts.read(cursor) : undefined,
    checkpoint: has(fields.checkpoint) ? fields.checkpoint.read(cursor) : undefined,
    bootId: has(fields.bootId) ? fields.bootId.read(cursor) : undefined,
    shutdownBootId: has(fields.shutdownBootId) ? fields.shutdownBootId.read(cursor) : undefined,
    abnormalBootId: has(fields.abnormalBootId) ? fields.abnormalBootId.read(cursor) : undefined,
  });
}

/** A `bootstat.dat` of a Windows folder. */
export interface BootStatusFile {
  /** Path of the file. */
  readonly path: string;
  /** Absent when the file does not hold the structure. */
  readonly status?: BootStatus;
  /** The loader's log behind it, where there is one. */
  readonly log?: BootLog;
  /** The file as a source. */
  readonly source: SourceFact;
}

/**
 * Reads the `bootstat.dat` at `path` of a Windows folder; `undefined` when there is no such file, and damaged when it
 * cannot be read.
 */
export async function readBootStatusFile(
  tree: FileTree,
  path: string,
  options: ReadOptions = {},
): Promise<BootStatusFile | undefined> {
  let stored = path;
  return survive(
    async () => {
      const file = await tree.lookup(path, options);
      if (file?.type !== 'file') return undefined;
      stored = file.path;
      const source = await file.stream(undefined, options);
      const bytes = await source.read(0, Math.min(source.size, LOG_AT + MAX_BOOT_LOG_BYTES), options);
      const log = bytes.length > LOG_AT ? parseBootLog(bytes.subarray(LOG_AT)) : undefined;
      const isCut = source.size > bytes.length && log !== undefined;
      return fileOf(stored, parseBootStatus(bytes), isCut ? { ...log, damaged: true } : log);
    },
    () => fileOf(stored, undefined, undefined),
    options,
  );
}

function fileOf(path: string, status: BootStatus | undefined, log: BootLog | undefined): BootStatusFile {
  const state = status === undefined || log?.damaged === true ? 'damaged' : 'whole';
  return {
    path,
    ...defined({ status, log }),
    source: { path, kind: 'boot-status', state, newest: status?.time ?? null },
  };
}
