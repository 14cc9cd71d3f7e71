import { type ByteSource, type Bytes, isDamage, isDeadboxError } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { AttributeType, NtfsVolume } from '@deadbox/ntfs';
import { type Rule, SHIPPED_RULES } from '@deadbox/triage';
import { type ImageReport, openDisk, scanDisk } from 'deadbox';
import { searchWindows } from '../../packages/triage/src/machine/find-windows.js';
import { scanInstallation, volumeFacts } from '../../packages/triage/src/scan/scan-installation.js';

// One change of one byte, or of one bit, in a structure on the way to the faulty file of a disk: whatever it does, a
// scan must not say that all is well. Where it may (the disk then says so itself), DEFENDED gives the reason.

export type Mode = 'quick' | 'full' | 'deep';

/** A structure whose bytes are changed. */
export interface Target {
  readonly what: string;
  /** On the disk. */
  readonly offset: number;
  readonly length: number;
  /** A record or an index block of the Windows volume: how the volume itself is opened does not depend on it. */
  readonly inTree: boolean;
  /** What lies behind the entries of an index block, which no folder needs: one bit of each byte is enough. */
  readonly slack?: true;
}

/** A change after which a scan said none. */
export interface Calmed {
  readonly mode: Mode;
  readonly what: string;
  /** Byte in the structure. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly verdict: string;
  /** Why that may be; `undefined` when nothing defends it. */
  readonly reason: string | undefined;
}

export const FOLDERS = ['/', '/Windows', '/Windows/System32', '/Windows/System32/drivers'] as const;
const CROWDSTRIKE = '/Windows/System32/drivers/CrowdStrike';
const SECTOR = 512;
const INDEX_BLOCK = 4096;

/** The structures on the way to `file`: partition tables, boot sectors, records, index blocks. */
export async function targetsOf(bytes: Bytes, file: string, windowsVolume: number): Promise<Target[]> {
  const disk = await openDisk(sourceOf(bytes));
  try {
    const volume = disk.volumes[windowsVolume - 1];
    const tree = await volume.ntfs();
    if (tree === undefined) throw new Error('the Windows volume is no NTFS');
    const { recordSize } = tree.geometry;
    const targets: Target[] = [{ what: 'MBR', offset: 0, length: SECTOR, inTree: false }];
    if (disk.table.kind === 'gpt') {
      targets.push(
        { what: 'GPT header', offset: SECTOR, length: SECTOR, inTree: false },
        { what: 'GPT entries', offset: 2 * SECTOR, length: 128 * disk.volumes.length, inTree: false },
        {
          what: 'GPT backup entries',
          offset: bytes.length - 33 * SECTOR,
          length: 128 * disk.volumes.length,
          inTree: false,
        },
        { what: 'GPT backup header', offset: bytes.length - SECTOR, length: SECTOR, inTree: false },
      );
    }
    const on = (what: string, offset: number, length: number, inTree = true): void =>
      void targets.push({ what, offset: volume.offset + offset, length, inTree });
    on('boot sector', 0, SECTOR, false);
    on('backup boot sector', volume.length - SECTOR, SECTOR, false);
    on('record of $MFT', (await tree.file(0)).location.offset, recordSize);
    for (const path of [...FOLDERS, CROWDSTRIKE, file]) {
      const found = path === '/' ? await tree.root() : await tree.lookup(path);
      if (found === undefined) throw new Error(`${path} is not there`);
      on(`record of ${path}`, found.location.offset, recordSize);
      if (!found.isDirectory) continue;
      const runs = found.attributes.some(({ type }) => type === AttributeType.indexAllocation)
        ? await found.dataRuns('$I30', { type: AttributeType.indexAllocation })
        : [];
      for (const run of runs)
        if (run.offset !== undefined)
          targets.push(
            ...indexTargets(bytes, path, volume.offset + run.offset, run.length * tree.geometry.clusterSize),
          );
    }
    return targets;
  } finally {
    await disk.close();
  }
}

/** Each index block up to the end of its entries, and the slack behind them. */
function indexTargets(bytes: Bytes, path: string, offset: number, length: number): Target[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const targets: Target[] = [];
  for (let at = offset; at < offset + length; at += INDEX_BLOCK) {
    const used = 24 + view.getUint32(at + 28, true);
    targets.push(
      { what: `index block of ${path}`, offset: at, length: used, inTree: true },
      {
        what: `slack of the index block of ${path}`,
        offset: at + used,
        length: INDEX_BLOCK - used,
        inTree: true,
        slack: true,
      },
    );
  }
  return targets;
}

/** The bytes as they are at the moment of each read. */
function sourceOf(bytes: Bytes): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.slice(offset, offset + length),
  };
}

/** What a scan says now; `undefined` when it ends in an error of deadbox's own. */
export async function scanBytes(bytes: Bytes, mode: Mode): Promise<ImageReport | undefined> {
  try {
    const disk = await openDisk(sourceOf(bytes));
    try {
      return await scanDisk(disk, { mode });
    } finally {
      await disk.close();
    }
  } catch (error) {
    if (isDeadboxError(error)) return undefined;
    throw error;
  }
}

/** Changes that are tried on a byte: every bit, or one of them by turns, and the byte's complement. */
export function changesOf(place: number, every: boolean): readonly number[] {
  const bits = [1, 2, 4, 8, 16, 32, 64, 128];
  return every ? [...bits, 255] : [bits[(place * 5 + (place >> 3)) % 8]];
}

/** How changes are tried. */
export interface FlipOptions {
  /** Every bit and the complement, or one bit a byte. */
  readonly every: boolean;
  /** One byte in so many. Default 1. */
  readonly step?: number;
  /** Which byte of each step. Default 0. */
  readonly first?: number;
  /** Told of each scan: run in full, or settled by the files alone. */
  readonly onTried?: (settled: boolean) => void;
  /** Asks the files alone first, and scans only where they are not condemned already. */
  readonly settle?: FileVerdict;
}

/** Tries the changes of `targets` and gives those after which a scan said none. */
export async function* flip(
  bytes: Bytes,
  targets: readonly Target[],
  modes: readonly Mode[],
  { every, step = 1, first = 0, onTried, settle }: FlipOptions,
): AsyncGenerator<Calmed> {
  for (const { what, offset, length, inTree, slack } of targets) {
    for (let at = first; at < length; at += step) {
      const from = bytes[offset + at];
      for (const mask of changesOf(at, every && slack !== true)) {
        const to = from ^ mask;
        bytes[offset + at] = to;
        let settled = inTree && (await settle?.condemned()) === true;
        for (const mode of modes) {
          onTried?.(settled);
          const report = settled ? undefined : await scanBytes(bytes, mode);
          if (settle !== undefined && mode === 'quick' && report?.severity === 'act') settled = true;
          if (report === undefined || report.severity !== 'none') continue;
          const calmed = { mode, what, at, from, to, verdict: report.verdict };
          yield { ...calmed, reason: reasonOf(calmed) };
        }
        bytes[offset + at] = from;
      }
    }
  }
}

/**
 * What the files of a Windows volume alone say, with nothing that was read before. A scan of any mode begins with the
 * same judgement, and whatever it reads later can only add doubts: where the file is condemned by it, no mode says
 * none. So a change of a record or an index block after which it still is needs no whole scan, which takes ten times as
 * long; and where a quick scan condemns it, the others need not be run.
 */
export class FileVerdict {
  readonly #bytes: Bytes;
  readonly #disk: Disk;
  readonly #volume: Volume;
  /** The rules that are asked. A scan takes the worst answer of all, so where one of some condemns, all do. */
  #rules: readonly Rule[] = SHIPPED_RULES;

  private constructor(bytes: Bytes, disk: Disk, volume: Volume) {
    this.#bytes = bytes;
    this.#disk = disk;
    this.#volume = volume;
  }

  static async open(bytes: Bytes, windowsVolume: number): Promise<FileVerdict> {
    const disk = await openDisk(sourceOf(bytes));
    const verdict = new FileVerdict(bytes, disk, disk.volumes[windowsVolume - 1]);
    for (const rule of SHIPPED_RULES) {
      verdict.#rules = [rule];
      if (await verdict.condemned()) return verdict;
    }
    throw new Error('no rule condemns a file of this disk');
  }

  /** Whether the rule that condemned a file of the disk as it was still does, by the bytes as they are now. */
  async condemned(): Promise<boolean> {
    const { source } = this.#volume;
    try {
      const tree = await NtfsVolume.open({ size: source.size, read: (offset, length) => this.#read(offset, length) });
      const { folders, complete } = await searchWindows(tree);
      const facts = await volumeFacts(this.#volume, tree, 'quick', { complete });
      for (const folder of folders) {
        const { judged } = await scanInstallation(facts, folder, this.#rules, {});
        if (judged.active && judged.severity === 'act') return true;
      }
      return false;
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#disk.close();
  }

  /** Past every cache of the disk that was opened before the change. */
  #read(offset: number, length: number): ReturnType<ByteSource['read']> {
    return this.#bytes.slice(this.#volume.offset + offset, this.#volume.offset + offset + length);
  }
}

/** Changes after which none may be said, each with its reason. */
const DEFENDED: readonly { readonly reason: string; readonly holds: (calmed: Omit<Calmed, 'reason'>) => boolean }[] = [
  {
    // $STANDARD_INFORMATION is the first attribute of a record: 8 bytes of its content behind the creation time.
    reason:
      'the modification time of the file itself was changed: it is the criterion, and no other copy of it decides',
    holds: ({ what, at, verdict }) =>
      /^record of .*\.sys$/.test(what) && at >= 0x58 && at < 0x60 && ['not-updated', 'reverted'].includes(verdict),
  },
];

function reasonOf(calmed: Omit<Calmed, 'reason'>): string | undefined {
  return DEFENDED.find(({ holds }) => holds(calmed))?.reason;
}
