import { crc32, parseGuid, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';

/** Disk signature of an MBR (registry and boot store call it the disk id). */
const MBR_SIGNATURE = 0x1b8;
/** Fields of a GPT header (UEFI 2.10, section 5.3.2). */
const GPT = { headerSize: 0x0c, crc: 0x10, backup: 0x20, diskGuid: 0x38, smallest: 92 } as const;

/** Witnesses that must agree before a disk is given its former identity back. */
const ENOUGH_WITNESSES = 2;

/** What restoring an identity needs to know. */
export interface IdentityRequest {
  readonly identity: string;
  readonly witnesses: number;
  readonly inUse?: readonly string[];
}

/**
 * Gives a disk the identity back that its boot store still names: four bytes of an MBR, or sixteen bytes in both GPT
 * headers with their checksums.
 * @throws RefusedRepair `identity-unproven`, `identity-in-use`, `table-damaged`
 */
export async function restoreDiskIdentity(
  disk: Disk,
  request: IdentityRequest,
  options: ReadOptions,
): Promise<RepairOperation> {
  const { identity, witnesses, inUse = [] } = request;
  if (witnesses < ENOUGH_WITNESSES) throw new RefusedRepair('identity-unproven', { identity, witnesses });
  if (inUse.some((other) => sameIdentity(other, identity))) throw new RefusedRepair('identity-in-use', { identity });
  const { table, image } = disk;
  const edits =
    table.kind === 'gpt'
      ? await gptEdits(disk, identity, options)
      : table.kind === 'mbr'
        ? [await mbrEdit(disk, identity, options)]
        : [];
  if (edits.length === 0) throw new RefusedRepair('table-damaged', { table: table.kind, size: image.size });
  return {
    id: 'restore-disk-identity',
    volume: null,
    edits,
    data: { from: table.diskId ?? null, to: identity, witnesses },
  };
}

async function mbrEdit(disk: Disk, identity: string, options: ReadOptions): Promise<ByteEdit> {
  const digits = identity.replace(/^0x/i, '');
  if (!/^[0-9a-f]{8}$/i.test(digits)) throw new RefusedRepair('identity-unproven', { identity });
  const before = await disk.image.read(MBR_SIGNATURE, 4, options);
  const after = new Uint8Array(4);
  new DataView(after.buffer).setUint32(0, Number.parseInt(digits, 16), true);
  return byteEdit(null, MBR_SIGNATURE, before, after, 'disk-signature');
}

async function gptEdits(disk: Disk, identity: string, options: ReadOptions): Promise<ByteEdit[]> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(identity))
    throw new RefusedRepair('identity-unproven', { identity });
  const { sectorSize } = disk.table;
  const primary = await soundHeader(disk, sectorSize, options);
  const backupAt = Number(new DataView(primary.buffer).getBigUint64(GPT.backup, true)) * sectorSize;
  if (!(backupAt > sectorSize && backupAt + sectorSize <= disk.image.size))
    throw new RefusedRepair('table-damaged', { offset: backupAt });
  const backup = await soundHeader(disk, backupAt, options);
  // The backup first: while only one header has the new identity, firmware and Windows take the primary.
  return [...headerEdits(backup, backupAt, identity), ...headerEdits(primary, sectorSize, identity)];
}

async function soundHeader(disk: Disk, offset: number, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const sector = new Uint8Array(await disk.image.read(offset, disk.table.sectorSize, options));
  const view = new DataView(sector.buffer);
  const size = view.getUint32(GPT.headerSize, true);
  const signed = String.fromCharCode(...sector.subarray(0, 8)) === 'EFI PART';
  if (!signed || size < GPT.smallest || size > sector.length || view.getUint32(GPT.crc, true) !== headerCrc(sector))
    throw new RefusedRepair('table-damaged', { offset });
  return sector;
}

/** CRC-32 of a header with its own field zeroed. */
function headerCrc(sector: Uint8Array<ArrayBuffer>): number {
  const header = sector.slice(0, new DataView(sector.buffer, sector.byteOffset).getUint32(GPT.headerSize, true));
  header.fill(0, GPT.crc, GPT.crc + 4);
  return crc32(header);
}

function headerEdits(sector: Uint8Array<ArrayBuffer>, offset: number, identity: string): ByteEdit[] {
  const changed = sector.slice();
  changed.set(parseGuid(identity), GPT.diskGuid);
  new DataView(changed.buffer).setUint32(GPT.crc, headerCrc(changed), true);
  const part = (at: number, length: number): ByteEdit =>
    byteEdit(null, offset + at, sector.subarray(at, at + length), changed.subarray(at, at + length), 'gpt-header');
  return [part(GPT.crc, 4), part(GPT.diskGuid, 16)];
}

function sameIdentity(left: string, right: string): boolean {
  const plain = (text: string): string => text.replace(/^0x/i, '').toUpperCase();
  return plain(left) === plain(right);
}
