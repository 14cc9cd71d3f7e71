import type { FileType } from '@deadbox/core';

/** Reparse tags that decide what a file is (MS-FSCC 2.1.2.1). */
export const ReparseTag = {
  mountPoint: 0xa000_0003,
  hsm: 0xc000_0004,
  hsm2: 0x8000_0006,
  sis: 0x8000_0007,
  symlink: 0xa000_000c,
  dedup: 0x8000_0013,
  wof: 0x8000_0017,
  cloud: 0x9000_001a,
  wslSymlink: 0xa000_001d,
} as const;

/** `9000x01A`: sixteen variants of the cloud files filter. */
export function isCloudTag(tag: number): boolean {
  return (tag & 0xffff_0fff) >>> 0 === ReparseTag.cloud;
}

/** Tags of filters that only store the content in another way: the file still is a file. */
function isStorageTag(tag: number): boolean {
  return (
    tag === ReparseTag.wof ||
    tag === ReparseTag.dedup ||
    tag === ReparseTag.hsm ||
    tag === ReparseTag.hsm2 ||
    tag === ReparseTag.sis ||
    isCloudTag(tag)
  );
}

/** What a file with this tag is; `otherwise` when the tag does not change it, or is `undefined`. */
export function typeOfTag(tag: number | undefined, otherwise: FileType): FileType {
  if (tag === undefined || tag === 0 || isStorageTag(tag)) return otherwise;
  if (tag === ReparseTag.mountPoint) return 'junction';
  if (tag === ReparseTag.symlink || tag === ReparseTag.wslSymlink) return 'symlink';
  return 'reparse';
}
