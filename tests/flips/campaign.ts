import { type ByteSource, type Bytes, isDeadboxError } from '@deadbox/core';
import { AttributeType } from '@deadbox/ntfs';
import { type ImageReport, openDisk, scanDisk } from 'deadbox';

// One change of one byte, or of one bit, in a structure on the way to the faulty file of a disk: whatever it does, a scan must not say that all is
// well. Where it may (the disk then says so itself), DEFENDED gives the reason.

export type Mode = 'quick' | 'full' | 'deep';

/** A structure whose bytes are changed. */
export interface Target {
  readonly what: string;
  /** On the disk. */
  readonly offset: number;
  readonly length: number;
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

/** The structures on the way to `file`: partition tables, boot sectors, records, index blocks. */
export async function targetsOf(bytes: Bytes, file: string, windowsVolume: number): Promise<Target[]> {
  const disk = await openDisk(sourceOf(bytes));
  try {
    const volume = disk.volumes[windowsVolume - 1];
    const tree = await volume.ntfs();
    if (tree === undefined) throw new Error('the Windows volume is no NTFS');
    const { recordSize } = tree.geometry;
    const targets: Target[] = [{ what: 'MBR', offset: 0, length: SECTOR }];
    if (disk.table.kind === 'gpt') {
      targets.push(
        { what: 'GPT header', offset: SECTOR, length: SECTOR },
        { what: 'GPT entries', offset: 2 * SECTOR, length: 128 * disk.volumes.length },
        { what: 'GPT backup entries', offset: bytes.length - 33 * SECTOR, length: 128 * disk.volumes.length },
        { what: 'GPT backup header', offset: bytes.length - SECTOR, length: SECTOR },
      );
    }
    const on = (what: string, offset: number, length: number): void =>
      void targets.push({ what, offset: volume.offset + offset, length });
    on('boot sector', 0, SECTOR);
    on('backup boot sector', volume.length - SECTOR, SECTOR);
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
        if (run.offset !== undefined) on(`index blocks of ${path}`, run.offset, run.length * tree.geometry.clusterSize);
    }
    return targets;
  } finally {
    await disk.close();
  }
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

/** Tries the changes of `targets` and gives those after which a scan said none. */
export async function* flip(
  bytes: Bytes,
  targets: readonly Target[],
  modes: readonly Mode[],
  options: { readonly every: boolean; readonly step?: number; readonly onTried?: () => void },
): AsyncGenerator<Calmed> {
  for (const { what, offset, length } of targets) {
    for (let at = 0; at < length; at += options.step ?? 1) {
      const from = bytes[offset + at];
      for (const mask of changesOf(at, options.every)) {
        const to = from ^ mask;
        bytes[offset + at] = to;
        for (const mode of modes) {
          const report = await scanBytes(bytes, mode);
          options.onTried?.();
          if (report === undefined || report.severity !== 'none') continue;
          const calmed = { mode, what, at, from, to, verdict: report.verdict };
          yield { ...calmed, reason: reasonOf(calmed) };
        }
        bytes[offset + at] = from;
      }
    }
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
