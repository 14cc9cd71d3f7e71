import {
  type ByteSource,
  createSha256,
  type Evidence,
  type FileNode,
  formatFileTime,
  isDamage,
  isZero,
  type ReadOptions,
  readEvidence,
  toHex,
} from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { FileAttribute, type FileName, type NtfsFile, type NtfsVolume } from '@deadbox/ntfs';
import { MAX_HASHED_BYTES, MAX_HASHED_TOGETHER } from '../../limits.js';
import type { FileReport, ReportedRun } from '../../report/rule-result.js';
import type { FileContent } from '../../report/words.js';

/** Runs shown of one file; a fragmented file has many, and the report must stay readable. */
const MAX_RUNS = 64;
const PIECE = 1 << 20;

/** What the content of a file is, as far as it was looked at. */
interface JudgedContent {
  readonly content: FileContent;
  readonly sha256: string | null;
}

/** The contents of one volume's files: each is read once, and all together only so much. */
export class FileContents {
  readonly #known = new Map<number | string, JudgedContent>();
  #left: number = MAX_HASHED_TOGETHER;
  #cut = 0;

  /** Files that were not hashed because others had taken all there is: their content is not known. */
  get cut(): number {
    return this.#cut;
  }

  /**
   * @param key - what tells the file from others: its record, or its path
   * @param size - bytes
   */
  async judge(
    key: number | string,
    size: number,
    work: (hashable: number) => Promise<JudgedContent>,
  ): Promise<JudgedContent> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const hashable = Math.min(MAX_HASHED_BYTES, this.#left);
    const judged = await work(hashable);
    if (size <= hashable) this.#left -= size;
    else if (size <= MAX_HASHED_BYTES) this.#cut += 1;
    this.#known.set(key, judged);
    return judged;
  }
}

/**
 * Everything a report says of one file: the eight times, sizes, runs, hash and where its record lies.
 * The content flag follows the valid data length: bytes beyond it are never read as if they were the file's.
 */
export async function describeFile(
  volume: Volume,
  tree: NtfsVolume,
  file: NtfsFile,
  foundBy: FileReport['foundBy'],
  options: ReadOptions & { readonly contents?: FileContents } = {},
): Promise<FileReport> {
  const info = file.standardInformation;
  const name = nameOf(file);
  const data = file.attributes.find((attribute) => attribute.type === 0x80 && attribute.name === '');
  const size = data?.size ?? 0;
  const initializedSize = Math.min(data?.initializedSize ?? 0, size);
  const notes = info !== undefined && (info.attributes & FileAttribute.encrypted) !== 0 ? ['encrypted-efs'] : [];
  const { content, sha256 } = file.isDirectory
    ? { content: 'ok' as const, sha256: null }
    : await (options.contents ?? new FileContents()).judge(file.record, file.size, (hashable) =>
        judgeContent(file, { size, initializedSize, hashable }, options),
      );
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

/** Bytes of a file's content. */
interface ContentSizes {
  readonly size: number;
  /** What was really written; the size where nothing tells. */
  readonly initializedSize: number;
  /** Above this no hash is made. */
  readonly hashable: number;
}

/** The content flag and the hash, from one pass over the content. */
export async function judgeContent(
  file: Pick<FileNode, 'stream'>,
  { size, initializedSize, hashable }: ContentSizes,
  options: ReadOptions,
): Promise<JudgedContent> {
  if (size === 0) return { content: 'empty', sha256: toHex(createSha256().digest()) };
  let stream: ByteSource;
  try {
    stream = await file.stream('', options);
    if (stream.size > hashable) return { content: await firstBytesReadable(stream, options), sha256: null };
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
  await stream.read(0, Math.min(PIECE, stream.size), options);
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
