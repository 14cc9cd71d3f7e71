import { type Bytes, crc32, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { type GptHeader, parseGptHeader } from '@deadbox/partitions/internals';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../plan/repair-plan.js';
import { differingSectors } from './byte-edit.js';

/** Where the fields that differ between the two headers stand (UEFI 2.10, section 5.3.2). */
const FIELD = { headerSize: 0x0c, crc: 0x10, own: 0x18, other: 0x20, entries: 0x48 } as const;
/** Sector of the entry array that goes with the primary header. */
const PRIMARY_ENTRIES = 2;
/** Largest entry array that is copied: 128 entries take 16 KiB, tools make up to 1024. */
const MOST_ENTRY_BYTES = 1 << 20;

/** One header with its entry array, and whether both checksums hold. */
interface GptCopy {
  readonly sector: Bytes;
  readonly header: GptHeader | undefined;
  readonly entries: Bytes | undefined;
  readonly sound: boolean;
}

/**
 * Writes the damaged copy of a GPT anew from the sound one: header, checksums and entries.
 * @throws RefusedRepair `table-damaged` when no copy is sound, `copies-differ` when both are and do not say the same
 */
export async function restoreGpt(disk: Disk, options: ReadOptions): Promise<RepairOperation> {
  if (disk.table.kind !== 'gpt') throw new RefusedRepair('table-damaged', { table: disk.table.kind });
  const { sectorSize } = disk.table;
  const last = Math.floor(disk.image.size / sectorSize) - 1;
  const primary = await readCopy(disk, 1, options);
  const backupSector = primary.sound ? (primary.header?.otherSector ?? last) : last;
  const backup = await readCopy(disk, backupSector, options);
  if (primary.sound && backup.sound) {
    const agree = primary.header?.diskId === backup.header?.diskId && equal(primary.entries, backup.entries);
    if (!agree) throw new RefusedRepair('copies-differ', { table: 'gpt' });
    throw new RefusedRepair('nothing-to-repair', { table: 'gpt' });
  }
  if (!primary.sound && !backup.sound) throw new RefusedRepair('table-damaged', { table: 'gpt' });
  const edits = primary.sound
    ? await copyEdits(
        disk,
        primary,
        { own: backupSector, other: 1, entries: entriesBefore(primary, backupSector, sectorSize) },
        options,
      )
    : await copyEdits(
        disk,
        backup,
        { own: 1, other: backup.header?.ownSector ?? last, entries: PRIMARY_ENTRIES },
        options,
      );
  return {
    id: 'restore-gpt',
    volume: null,
    edits,
    data: { from: primary.sound ? 'primary' : 'backup', to: primary.sound ? 'backup' : 'primary' },
  };
}

async function readCopy(disk: Disk, sector: number, options: ReadOptions): Promise<GptCopy> {
  const { sectorSize } = disk.table;
  const none = { sector: new Uint8Array(sectorSize), header: undefined, entries: undefined, sound: false };
  if (!(sector > 0 && (sector + 1) * sectorSize <= disk.image.size)) return none;
  const bytes = new Uint8Array(await disk.image.read(sector * sectorSize, sectorSize, options));
  const header = parseGptHeader(bytes);
  if (typeof header === 'string') return { ...none, sector: bytes };
  const length = header.entryCount * header.entrySize;
  const from = header.entriesSector * sectorSize;
  if (length > MOST_ENTRY_BYTES || from + length > disk.image.size) return { ...none, sector: bytes };
  const entries = new Uint8Array(await disk.image.read(from, length, options));
  const sound = header.sound && header.ownSector === sector && crc32(entries) === header.entriesCrc;
  return { sector: bytes, header, entries, sound };
}

/** The backup's entries end right before its header. */
function entriesBefore({ header }: GptCopy, backupSector: number, sectorSize: number): number {
  const bytes = (header?.entryCount ?? 0) * (header?.entrySize ?? 0);
  return backupSector - Math.ceil(bytes / sectorSize);
}

async function copyEdits(
  disk: Disk,
  from: GptCopy,
  to: { own: number; other: number; entries: number },
  options: ReadOptions,
): Promise<ByteEdit[]> {
  const { sectorSize } = disk.table;
  const { header, entries = new Uint8Array(0) } = from;
  const entriesAt = to.entries * sectorSize;
  const lastUsed = (header?.lastUsable ?? 0) * sectorSize;
  const firstUsed = (header?.firstUsable ?? 0) * sectorSize;
  // The array must not reach into what partitions may use.
  if (header === undefined || (entriesAt < lastUsed + sectorSize && entriesAt + entries.length > firstUsed))
    throw new RefusedRepair('table-damaged', { offset: entriesAt });
  const sector = from.sector.slice();
  const view = new DataView(sector.buffer);
  view.setBigUint64(FIELD.own, BigInt(to.own), true);
  view.setBigUint64(FIELD.other, BigInt(to.other), true);
  view.setBigUint64(FIELD.entries, BigInt(to.entries), true);
  view.setUint32(FIELD.crc, 0, true);
  view.setUint32(FIELD.crc, crc32(sector.slice(0, view.getUint32(FIELD.headerSize, true))), true);
  const oldEntries = await disk.image.read(entriesAt, entries.length, options);
  const oldSector = await disk.image.read(to.own * sectorSize, sectorSize, options);
  // Entries first: a header that is whole must not promise entries that are not there.
  return [
    ...differingSectors(null, entriesAt, oldEntries, entries, 'gpt-entries'),
    ...differingSectors(null, to.own * sectorSize, oldSector, sector, 'gpt-header'),
  ];
}

function equal(left: Bytes | undefined, right: Bytes | undefined): boolean {
  return (
    left !== undefined && right !== undefined && left.length === right.length && left.every((v, i) => v === right[i])
  );
}
