/** Every cap that `@deadbox/image` puts on numbers that come from a disk image. */

/** Largest virtual disk that is opened: 1 PiB (VHDX allows 64 TiB, QCOW2 with 2 MiB clusters 64 EiB on paper). */
export const MAX_VIRTUAL_SIZE: number = 2 ** 50;
/** Most links of a chain of differencing images, the opened one included. */
export const MAX_CHAIN_DEPTH = 256;
/** Most images that one `openImage` opens while it looks for the parents of a chain. */
export const MAX_OPENED_IMAGES = 1024;
/** Most files that one image may be made of (split parts, extents, segments). */
export const MAX_COMPANIONS = 4096;
/** Bytes read from the beginning of a source to recognise its format. */
export const HEAD_BYTES: number = 16 * 1024;
/** Bytes read from the end of a source to recognise its format: the VHD footer of 512 or 511 bytes lies there. */
export const TAIL_BYTES = 1024;
/** Bytes of one cached page of an allocation table. */
export const TABLE_PAGE_BYTES: number = 16 * 1024;
/** Most cached pages of one allocation table (4 MiB in all). */
export const MAX_TABLE_PAGES = 256;
/** Most bytes of unpacked blocks that one disk keeps. */
export const UNPACKED_CACHE_BYTES: number = 16 * 1024 * 1024;
/** Most bytes that neighbouring packed blocks are read in one piece. */
export const MAX_PACKED_SPAN_BYTES: number = 4 * 1024 * 1024;
/** Most extents in one batch of `extents()`. */
export const EXTENT_BATCH = 1024;
/** Largest grain of a VMDK in sectors of 512 bytes: 128 MiB for stored grains, of which compressed ones may use {@link MAX_UNPACKED_BYTES}. */
export const MAX_VMDK_GRAIN_SECTORS: number = 2 ** 18;
/** Most entries of a VMDK grain table (the specification says 512). */
export const MAX_VMDK_TABLE_ENTRIES = 8192;
/** Longest VMDK descriptor in bytes: 4096 extents need about 300 KiB. */
export const MAX_VMDK_DESCRIPTOR_BYTES: number = 1024 * 1024;
/** Largest block that is unpacked in one piece: EWF allows chunks of 32768 sectors. */
export const MAX_UNPACKED_BYTES: number = 16 * 1024 * 1024;
/** Largest block of a VHD; Hyper-V writes 2 MiB or 512 KiB. */
export const MAX_VHD_BLOCK_BYTES: number = 256 * 1024 * 1024;
/** Longest path of a parent, in bytes. */
export const MAX_PARENT_PATH_BYTES: number = 64 * 1024;
/** Most bytes of sector bitmaps that one disk keeps. */
export const MAX_BITMAP_CACHE_BYTES: number = 4 * 1024 * 1024;
