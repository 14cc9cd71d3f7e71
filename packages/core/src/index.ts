export { AlignedSource } from './aligned-source.js';
export { BitFields } from './bit-fields.js';
export { BlobSource } from './blob-source.js';
export {
  extentsOf,
  readInto,
  type ByteSource,
  type Extent,
  type ReadOptions,
  type Siblings,
} from './byte-source.js';
export { asciiText, concatBytes, equalBytes, hasAscii, isZero, toHex, type Bytes, type Json, type MaybePromise } from './bytes.js';
export { CachedSource, type CacheOptions } from './cached-source.js';
export { ConcatSource } from './concat-source.js';
export { CountingSource } from './counting-source.js';
export { crc32, crc32c } from './crc32.js';
export { Cursor } from './cursor.js';
export { checkRange, DeadboxError, isDeadboxError, sourceClosed, type CoreErrorCode, type Location, type ReadError } from './errors.js';
export { locateEvidence, readEvidence, type Evidence } from './evidence.js';
export {
  splitPath,
  type DirectoryEntry,
  type EntriesOptions,
  type FileNode,
  type FileTree,
  type FileType,
} from './file-tree.js';
export { fileTimeFromUnixMs, fileTimeOf, formatFileTime, parseFileTime, unixMsOfFileTime, type FileTime } from './filetime.js';
export { formatGuid, NIL_GUID, parseGuid } from './guid.js';
export { createSha256, hashSource, sha256Hex, type Sha256 } from './hash.js';
export { createMd5, createSha1 } from '#legacy-hash';
export type { LegacyHash } from './legacy-hash.js';
export { httpName, httpSiblings, openHttp, type HttpOptions } from './http-source.js';
export { IssueLog, ISSUES_KEPT_PER_CODE, type Issue } from './issue.js';
export { MemorySource } from './memory-source.js';
export { resolveOrigin, type Origin } from './origin.js';
export { untilNul, utf16Bytes, utf16Text } from './utf16.js';
export { passThrough, WindowSource } from './window-source.js';
