import { hashSource, type Json, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import {
  AttributeType,
  type FileName,
  type FileRecord,
  NameSpace,
  type NtfsFile,
  type NtfsVolume,
  parseFileName,
  storedOffset,
  type UpCase,
} from '@deadbox/ntfs';
import { type ByteEdit, type EditTarget, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { DirectoryIndex, type PlacedEntry, placer } from './directory-index.js';
import { keepsOrder, type NameChange, nameCandidates } from './free-name.js';
import { checkNotMirrored, mirroredPlace } from './mft-mirror.js';
import { checkPending, openRepairable, type RepairableVolume } from './volume-state.js';

/** Bytes of a `$FILE_NAME` before the name. */
const NAME = 0x42;

/** A name of the file: in its record, and in the index of its folder. */
interface NamePlace {
  readonly fileName: FileName;
  /** The record that holds the attribute: the base record or an extension record. */
  readonly holder: FileRecord;
  /** Byte offset of the name in that record, after fixup. */
  readonly nameAt: number;
  readonly index: number;
  readonly entry: PlacedEntry;
}

/**
 * Renames a file by single characters so that no pattern for its kind matches any more: each of its names, in the file
 * record and in the index of its folder, at equal length and in place. Record first: if power fails in between, a disk
 * check takes the record for the truth.
 * @throws RefusedRepair
 */
export async function neutraliseFile(
  disk: Disk,
  volumeNumber: number,
  path: string,
  options: ReadOptions,
): Promise<RepairOperation> {
  const repairable = await openRepairable(disk, volumeNumber, options);
  const { tree, volume } = repairable;
  const file = await plainFile(tree, path, options);
  const directory = await folderOf(tree, file, options);
  const upCase = await tree.upCase(options);
  const index = await DirectoryIndex.open(tree, directory, upCase, options);
  const places = await namePlaces(file, index, options);
  const changes = new Map<NamePlace, NameChange>();
  const names = index.entries.map(({ name }) => ({ name }));
  for (const place of places) {
    const change = [...nameCandidates(place.fileName.name)].find(
      ({ name }) => keepsOrder(names, place.index, name, upCase) && isFree(names, name, upCase),
    );
    if (change === undefined) throw new RefusedRepair('no-free-name', { name: place.fileName.name });
    names[place.index] = { name: change.name };
    changes.set(place, change);
  }
  const records: ByteEdit[] = [];
  const entries: ByteEdit[] = [];
  for (const [place, change] of changes) {
    const edit = (offset: number, what: EditTarget): ByteEdit => ({
      volume: volume.number,
      offset,
      before: hexByte(place.fileName.name.charCodeAt(change.at)),
      after: hexByte(change.name.charCodeAt(change.at)),
      what,
    });
    const stored = await placeInRecord(repairable, place, change.at, options);
    records.push(edit(stored.offset, 'file-name'));
    const copy = await mirroredPlace(tree, place.holder.number, stored.inRecord, options);
    if (copy !== undefined) records.push(edit(copy, 'mft-mirror'));
    const block = await index.block(place.entry, options);
    if (block.record !== undefined) checkNotMirrored(block.record);
    for (const part of block.parts) checkPending(repairable.pending, 'index', part.offset, part.length, block.lsn);
    const unit = await index.placeOfUnit(place.entry, change.at, options);
    entries.push(edit(unit.offset, 'index-entry'));
    const root =
      block.record === undefined ? undefined : await mirroredPlace(tree, block.record, unit.inBlock, options);
    if (root !== undefined) entries.push(edit(root, 'mft-mirror'));
  }
  const sha256 = await hashSource(await file.stream('', { ...options, raw: true }), options);
  const renamed = [...changes].map(([place, { name }]): Json => ({ from: place.fileName.name, to: name }));
  return {
    id: 'neutralise-file',
    volume: volume.number,
    edits: [...records, ...entries],
    data: { path: file.path, record: file.record, sequence: file.sequence, names: renamed, sha256 },
  };
}

/** The file at `path`, with everything that must hold before its record is touched. */
export async function plainFile(tree: NtfsVolume, path: string, options: ReadOptions): Promise<NtfsFile> {
  const file = await tree.lookup(path, { ...options, followLinks: false });
  if (file === undefined) throw new RefusedRepair('file-missing', { path });
  if (file.foundBy !== 'index') throw new RefusedRepair('index-damaged', { path, foundBy: file.foundBy ?? null });
  if (!file.inUse || file.fileRecord.damaged) throw new RefusedRepair('file-record-damaged', { path });
  if (file.isDirectory || file.type !== 'file' || file.reparseTag !== undefined)
    throw new RefusedRepair('not-a-plain-file', { path, type: file.type });
  checkNotMirrored(file.record);
  return file;
}

/** The one folder that all names of the file are in. */
async function folderOf(tree: NtfsVolume, file: NtfsFile, options: ReadOptions): Promise<NtfsFile> {
  const [first] = file.names;
  if (first === undefined) throw new RefusedRepair('names-disagree', { path: file.path });
  const elsewhere = file.names.filter(
    ({ parent }) => parent.record !== first.parent.record || parent.sequence !== first.parent.sequence,
  );
  const long = file.names.filter(({ nameSpace }) => nameSpace !== NameSpace.dos);
  if (elsewhere.length > 0 || long.length !== 1)
    throw new RefusedRepair('hard-links', { path: file.path, names: file.names.map(({ name }) => name) });
  const directory = await tree.file(first.parent.record, options);
  if (!directory.inUse || !directory.isDirectory || directory.sequence !== first.parent.sequence)
    throw new RefusedRepair('names-disagree', { path: file.path, parent: first.parent.record });
  if (directory.fileRecord.damaged) throw new RefusedRepair('file-record-damaged', { path: directory.path });
  return directory;
}

/**
 * Every `$FILE_NAME` of the file with its index entry; both sides must say the same, and nothing else may name the
 * file.
 */
async function namePlaces(file: NtfsFile, index: DirectoryIndex, options: ReadOptions): Promise<NamePlace[]> {
  const places: NamePlace[] = [];
  for (const { attribute, holder } of await file.attributeSet.all(AttributeType.fileName, options)) {
    const fileName = attribute.resident ? parseFileName(attribute.value) : undefined;
    if (fileName === undefined || !attribute.resident || holder.damaged)
      throw new RefusedRepair('file-record-damaged', { path: file.path, record: holder.number });
    const at = index.entries.findIndex(
      (entry) =>
        entry.reference.record === file.record &&
        entry.reference.sequence === file.sequence &&
        entry.name === fileName.name &&
        entry.nameSpace === fileName.nameSpace,
    );
    if (at < 0) throw new RefusedRepair('names-disagree', { path: file.path, name: fileName.name });
    places.push({ fileName, holder, nameAt: attribute.valueOffset + NAME, index: at, entry: index.entries[at] });
  }
  const listed = index.entries.filter((entry) => entry.reference.record === file.record).length;
  if (places.length === 0 || listed !== places.length)
    throw new RefusedRepair('names-disagree', { path: file.path, inRecord: places.length, inIndex: listed });
  return places;
}

async function placeInRecord(
  { tree, pending }: RepairableVolume,
  { holder, nameAt }: NamePlace,
  unit: number,
  options: ReadOptions,
): Promise<{ offset: number; inRecord: number }> {
  checkNotMirrored(holder.number);
  const parts = await tree.records.locate(holder.number, options);
  for (const part of parts) checkPending(pending, 'file record', part.offset, part.length, holder.lsn);
  const inRecord = storedOffset(nameAt + 2 * unit, holder.fixupArray);
  return { offset: placer(parts)(inRecord), inRecord };
}

/** Whether no name of the folder is the same but for case, as the volume knows it. */
function isFree(names: readonly { readonly name: string }[], name: string, upCase: UpCase): boolean {
  const same = (other: string): boolean =>
    other.length === name.length &&
    Array.from({ length: name.length }, (_, unit) => unit).every(
      (unit) => upCase(other.charCodeAt(unit)) === upCase(name.charCodeAt(unit)),
    );
  return !names.some((other) => same(other.name));
}

function hexByte(unit: number): string {
  return (unit & 0xff).toString(16).padStart(2, '0');
}
