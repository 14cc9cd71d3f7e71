import { isDamage, keepNewest, type ReadOptions } from '@deadbox/core';
import { type FileName, parseFileName } from '../attributes/file-name.js';
import { addIssue } from '../errors.js';
import { MAX_PATH_DEPTH } from '../limits.js';
import { AttributeType } from '../record/attribute.js';
import { ORPHAN_ROOT, ROOT_RECORD } from '../record/known-records.js';
import { bestName, type FileOrigin } from './file-naming.js';
import { attributesOf, type VolumeContext } from './volume-context.js';

/**
 * The path of a file that was opened by number: up through the parents of its best name. Where the chain breaks (parent
 * free, no directory, another sequence, a loop) the rest hangs below `/$OrphanFiles/<record>-<sequence of that
 * parent>`.
 */
export async function pathOfRecord(
  context: VolumeContext,
  record: number,
  names: readonly FileName[],
  options?: ReadOptions,
): Promise<FileOrigin> {
  if (record === ROOT_RECORD) return { name: '', path: '/' };
  const own = bestName(names);
  if (own === undefined) return { name: `#${record}`, path: `${ORPHAN_ROOT}/#${record}` };
  let path = `/${own.name}`;
  let { parent } = own;
  const visited = new Set<number>([record]);
  while (parent.record !== ROOT_RECORD) {
    const orphan = { name: own.name, path: `${ORPHAN_ROOT}/${parent.record}-${parent.sequence}${path}` };
    if (visited.has(parent.record) || visited.size > MAX_PATH_DEPTH) {
      addIssue(context.issues, 'ntfs.path-loop', { offset: 0, record }, { parent: parent.record });
      return orphan;
    }
    visited.add(parent.record);
    const name = await liveName(context, parent, options);
    if (name === undefined) return orphan;
    path = `/${name.name}${path}`;
    parent = name.parent;
  }
  return { name: own.name, path };
}

/** Names of folders that are kept: thousands of files below hundreds of folders ask for the same ones. */
const MAX_KEPT_NAMES = 4096;
const keptNames = new WeakMap<VolumeContext, Map<string, FileName | undefined>>();

async function liveName(
  context: VolumeContext,
  parent: { record: number; sequence: number },
  options?: ReadOptions,
): Promise<FileName | undefined> {
  const kept = keptNames.get(context) ?? new Map<string, FileName | undefined>();
  keptNames.set(context, kept);
  const key = `${parent.record}-${parent.sequence}`;
  if (kept.has(key)) return kept.get(key);
  const name = await readName(context, parent, options);
  return keepNewest(kept, key, name, MAX_KEPT_NAMES);
}

async function readName(
  context: VolumeContext,
  parent: { record: number; sequence: number },
  options?: ReadOptions,
): Promise<FileName | undefined> {
  try {
    const set = await attributesOf(context, parent.record, options);
    const { base } = set;
    if (!base.inUse || !base.isDirectory || (parent.sequence !== 0 && base.sequence !== parent.sequence))
      return undefined;
    const names: FileName[] = [];
    for (const { attribute } of await set.all(AttributeType.fileName, options)) {
      const name = attribute.resident ? parseFileName(attribute.value) : undefined;
      if (name !== undefined) names.push(name);
    }
    return bestName(names);
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    // A record that does not exist is a reference that leads nowhere; one that cannot be read may well be the folder.
    if (error.code !== 'NTFS_RECORD_OUT_OF_RANGE') {
      const data = { reason: error.message };
      addIssue(context.issues, 'ntfs.record', { offset: 0, record: parent.record }, data, 'warning');
    }
    return undefined;
  }
}
