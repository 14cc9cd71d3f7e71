import { type Bytes, crc32, parseGuid, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { Partition } from '@deadbox/partitions';
import type { RepairRequest } from '@deadbox/triage';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { byteEdit } from '../byte-edit.js';
import { copiesAgree, type GptCopy, readGptCopies, sealHeader } from './gpt-table.js';

/** Fields of a GPT entry, and the checksum of all entries in a header (UEFI 2.10, sections 5.3.2 and 5.3.3). */
const GPT = { entriesCrc: 0x58, headerCrc: 0x10, type: 0x00, id: 0x10, attributes: 0x30 } as const;
/** Type byte of an entry of an MBR. */
const MBR_TYPE = 4;

/** The types that a partition may be given, and what it must hold for it. */
const TYPES: ReadonlyMap<string, RegExp> = new Map([
  ['0X07', /^ntfs$/],
  ['0XEF', /^fat/],
  ['EBD0A0A2-B9E5-4433-87C0-68B6B72699C7', /^ntfs$/],
  ['C12A7328-F81F-11D2-BA4B-00A0C93EC93B', /^fat/],
]);
/** Bits that hide a partition from Windows or make it read-only. */
const CLEARABLE: readonly number[] = [60, 62, 63];

type EntryRequest = Extract<RepairRequest, { readonly operation: 'set-partition-entry' }>;

/**
 * Changes the type, the hiding attributes or the GUID of one partition where the table lists it: one byte of an MBR, or
 * an entry in both copies of a GPT with the four checksums.
 * @throws RefusedRepair `partition-missing`, `table-damaged`, `copies-differ`, `value-not-settable`, `identity-in-use`,
 * `nothing-to-repair`
 */
export async function setPartitionEntry(
  disk: Disk,
  request: EntryRequest,
  options: ReadOptions,
): Promise<RepairOperation> {
  const partition = disk.table.partitions.find(({ number }) => number === request.partition);
  if (partition === undefined || partition.dynamic !== undefined)
    throw new RefusedRepair('partition-missing', { partition: request.partition });
  checkType(disk, request);
  const edits =
    disk.table.kind === 'gpt'
      ? await gptEdits(disk, partition, request, options)
      : await mbrEdits(disk, partition, request, options);
  if (edits.length === 0) throw new RefusedRepair('nothing-to-repair', { partition: request.partition });
  return {
    id: 'set-partition-entry',
    volume: null,
    edits,
    data: {
      partition: request.partition,
      from: request.id === undefined ? partition.type : (partition.id ?? null),
      to: request.id ?? request.type ?? null,
      bits: [...(request.clear ?? [])],
    },
  };
}

function checkType(disk: Disk, { partition, type, clear = [] }: EntryRequest): void {
  const fileSystem = disk.volumes.find(({ number }) => number === partition)?.fileSystem ?? 'unknown';
  const wanted = type === undefined ? undefined : TYPES.get(type.toUpperCase());
  if (type !== undefined && wanted?.test(fileSystem) !== true)
    throw new RefusedRepair('value-not-settable', { partition, to: type, fileSystem });
  const bit = clear.find((each) => !CLEARABLE.includes(each));
  if (bit !== undefined) throw new RefusedRepair('value-not-settable', { partition, to: bit });
}

async function mbrEdits(
  disk: Disk,
  { entry, logical }: Partition,
  { type, partition }: EntryRequest,
  options: ReadOptions,
): Promise<ByteEdit[]> {
  if (type === undefined || logical || !/^0x[0-9a-f]{2}$/i.test(type))
    throw new RefusedRepair('value-not-settable', { partition, to: type ?? null });
  const before = await disk.image.read(entry.offset + MBR_TYPE, 1, options);
  const after = Uint8Array.of(Number.parseInt(type, 16));
  return before[0] === after[0] ? [] : [byteEdit(null, entry.offset + MBR_TYPE, before, after, 'partition-entry')];
}

async function gptEdits(
  disk: Disk,
  partition: Partition,
  request: EntryRequest,
  options: ReadOptions,
): Promise<ByteEdit[]> {
  const { primary, backup } = await readGptCopies(disk, options);
  if (!primary.sound || !backup.sound) throw new RefusedRepair('table-damaged', { table: 'gpt' });
  if (!copiesAgree(primary, backup)) throw new RefusedRepair('copies-differ', { table: 'gpt' });
  const { id } = request;
  if (id !== undefined && disk.table.partitions.some((other) => other !== partition && sameGuid(other.id, id)))
    throw new RefusedRepair('identity-in-use', { identity: id });
  // The backup first and whole: at every moment one of the two copies is sound.
  return [backup, primary].flatMap((copy) => copyEdits(copy, disk.table.sectorSize, partition, request));
}

function copyEdits(copy: GptCopy, sectorSize: number, { slot }: Partition, request: EntryRequest): ByteEdit[] {
  const { header, entries, sector } = copy;
  const at = (slot - 1) * (header?.entrySize ?? 0);
  if (header === undefined || entries === undefined || at + header.entrySize > entries.length)
    throw new RefusedRepair('table-damaged', { slot });
  const changed = entries.slice();
  if (request.type !== undefined) changed.set(parseGuid(guidOf(request.type)), at + GPT.type);
  if (request.id !== undefined) changed.set(parseGuid(guidOf(request.id)), at + GPT.id);
  const view = new DataView(changed.buffer, changed.byteOffset);
  const mask = (request.clear ?? []).reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
  view.setBigUint64(at + GPT.attributes, view.getBigUint64(at + GPT.attributes, true) & ~mask, true);
  const unsealed = sector.slice();
  new DataView(unsealed.buffer).setUint32(GPT.entriesCrc, crc32(changed), true);
  const sealed = sealHeader(unsealed);
  const entriesAt = header.entriesSector * sectorSize;
  return [
    ...changedParts(entriesAt, entries, changed, [
      [at + GPT.type, 16],
      [at + GPT.id, 16],
      [at + GPT.attributes, 8],
    ]),
    ...changedParts(header.ownSector * sectorSize, sector, sealed, [
      [GPT.headerCrc, 4],
      [GPT.entriesCrc, 4],
    ]),
  ];
}

function changedParts(
  offset: number,
  before: Bytes,
  after: Bytes,
  parts: readonly (readonly [at: number, length: number])[],
): ByteEdit[] {
  return parts
    .map(([at, length]) =>
      byteEdit(null, offset + at, before.subarray(at, at + length), after.subarray(at, at + length), 'partition-entry'),
    )
    .filter((edit) => edit.before !== edit.after);
}

function guidOf(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new RefusedRepair('value-not-settable', { to: text });
  return text;
}

function sameGuid(left: string | undefined, right: string): boolean {
  return left?.toUpperCase() === right.toUpperCase();
}
