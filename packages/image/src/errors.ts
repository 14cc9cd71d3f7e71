import { DeadboxError, defined, type Json, type Location } from '@deadbox/core';

/**
 * Error codes of `@deadbox/image`.
 *
 * - `IMAGE_EMPTY`: the source has no bytes.
 * - `IMAGE_UNKNOWN_FORMAT`: none of the given formats recognises the source.
 * - `IMAGE_DAMAGED`: a structure contradicts its specification and no copy of it is whole.
 * - `IMAGE_TRUNCATED`: the image names bytes that lie behind its end.
 * - `IMAGE_UNSUPPORTED`: a valid image that uses a version or feature which deadbox does not read.
 * - `IMAGE_LIMIT`: a size or count above the caps of this package.
 * - `IMAGE_ENCRYPTED`: the container itself encrypts its content.
 * - `IMAGE_FILE_MISSING`: a part of the image (extent, segment, split part) is not beside it.
 * - `IMAGE_PATH_REFUSED`: the image names a file outside its own folder.
 * - `IMAGE_PARENT_MISSING`: a differencing image, and its parent was neither given nor found beside it.
 * - `IMAGE_PARENT_CHANGED`: the parent is not the one, or not any more in the state, that the child was made on.
 * - `IMAGE_CHAIN_CYCLE`: an image is its own ancestor.
 * - `IMAGE_CHAIN_TOO_DEEP`: more links than `MAX_CHAIN_DEPTH`.
 * - `IMAGE_SNAPSHOT_NOT_FOUND`: the asked internal snapshot does not exist.
 */
export type ImageErrorCode =
  | 'IMAGE_EMPTY'
  | 'IMAGE_UNKNOWN_FORMAT'
  | 'IMAGE_DAMAGED'
  | 'IMAGE_TRUNCATED'
  | 'IMAGE_UNSUPPORTED'
  | 'IMAGE_LIMIT'
  | 'IMAGE_ENCRYPTED'
  | 'IMAGE_FILE_MISSING'
  | 'IMAGE_PATH_REFUSED'
  | 'IMAGE_PARENT_MISSING'
  | 'IMAGE_PARENT_CHANGED'
  | 'IMAGE_CHAIN_CYCLE'
  | 'IMAGE_CHAIN_TOO_DEEP'
  | 'IMAGE_SNAPSHOT_NOT_FOUND';

/** The error of every function of this package; see {@link ImageErrorCode}. */
export type ImageError = DeadboxError<ImageErrorCode>;

/**
 * Makes an {@link ImageError}.
 * @param message - what, where, expected and found
 * @param at - layer (name of the image file) and byte offset in it
 */
export function imageError(
  code: ImageErrorCode,
  message: string,
  at?: Location,
  data: Record<string, Json> = {},
  cause?: unknown,
): ImageError {
  return new DeadboxError(code, message, {
    ...defined({ at }),
    data,
    ...defined({ cause }),
  });
}

/** Codes of the issues that opening and reading an image can note. */
export type ImageIssueCode =
  | 'image.header-damaged'
  | 'image.footer-damaged'
  | 'image.footer-copy-used'
  | 'image.backup-structure-used'
  | 'image.log-replayed'
  | 'image.log-entry-ignored'
  | 'image.size-mismatch'
  | 'image.truncated'
  | 'image.marked-dirty'
  | 'image.marked-corrupt'
  | 'image.unknown-optional-feature'
  | 'image.parent-path-ignored'
  | 'image.name-suggests-format'
  | 'image.extent-without-descriptor'
  | 'image.archive-has-more-disks'
  | 'image.acquired-with-errors'
  | 'image.chunk-checksum'
  | 'image.foreign-files-ignored'
  | 'image.part-missing'
  | 'image.cluster-contradiction'
  | 'image.sector-unreadable'
  | 'image.other-encoding'
  | 'image.parent-not-verified'
  | 'image.files-not-asked';
