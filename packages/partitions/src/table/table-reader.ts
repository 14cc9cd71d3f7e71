import {
  type ByteSource,
  type Bytes,
  type DeadboxError,
  type Issue,
  type IssueLog,
  isDamage,
  type Json,
  type ReadOptions,
  readAround,
  SECTOR,
} from '@deadbox/core';
import type { PartitionIssueCode } from '../errors.js';
import { TABLE_HEAD_BYTES } from '../limits.js';

/** Bytes of a sector that partition tables count in. */
export type SectorSize = 512 | 4096;

/** The disk while its table is read: its first bytes in one read, further reads checked, and the issues. */
export class TableReader {
  /** Length of the disk in bytes. */
  readonly size: number;
  /** The first {@link TABLE_HEAD_BYTES} bytes, less on a smaller disk. */
  readonly head: Bytes;
  readonly #disk: ByteSource;
  readonly #log: IssueLog;
  readonly #options: ReadOptions;

  private constructor(disk: ByteSource, head: Bytes, log: IssueLog, options: ReadOptions) {
    this.size = disk.size;
    this.head = head;
    this.#disk = disk;
    this.#log = log;
    this.#options = options;
  }

  /**
   * Reads the head. A sector that the medium refuses is taken for zeros, with an issue: a GPT has its copy at the end
   * of the disk.
   */
  static async open(disk: ByteSource, log: IssueLog, options: ReadOptions): Promise<TableReader> {
    const bad: { offset: number; error: DeadboxError }[] = [];
    const range = { offset: 0, length: Math.min(TABLE_HEAD_BYTES, disk.size) };
    const head = await readAround(disk, range, options, (offset, error) => bad.push({ offset, error }));
    const reader = new TableReader(disk, head, log, options);
    for (const { offset, error } of bad)
      reader.issue('table.unreadable', 'error', offset, { length: disk.sectorSize ?? SECTOR, message: error.message });
    return reader;
  }

  /**
   * `length` bytes at `offset`, or `undefined` when they are outside the disk or the medium refuses them (one issue).
   */
  async read(offset: number, length: number): Promise<Bytes | undefined> {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > this.size) return undefined;
    if (offset + length <= this.head.length) return this.head.subarray(offset, offset + length);
    try {
      return await this.#disk.read(offset, length, this.#options);
    } catch (error) {
      if (!isDamage(error, this.#options.signal)) throw error;
      this.issue('table.unreadable', 'error', offset, { length, message: error.message });
      return undefined;
    }
  }

  /** Notes one issue at a byte offset of the disk. */
  issue(code: PartitionIssueCode, severity: Issue['severity'], offset: number, data: Record<string, Json> = {}): void {
    this.#log.add({ code, severity, at: { layer: 'disk', offset }, data });
  }
}
