import { defined, splitPath, toHex } from '@deadbox/core';
import {
  AttributeType,
  FILE_NAME,
  INDEX_BLOCK,
  INDEX_ENTRY,
  INDEX_NODE,
  INDEX_ROOT,
  IndexTree,
  type NtfsFile,
  ROOT_RECORD,
  type VolumeRun,
} from '@deadbox/ntfs';
import { parseIndexBlock } from '@deadbox/ntfs/internals';
import { MAX_WALK_CONTENT } from '../limits.js';
import type { RecordSteps } from './record-steps.js';
import { pointer, type StepInput, term } from './trail.js';
import type { WalkPointer } from './walk-types.js';

const INDEX_NAME = '$I30';
const ROOT_NODE = 0x10;
const BLOCK_NODE = 0x18;
const CHILD_BYTES = 8;

/** A name of a path that its folder does not have. */
export interface MissingName {
  readonly missing: string;
}

/** The steps from the start of an NTFS volume to a file's record; gives the file, or the name that is not there. */
export async function ntfsFileSteps(steps: RecordSteps, path: string): Promise<NtfsFile | MissingName> {
  const { options } = steps.trail;
  const { tree } = steps;
  await steps.start(ROOT_RECORD);
  let folder = await tree.root(options);
  const names = splitPath(path);
  if (names.length === 0) await fileRecord(steps, folder, undefined);
  for (const [index, name] of names.entries()) {
    const file = await tree.lookup(`/${names.slice(0, index + 1).join('/')}`, options);
    await folderSteps(steps, folder, file, name);
    if (file === undefined) return { missing: name };
    folder = file;
  }
  return folder;
}

/** How the name of `file` is found in `folder`. */
async function folderSteps(
  steps: RecordSteps,
  folder: NtfsFile,
  file: NtfsFile | undefined,
  name: string,
): Promise<void> {
  const { options } = steps.trail;
  const { clusterSize } = steps.tree.geometry;
  const facts = { folder: folder.path, name: file?.name ?? name, found: file !== undefined };
  const root = await folder.attributeSet.find(AttributeType.indexRoot, INDEX_NAME, options);
  await steps.record(folder.fileRecord, 'folder-record', facts, root && steps.toAttribute(root));
  if (root === undefined || !root.attribute.resident) return;
  const place = file?.entry?.place;
  const index = await IndexTree.open(folder.attributeSet, INDEX_NAME, clusterSize, options);
  const valueAt = root.attribute.valueOffset - root.attribute.offset;
  const tables = [
    { table: INDEX_ROOT, at: valueAt },
    { table: INDEX_NODE, at: valueAt + ROOT_NODE },
  ];
  if (place === undefined || place.vcn === undefined) {
    const next =
      place &&
      pointer('disk', term('block-start', steps.volume.onDisk(place.nodeOffset)), term('entry', place.entryOffset));
    await steps.attribute(root, 'index-root', { ...facts, inRoot: true }, next, tables);
    if (file !== undefined && place !== undefined) {
      const record = await steps.recordBytes(
        root.holder,
        root.attribute.valueOffset + place.entryOffset,
        entryLength(file),
      );
      await entryStep(steps, file, facts, record);
    }
    return;
  }
  const { vcn } = place;
  const above = index.root.node.entries.find(({ childVcn }) => childVcn === vcn);
  const allocation = await folder.attributeSet.find(AttributeType.indexAllocation, INDEX_NAME, options);
  const way = above && {
    table: INDEX_ENTRY,
    at: valueAt + above.offset,
  };
  await steps.attribute(
    root,
    'index-root',
    { ...facts, inRoot: false, vcn },
    allocation && steps.toAttribute(allocation),
    way === undefined ? tables : [...tables, way],
    above === undefined ? [] : [childField(valueAt + above.offset + above.length - CHILD_BYTES, vcn)],
    ['child'],
  );
  if (allocation === undefined) return;
  const runs = await folder.dataRuns(INDEX_NAME, { ...options, type: AttributeType.indexAllocation });
  await steps.attribute(
    allocation,
    'index-allocation',
    { ...facts, vcn, unit: index.unit },
    toByte(steps, runs, vcn * index.unit),
  );
  await blockSteps(steps, index, file as NtfsFile, {
    ...facts,
    vcn,
    nodeOffset: place.nodeOffset,
    entryOffset: place.entryOffset,
  });
}

interface BlockFacts {
  readonly vcn: number;
  readonly nodeOffset: number;
  readonly entryOffset: number;
}

async function blockSteps(
  steps: RecordSteps,
  index: IndexTree,
  file: NtfsFile,
  { nodeOffset, entryOffset, ...facts }: BlockFacts & NonNullable<StepInput['data']>,
): Promise<void> {
  const { trail, volume } = steps;
  const { blocks } = index;
  if (blocks === undefined) return;
  const at = facts.vcn * index.unit;
  const size = Math.min(index.root.blockSize, blocks.size - at);
  const stored = await blocks.read(at, size, trail.options);
  const { bytes } = parseIndexBlock(stored, facts.vcn, true, { offset: nodeOffset });
  await trail.add({
    id: 'index-block',
    data: facts,
    source: blocks,
    offset: at,
    length: size,
    view: bytes,
    tables: [
      { table: INDEX_BLOCK, at: 0 },
      { table: INDEX_NODE, at: BLOCK_NODE },
    ],
    keys: ['signature', 'firstEntry'],
    next: pointer('disk', term('block-start', volume.onDisk(nodeOffset)), term('entry', entryOffset)),
  });
  const view = bytes.subarray(entryOffset, entryOffset + entryLength(file));
  await entryStep(steps, file, facts, { source: blocks, offset: at + entryOffset, length: view.length, view });
}

/** 16 bytes of header, a `$FILE_NAME` and the name in UTF-16, filled up to 8. */
function entryLength(file: NtfsFile): number {
  const name = file.entry?.fileName.name ?? file.name;
  return (16 + 66 + name.length * 2 + 7) & ~7;
}

async function entryStep(
  steps: RecordSteps,
  file: NtfsFile,
  facts: NonNullable<StepInput['data']>,
  bytes: Pick<StepInput, 'source' | 'offset' | 'length' | 'view'>,
): Promise<void> {
  await steps.trail.add({
    id: 'index-entry',
    data: { ...facts, record: file.record },
    ...bytes,
    tables: [
      { table: INDEX_ENTRY, at: 0 },
      { table: FILE_NAME, at: 16 },
    ],
    keys: ['record', 'name'],
    ...defined({ next: steps.toRecord(file.record) }),
  });
}

function childField(at: number, vcn: number): NonNullable<StepInput['own']>[number] {
  const raw = new Uint8Array(CHILD_BYTES);
  new DataView(raw.buffer).setBigUint64(0, BigInt(vcn), true);
  return {
    structure: 'index-entry',
    name: 'child',
    offset: at,
    length: CHILD_BYTES,
    raw: toHex(raw),
    value: vcn,
    meaning: 'Cluster of the index block with the names before this one',
    source: 'ntfs-3g layout.h; Linux ntfs3',
  };
}

/** Where byte `at` of a stream lies by its runs. */
function toByte(steps: RecordSteps, runs: readonly VolumeRun[], at: number): WalkPointer | undefined {
  const { clusterSize } = steps.tree.geometry;
  const run = runs.find(({ vcn, bytes }) => at >= vcn * clusterSize && at < vcn * clusterSize + bytes);
  return run && steps.toRun(run, at - run.vcn * clusterSize);
}

async function fileRecord(steps: RecordSteps, file: NtfsFile, next: WalkPointer | undefined): Promise<void> {
  await steps.record(file.fileRecord, 'file-record', { path: file.path, size: file.size }, next);
}

/** The steps from a file's record to the attribute with its content, and with `show` to the first bytes of that. */
export async function ntfsContentSteps(
  steps: RecordSteps,
  file: NtfsFile,
  stream: string,
  show: boolean,
): Promise<void> {
  const { options } = steps.trail;
  const held = await file.attributeSet.find(AttributeType.data, stream, options);
  const elsewhere = held !== undefined && held.holder.number !== file.record;
  const list = file.fileRecord.attributes.find(({ type }) => type === AttributeType.attributeList);
  const listed = list && steps.toAttribute({ attribute: list, holder: file.fileRecord });
  await fileRecord(steps, file, elsewhere ? listed : held && steps.toAttribute(held));
  if (held === undefined) return;
  if (elsewhere) await steps.attributeList(file, held);
  const { attribute, holder } = held;
  const facts = { path: file.path, stream };
  if (attribute.resident) {
    const next = pointer(
      'disk',
      term('record-start', steps.volume.onDisk(holder.place.offset)),
      term('attribute', attribute.valueOffset),
    );
    await steps.attribute(held, 'data-attribute', { ...facts, size: attribute.value.length }, next);
    const length = Math.min(attribute.value.length, MAX_WALK_CONTENT);
    if (show && length > 0)
      await steps.trail.add({
        id: 'content',
        data: { ...facts, size: attribute.value.length, valid: attribute.value.length, resident: true },
        ...(await steps.recordBytes(holder, attribute.valueOffset, length)),
      });
    return;
  }
  const runs = await file.dataRuns(stream, options);
  const first = runs.find(({ offset }) => offset !== undefined);
  const { size, initializedSize: valid } = attribute;
  await steps.attribute(
    held,
    'data-attribute',
    { ...facts, compressed: attribute.compressionUnit > 0 },
    first && steps.toRun(first, 0),
  );
  const length = Math.min(size, first?.bytes ?? 0, MAX_WALK_CONTENT);
  if (!show || first?.offset === undefined || length <= 0) return;
  await steps.trail.add({
    id: 'content',
    data: { ...facts, size, valid, resident: false, compressed: attribute.compressionUnit > 0 },
    source: steps.source,
    offset: first.offset,
    length,
  });
}
