// Closing with `await using` is part of the contract: without this line a project with lib ES2022 would have to know of
// it.
/// <reference lib="esnext.disposable" preserve="true" />

export { monotonicMilliseconds } from '#clock';
export { createMd5, createSha1 } from '#legacy-hash';
export { partitionPoint } from './bytes/bisect.js';
export { BitFields } from './bytes/bit-fields.js';
export { ByteLines } from './bytes/byte-lines.js';
export {
  asciiText,
  type Bytes,
  concatBytes,
  equalBytes,
  hasAscii,
  isFilledWith,
  isZero,
  latin1Text,
  type MaybePromise,
  plainBytes,
  toHex,
} from './bytes/bytes.js';
export { crc32, crc32c } from './bytes/crc32.js';
export { Cursor } from './bytes/cursor.js';
export { type Defined, defined } from './bytes/defined.js';
export {
  type FileTime,
  fileTimeFromUnixMs,
  fileTimeOf,
  fileTimeText,
  formatFileTime,
  parseFileTime,
  unixMsOfFileTime,
} from './bytes/filetime.js';
export { type Filling, fillPieces, sideBySide } from './bytes/filling.js';
export { formatGuid, NIL_GUID, parseGuid } from './bytes/guid.js';
export { type JsonShape, jsonFits } from './bytes/json-shape.js';
export { keepNewest, keepOnce } from './bytes/keep.js';
export type { LegacyHash } from './bytes/legacy-hash.js';
export { advance, andThen } from './bytes/maybe-promise.js';
export { GIB, KIB, MIB, SECTOR } from './bytes/sizes.js';
export { untilNul, utf16Bytes, utf16Text } from './bytes/utf16.js';
export { isDamage, isTransportError, type Survived, survive, unlessDamaged } from './damage.js';
export {
  type CoreErrorCode,
  checkRange,
  DeadboxError,
  isDeadboxError,
  type Json,
  type Location,
  type ReadError,
  sourceClosed,
  type TransportFault,
  transportFailed,
} from './errors.js';
export { type Evidence, locateEvidence, readEvidence } from './evidence.js';
export type { EvidenceName, FixedEvidenceName } from './evidence-name.js';
export {
  type DirectoryEntry,
  type EntriesOptions,
  type FileNode,
  type FileTree,
  type FileType,
  splitPath,
} from './file-tree.js';
export { ISSUES_KEPT_PER_CODE, type Issue, IssueLog, type IssueNote, type IssueSink } from './issue.js';
export { isNbdAddress, type NbdAddress, nbdAddress } from './nbd/nbd-address.js';
export { AlignedSource } from './sources/aligned-source.js';
export { BlobSource } from './sources/blob-source.js';
export {
  type ByteSource,
  type Extent,
  extentsOf,
  type FilesAround,
  passExtents,
  passThrough,
  type ReadOptions,
  readAround,
  readInto,
  readThrough,
  type Siblings,
  type Surroundings,
} from './sources/byte-source.js';
export { CachedSource, type CacheOptions } from './sources/cached-source.js';
export { CheckedSource } from './sources/checked-source.js';
export { ConcatSource } from './sources/concat-source.js';
export { CountingSource } from './sources/counting-source.js';
export { createSha256, hashSource, type Sha256, sha256Hex } from './sources/hash.js';
export { httpName } from './sources/http-address.js';
export { type HttpOptions, type HttpRetry, httpSiblings, openHttp } from './sources/http-source.js';
export { MemorySource } from './sources/memory-source.js';
export { type Origin, resolveOrigin } from './sources/origin.js';
export { OverlaySource } from './sources/overlay-source.js';
export { WindowSource } from './sources/window-source.js';
export { type DescribedField, describeStructure } from './structure/describe.js';
export type { Field, FieldOptions, FieldSpec, FieldType, FieldValue } from './structure/field.js';
export { type FieldSpecs, type Structure, type StructureValues, structure } from './structure/structure.js';
