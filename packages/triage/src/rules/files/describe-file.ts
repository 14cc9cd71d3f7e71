import {
  type ByteSource,
  createSha256,
  type Evidence,
  formatFileTime,
  isDamage,
  isZero,
  type ReadOptions,
  readEvidence,
  toHex,
} from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { FileAttribute, type FileName, type NtfsFile, type NtfsVolume } from '@deadbox/ntfs';
import type { FileReport, ReportedRun } from '../../report/rule-result.js';
import type { FileContent } from '../../report/words.js';

/** Runs shown of one file; a fragmented file has many, and the report must stay readable. */
const MAX_RUNS = 64;
const PIECE = 1 << 20;
/** Content above this is not hashed: what rules look for is smaller. */
const MAX_HASHED = 256 << 20;

/**
 * Everything a report says of one file: the eight times, sizes, runs, hash and where its record lies.
 * The content flag follows the valid data length: bytes beyond it are never read as if they were the file's.
 */
export async function describeFile(
  volume: Volume,
  tree: NtfsVolume,
  file: NtfsFile,
  foundBy: FileReport['foundBy'],
  options: ReadOptions = {},
): Promise<FileReport> {
  const info = file.standardInformation;
  const name = nameOf(file);
  const data = file.attributes.find((attribute) => attribute.type === 0x80 && attribute.name === '');
  const size = data?.size ?? 0;
  const initializedSize = Math.min(data?.initializedSize ?? 0, size);
  const notes = info !== undefined && (info.attributes & FileAttribute.encrypted) !== 0 ? ['encrypted-efs'] : [];
  const { content, sha256 } = file.isDirectory
    ? { content: 'ok' as const, sha256: null }
    : await judgeContent(file, size, initializedSize, options);
  return {
    path: file.path,
    class: 'present',
    content,
    notes,
    size,
    initializedSize,
    modified: time(info?.modified),
    created: time(info?.created),
    changed: time(info?.changed),
    accessed: time(info?.accessed),
    nameModified: time(name?.modified),
    nameCreated: time(name?.created),
    nameChanged: time(name?.changed),
    nameAccessed: time(name?.accessed),
    record: file.record,
    sequence: file.sequence,
    sha256,
    foundBy,
    deleted: !file.inUse,
    runs: await describeRuns(volume, file, options),
    evidence: await describeEvidence(volume, file, tree.geometry.recordSize, options),
  };
}

function time(value: bigint | undefined): string | null {
  return value === undefined ? null : (formatFileTime(value) ?? null);
}

/** The `$FILE_NAME` that the path shows. */
function nameOf(file: NtfsFile): FileName | undefined {
  return file.names.find((candidate) => candidate.name === file.name) ?? file.names[0];
}

/** The content flag and the hash, from one pass over the content. */
async function judgeContent(
  file: NtfsFile,
  size: number,
  initializedSize: number,
  options: ReadOptions,
): Promise<{ content: FileContent; sha256: string | null }> {
  if (size === 0) return { content: 'empty', sha256: toHex(createSha256().digest()) };
  let stream: ByteSource;
  try {
    stream = await file.stream('', options);
    if (stream.size > MAX_HASHED) return { content: await firstBytesReadable(stream, options), sha256: null };
    const { sha256, zero } = await hashAndTestZero(stream, options);
    if (initializedSize === 0) return { content: 'unwritten', sha256 };
    if (initializedSize < size) return { content: 'partly-written', sha256 };
    return { content: zero ? 'zero-filled' : 'ok', sha256 };
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return { content: 'unreadable', sha256: null };
  }
}

async function firstBytesReadable(stream: ByteSource, options: ReadOptions): Promise<FileContent> {
  await stream.read(0, PIECE, options);
  return 'ok';
}

async function hashAndTestZero(stream: ByteSource, options: ReadOptions): Promise<{ sha256: string; zero: boolean }> {
  const hash = createSha256();
  let zero = true;
  for (let at = 0; at < stream.size; at += PIECE) {
    const bytes = await stream.read(at, Math.min(PIECE, stream.size - at), options);
    hash.update(bytes);
    if (zero) zero = isZero(bytes);
  }
  return { sha256: toHex(hash.digest()), zero };
}

async function describeRuns(volume: Volume, file: NtfsFile, options: ReadOptions): Promise<ReportedRun[]> {
  try {
    const runs = await file.dataRuns('', options);
    return runs.slice(0, MAX_RUNS).map((run) => ({
      lcn: run.offset === undefined ? null : run.lcn,
      clusters: run.length,
      offset: run.offset === undefined ? null : volume.offset + run.offset,
    }));
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return [];
  }
}

async function describeEvidence(
  volume: Volume,
  file: NtfsFile,
  recordSize: number,
  options: ReadOptions,
): Promise<Evidence[]> {
  const content = volume.content ?? volume.source;
  const found = await readEvidence(content, `file record ${file.record}`, file.location.offset, recordSize, options);
  return [{ ...found, offset: volume.offset + file.location.offset }];
}
