import { type ByteSource, MemorySource, type ReadOptions } from '@deadbox/core';
import { FileAttribute } from '../attributes/file-name.js';
import { isCloudTag, ReparseTag } from '../attributes/reparse-tag.js';
import { parseWofInfo, WOF_STREAM_NAME } from '../attributes/wof.js';
import { ntfsError, type Place } from '../errors.js';
import { MAX_REPARSE_SIZE } from '../limits.js';
import { AttributeFlag, AttributeType } from '../record/attribute.js';
import type { AttributeSet, HeldAttribute } from '../record/attribute-set.js';
import type { DataRun } from '../record/data-runs.js';
import type { VolumeContext } from './volume-context.js';

/** Options of `NtfsFile.stream`. */
export interface StreamOptions extends ReadOptions {
  /**
   * The clusters as they are: no expansion of compressed units, no decryption refusal, no WOF. Sparse parts still read
   * as zeros.
   */
  readonly raw?: boolean;
}

/** The file whose content is asked for. */
export interface ContentOwner {
  readonly attributes: AttributeSet;
  /** For messages. */
  readonly path: string;
  readonly reparseTag: number | undefined;
  /** File attribute bits of `$STANDARD_INFORMATION`. */
  readonly fileAttributes: number;
}

/**
 * The content of a `$DATA` stream as a program on Windows would read it.
 * @throws DeadboxError `NTFS_NO_SUCH_STREAM`, `NTFS_STREAM_ENCRYPTED`, `NTFS_STREAM_ELSEWHERE`,
 * `NTFS_STREAM_UNSUPPORTED`
 */
export async function openContent(
  context: VolumeContext,
  owner: ContentOwner,
  name: string,
  options?: StreamOptions,
): Promise<ByteSource> {
  const label = name === '' ? owner.path : `${owner.path}:${name}`;
  const held = await owner.attributes.find(AttributeType.data, name, options);
  if (held === undefined) {
    const place = { offset: owner.attributes.base.place.offset, record: owner.attributes.base.number };
    const what = `${owner.path} has no ${name === '' ? 'unnamed $DATA' : `stream "${name}"`}`;
    throw ntfsError('NTFS_NO_SUCH_STREAM', what, place, { path: owner.path, stream: name });
  }
  if (options?.raw === true) return owner.attributes.raw(held, label, options);
  if (name === '') {
    const redirected = await redirectedContent(context, owner, held, options);
    if (redirected !== undefined) return redirected;
  }
  return storedContent(context, owner.attributes, held, label, options);
}

async function storedContent(
  context: VolumeContext,
  attributes: AttributeSet,
  held: HeldAttribute,
  label: string,
  options?: ReadOptions,
): Promise<ByteSource> {
  const { attribute, holder } = held;
  const place = { offset: holder.place.offset + attribute.offset, record: holder.number };
  if ((attribute.flags & AttributeFlag.encrypted) !== 0) {
    const what = `${label} is encrypted with EFS: its content needs the key of one of its users`;
    throw ntfsError('NTFS_STREAM_ENCRYPTED', what, place, { stream: label });
  }
  const method = attribute.flags & AttributeFlag.compressionMask;
  if (attribute.resident || method === 0) return attributes.raw(held, label, options);
  const { compressionUnit: unit, size, initializedSize } = attribute;
  // The flag alone with unit 0 marks a stream that is not compressed yet.
  if (method === AttributeFlag.compressed && unit === 0) return attributes.raw(held, label, options);
  if (method !== AttributeFlag.compressed || unit > 16) {
    const what = `${label} uses compression method ${method} with unit ${unit}, expected method 1 (LZNT1)`;
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', what, place, { method, unit });
  }
  const { clusterSize } = context.geometry;
  const runs = await attributes.runs({ attribute, holder }, options);
  const covered = coveredClusters(runs);
  if (covered * clusterSize < initializedSize) {
    // A unit whose runs are lost would look like a unit of zeros.
    const what = `The data runs of ${label} end at cluster ${covered}, before its ${initializedSize} bytes do`;
    throw ntfsError('NTFS_RUNS_INVALID', what, place, { stream: label, covered });
  }
  // Decoders are loaded when something is compressed.
  const { Lznt1Source } = await import('../streams/lznt1-source.js');
  return new Lznt1Source({
    volume: context.source,
    clusterSize,
    unitClusters: 2 ** unit,
    runs,
    size,
    initializedSize,
    name: label,
  });
}

/** Clusters from the start of the stream on that runs describe without a gap. */
function coveredClusters(runs: readonly DataRun[]): number {
  let next = 0;
  for (const run of runs) {
    if (run.vcn !== next) break;
    next = run.vcn + run.length;
  }
  return next;
}

/** Content that a filter driver keeps elsewhere than in the unnamed stream. */
async function redirectedContent(
  context: VolumeContext,
  owner: ContentOwner,
  held: HeldAttribute,
  options?: ReadOptions,
): Promise<ByteSource | undefined> {
  const tag = owner.reparseTag;
  if (tag === undefined) return undefined;
  const size = held.attribute.resident ? held.attribute.value.length : held.attribute.size;
  const place = { offset: held.holder.place.offset + held.attribute.offset, record: held.holder.number };
  if (tag === ReparseTag.wof) return wofContent(context, owner, size, place, options);
  const recalled = (owner.fileAttributes & (FileAttribute.offline | FileAttribute.recallOnDataAccess)) !== 0;
  const elsewhere = whereElse(tag, recalled);
  if (elsewhere === undefined || size === 0) return undefined;
  const { path } = owner;
  throw ntfsError('NTFS_STREAM_ELSEWHERE', `The content of ${path} is not in the file: ${elsewhere}`, place, {
    tag,
    path,
  });
}

/** Where the content of a file with this reparse tag lies, when not in the file. */
function whereElse(tag: number, recalled: boolean): string | undefined {
  if (tag === ReparseTag.dedup) return 'Data Deduplication keeps it in the chunk store';
  if (tag === ReparseTag.sis) return 'Single Instance Storage keeps it in its common store';
  if (!recalled) return undefined;
  if (isCloudTag(tag)) return 'a cloud placeholder holds no content';
  return tag === ReparseTag.hsm || tag === ReparseTag.hsm2 ? 'hierarchical storage has moved it away' : undefined;
}

async function wofContent(
  context: VolumeContext,
  owner: ContentOwner,
  size: number,
  place: Place,
  options?: ReadOptions,
): Promise<ByteSource> {
  const { attributes, path } = owner;
  const point = await attributes.find(AttributeType.reparsePoint, '', options);
  const value = point === undefined ? new Uint8Array(0) : await attributes.value(point, MAX_REPARSE_SIZE, options);
  const { algorithm } = parseWofInfo(value.subarray(8));
  if (algorithm === undefined) {
    const what = `The content of ${path} is in a WIM file elsewhere (WIMBoot)`;
    throw ntfsError('NTFS_STREAM_ELSEWHERE', what, place, { path });
  }
  if (size === 0) return new MemorySource(new Uint8Array(0), { name: path });
  const stored = await attributes.find(AttributeType.data, WOF_STREAM_NAME, options);
  if (stored === undefined) {
    const what = `${path} is compressed by the Windows Overlay Filter, but has no stream ${WOF_STREAM_NAME}`;
    throw ntfsError('NTFS_NO_SUCH_STREAM', what, place, { path });
  }
  const packed = await storedContent(context, attributes, stored, `${path}:${WOF_STREAM_NAME}`, options);
  const { WofSource } = await import('../streams/wof-source.js');
  return new WofSource(packed, algorithm, size, path);
}
