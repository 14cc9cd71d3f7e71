import { isDamage, type ReadOptions } from '@deadbox/core';
import { FileAttribute, type FileName, parseFileName } from '../attributes/file-name.js';
import type { Contradictions } from '../index/contradictions.js';
import { AttributeType } from '../record/attribute.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { FileRecord } from '../record/file-record.js';
import { isAlive } from './file-naming.js';
import type { IndexedName } from './named-reference.js';
import type { VolumeContext } from './volume-context.js';

/** How an index entry and the record that it names fit. */
export type EntryAgreement =
  /** Same name, same kind. */
  | 'agrees'
  /** The record cannot be read: opening the file says why. */
  | 'unreadable'
  /** The record is free, an extension, or was reused. */
  | 'entry-stale'
  /** The record has no such name in this directory. */
  | 'entry-name'
  /** One says that it is a directory, the other that it is not. */
  | 'entry-kind';

/** Compares an index entry with the record that it names; `found` is told when they disagree. */
export async function compareWithRecord(
  context: VolumeContext,
  named: IndexedName,
  found: Contradictions,
  options?: ReadOptions,
): Promise<EntryAgreement> {
  const { reference, fileName, place } = named;
  let base: FileRecord;
  let names: readonly FileName[];
  try {
    base = await context.reader.read(reference.record, options);
    names = isAlive(base, reference) ? await namesOf(context, base, options) : [];
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    return 'unreadable';
  }
  const directory = fileName.parent.record;
  const offset = place.nodeOffset + place.entryOffset;
  const facts = { name: fileName.name, record: base.number };
  if (!isAlive(base, reference)) {
    const { sequence, inUse } = base;
    found.add('entry-stale', directory, offset, { ...facts, expected: reference.sequence, found: sequence, inUse });
    return 'entry-stale';
  }
  if (!names.some((name) => isSameName(name, fileName))) {
    found.add('entry-name', directory, offset, { ...facts, found: 'the record has no such name' });
    return 'entry-name';
  }
  const kind = entryKind(fileName);
  if (kind !== (base.isDirectory ? 'directory' : 'file')) {
    found.add('entry-kind', directory, offset, { ...facts, expected: kind, found: 'the record says otherwise' });
    return 'entry-kind';
  }
  return 'agrees';
}

/** Whether two copies of a `$FILE_NAME` are of one name; their times and sizes may differ. */
export function isSameName(left: FileName, right: FileName): boolean {
  return left.parent.record === right.parent.record && left.nameSpace === right.nameSpace && left.name === right.name;
}

/** What the copy of the attributes in a name says the file is. */
export function entryKind(name: FileName): 'directory' | 'file' {
  return (name.attributes & (FileAttribute.hasDirectoryIndex | FileAttribute.directory)) === 0 ? 'file' : 'directory';
}

/** Every name of a base record, those in extension records too. */
export async function namesOf(context: VolumeContext, base: FileRecord, options?: ReadOptions): Promise<FileName[]> {
  // Without a log: whoever opens the file is told of what is damaged in it.
  const set = new AttributeSet(context.reader, base);
  const names: FileName[] = [];
  for (const { attribute } of await set.all(AttributeType.fileName, options)) {
    const name = attribute.resident ? parseFileName(attribute.value) : undefined;
    if (name !== undefined) names.push(name);
  }
  return names;
}
