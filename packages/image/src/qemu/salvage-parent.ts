import { type ByteSource, type Bytes, Cursor, type ReadOptions, type Structure, structure } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { MAX_BACKING_NAME_BYTES } from '../limits.js';
import { parseQcowBacking } from './backing.js';

/** Header of a QED image, little-endian: only what tells of its backing file. */
const QED_HEADER_FIELDS = {
  magic: [0, 'ascii[4]', '"QED\\0"'],
  features: [16, 'u32', 'Features', { flags: { 0x1: 'backing file' } }],
  backingOffset: [56, 'u32', "Byte offset of the backing file's name"],
  backingSize: [60, 'u32', 'Bytes of that name'],
} as const;
const QED_HEADER: Structure<typeof QED_HEADER_FIELDS> = structure(
  'qed-header',
  'QEMU docs/interop/qed_spec, Header',
  QED_HEADER_FIELDS,
);
const HAS_BACKING = 1;

/**
 * What a QED image says of its backing file.
 * @throws what reading throws
 */
export async function salvageQedParent(
  source: ByteSource,
  head: Bytes,
  reading: ReadOptions,
): Promise<ParentReference | undefined> {
  const cursor = new Cursor(head);
  const at = QED_HEADER.fields;
  if ((at.features.read(cursor) & HAS_BACKING) === 0) return undefined;
  return recordedBacking(source, at.backingOffset.read(cursor), at.backingSize.read(cursor), reading);
}

/**
 * The backing file whose name lies at `offset`.
 * @returns `undefined` where the header says that there is none
 * @throws what reading throws, and as {@link parseQcowBacking}
 */
export async function recordedBacking(
  source: ByteSource,
  offset: number,
  length: number,
  reading: ReadOptions,
): Promise<ParentReference | undefined> {
  if (offset === 0 || length === 0 || length > MAX_BACKING_NAME_BYTES) return undefined;
  const recorded = new TextDecoder().decode(await source.read(offset, length, reading));
  return { names: [parseQcowBacking(recorded, undefined, source.name ?? 'image').name] };
}
