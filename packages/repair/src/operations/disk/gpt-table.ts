import { type Bytes, crc32, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { type GptHeader, parseGptHeader } from '@deadbox/partitions/internals';

/** Largest entry array that is read: 128 entries take 16 KiB, tools make up to 1024. */
const MOST_ENTRY_BYTES = 1 << 20;
/** Fields of a header that are set (UEFI 2.10, section 5.3.2). */
const FIELD = { headerSize: 0x0c, crc: 0x10 } as const;

/** One header with its entry array, and whether both checksums hold. */
export interface GptCopy {
  readonly sector: Bytes;
  readonly header: GptHeader | undefined;
  readonly entries: Bytes | undefined;
  readonly sound: boolean;
}

/** Both copies of a disk's GPT. */
export interface GptCopies {
  readonly primary: GptCopy;
  readonly backup: GptCopy;
  /** Sector of the backup header. */
  readonly backupSector: number;
}

/** Reads both copies; where the primary does not say where the other one lies, it is looked for in the last sector. */
export async function readGptCopies(disk: Disk, options: ReadOptions): Promise<GptCopies> {
  const last = Math.floor(disk.image.size / disk.table.sectorSize) - 1;
  const primary = await readCopy(disk, 1, options);
  const backupSector = primary.sound ? (primary.header?.otherSector ?? last) : last;
  return { primary, backup: await readCopy(disk, backupSector, options), backupSector };
}

/** Whether two copies say the same of the disk and of its partitions. */
export function copiesAgree(left: GptCopy, right: GptCopy): boolean {
  return left.header?.diskId === right.header?.diskId && equal(left.entries, right.entries);
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

/** The header with its own checksum made anew. */
export function sealHeader(sector: Bytes): Bytes {
  const sealed = sector.slice();
  const view = new DataView(sealed.buffer);
  view.setUint32(FIELD.crc, 0, true);
  view.setUint32(FIELD.crc, crc32(sealed.slice(0, view.getUint32(FIELD.headerSize, true))), true);
  return sealed;
}

function equal(left: Bytes | undefined, right: Bytes | undefined): boolean {
  return (
    left !== undefined && right !== undefined && left.length === right.length && left.every((v, i) => v === right[i])
  );
}
