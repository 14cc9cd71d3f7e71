export { createMd5, createSha1 } from '#legacy-hash';
export { BitFields } from './bytes/bit-fields.js';
export {
  asciiText,
  type Bytes,
  concatBytes,
  equalBytes,
  hasAscii,
  isZero,
  type Json,
  type MaybePromise,
  toHex,
} from './bytes/bytes.js';
export { crc32, crc32c } from './bytes/crc32.js';
export { Cursor } from './bytes/cursor.js';
export {
  type FileTime,
  fileTimeFromUnixMs,
  fileTimeOf,
  formatFileTime,
  parseFileTime,
  unixMsOfFileTime,
} from './bytes/filetime.js';
export { formatGuid, NIL_GUID, parseGuid } from './bytes/guid.js';
export { createSha256, hashSource, type Sha256, sha256Hex } from './bytes/hash.js';
export type { LegacyHash } from './bytes/legacy-hash.js';
export { untilNul, utf16Bytes, utf16Text } from './bytes/utf16.js';
export {
  type CoreErrorCode,
  checkRange,
  DeadboxError,
  isDeadboxError,
  type Location,
  type ReadError,
  sourceClosed,
} from './errors.js';
export { type Evidence, locateEvidence, readEvidence } from './evidence.js';
export {
  type DirectoryEntry,
  type EntriesOptions,
  type FileNode,
  type FileTree,
  type FileType,
  splitPath,
} from './file-tree.js';
export { ISSUES_KEPT_PER_CODE, type Issue, IssueLog } from './issue.js';
export { AlignedSource } from './sources/aligned-source.js';
export { BlobSource } from './sources/blob-source.js';
export {
  type ByteSource,
  type Extent,
  extentsOf,
  type ReadOptions,
  readInto,
  type Siblings,
} from './sources/byte-source.js';
export { CachedSource, type CacheOptions } from './sources/cached-source.js';
export { ConcatSource } from './sources/concat-source.js';
export { CountingSource } from './sources/counting-source.js';
export { type HttpOptions, httpName, httpSiblings, openHttp } from './sources/http-source.js';
export { MemorySource } from './sources/memory-source.js';
export { type Origin, resolveOrigin } from './sources/origin.js';
export { passThrough, WindowSource } from './sources/window-source.js';
