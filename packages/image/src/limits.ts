/** Every cap that `@deadbox/image` puts on numbers that come from a disk image. */

/** Largest virtual disk that is opened: 1 PiB (VHDX allows 64 TiB, QCOW2 with 2 MiB clusters 64 EiB on paper). */
export const MAX_VIRTUAL_SIZE: number = 2 ** 50;
/** Most links of a chain of differencing images, the opened one included. */
export const MAX_CHAIN_DEPTH = 256;
/** Most images that one `openImage` opens while it looks for the parents of a chain. */
export const MAX_OPENED_IMAGES = 4096;
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
/**
 * Largest grain of a VMDK in sectors of 512 bytes: 128 MiB for stored grains, of which compressed ones may use
 * {@link MAX_UNPACKED_BYTES}.
 */
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
/** Longest name of a backing file in bytes, as in QEMU. */
export const MAX_BACKING_NAME_BYTES = 1023;
/** Largest QCOW2 cluster as a power of two: 2 MiB, as in QEMU. */
export const MAX_QCOW_CLUSTER_BITS = 21;
/** Most internal snapshots of a QCOW2 image, as in QEMU. */
export const MAX_QCOW_SNAPSHOTS = 65_536;
/** Longest snapshot table of a QCOW2 image in bytes, as in QEMU; it is read in pieces. */
export const MAX_QCOW_SNAPSHOT_TABLE_BYTES: number = 64 * 1024 * 1024;
/** Most clusters of a QCOW2 file of which the use is counted: four bytes each are kept. */
export const MAX_QCOW_CHECKED_CLUSTERS: number = 32 * 1024 * 1024;
/**
 * Most bytes of tables and reference counts that are read for that: tables may lie in holes, which cost nothing to
 * name.
 */
export const MAX_QCOW_CHECKED_BYTES: number = 1024 * 1024 * 1024;
/** Largest block of a VHDX ([MS-VHDX] 2.6.2.1). */
export const MAX_VHDX_BLOCK_BYTES: number = 256 * 1024 * 1024;
/** Largest metadata item of a VHDX ([MS-VHDX] 2.6.1.2). */
export const MAX_VHDX_METADATA_BYTES: number = 1024 * 1024;
/** Largest VHDX log that is replayed; Hyper-V writes 1 MiB. */
export const MAX_LOG_BYTES: number = 64 * 1024 * 1024;
/** Most pages of 4 KiB that a VHDX log may patch (1 GiB); it only holds metadata. */
export const MAX_LOG_PAGES: number = 256 * 1024;
/** Most pages that all descriptors of a VHDX log may name together: the same page can be named again and again. */
export const MAX_LOG_WORK: number = 1024 * 1024;
/** Largest block of a VDI; VirtualBox writes 1 MiB. */
export const MAX_VDI_BLOCK_BYTES: number = 256 * 1024 * 1024;
/** Most files beside an image that are opened in search of a parent known only by its identifier. */
export const MAX_SEARCHED_SIBLINGS = 512;
/** Most files of a folder that are asked for their parents where the answers serve all images of it. */
export const MAX_TOLD_SIBLINGS = 16_384;
/**
 * Most files around an image that are asked for their parents though nothing in their names says that they are images.
 */
export const MAX_ASKED_AROUND = 2048;
/** Bytes at which a file with any name is told to be an image of a format with parents. */
export const PROBED_AROUND_BYTES = 512;
/**
 * Bytes at the beginning of a packed file that are unpacked to see what it says of its parent, and what they may make.
 */
export const PACKED_HEAD_BYTES: number = 64 * 1024;
export const MAX_UNPACKED_HEAD_BYTES: number = 4 * 1024 * 1024;
/** First bytes of an image that cannot be opened in which its record of the parent is looked for. */
export const SALVAGED_HEAD_BYTES: number = 64 * 1024;
/** Largest cluster of a Parallels image in sectors of 512 bytes: 1 GiB, the usual size is 1 MiB. */
export const MAX_PARALLELS_CLUSTER_SECTORS: number = 2 ** 21;
/** Most entries of an EWF chunk table (EnCase writes at most 65534). */
export const MAX_EWF_TABLE_ENTRIES: number = 2 ** 20;
/** Most bytes of EWF chunk tables that are kept. */
export const EWF_TABLE_CACHE_BYTES: number = 16 * 1024 * 1024;
/** Longest text of an EWF header section, unpacked. */
export const MAX_EWF_HEADER_BYTES: number = 256 * 1024;
/** Most sections of one EWF segment file. */
export const MAX_EWF_SECTIONS = 65_536;
/** Most members of an OVA archive. */
export const MAX_TAR_MEMBERS = 4096;
/** Longest member name, or pax header, of a tar archive. */
export const MAX_TAR_NAME_BYTES: number = 64 * 1024;
/** Longest descriptor of a bundle or a machine in bytes. */
export const MAX_DESCRIPTOR_BYTES: number = 4 * 1024 * 1024;
/** Longest OVF descriptor in bytes. */
export const MAX_OVF_BYTES: number = 4 * 1024 * 1024;
/** Failed reads of a check of a whole disk up to which damage is narrowed down to 4 KiB: about 64 MiB of it. */
export const MAX_HALVED_READS = 16_384;
/**
 * Failed reads after which such a check ends: a small file can stand for a disk of 64 TiB, none of which can be read. A
 * failing device has about 48 GiB of damage by then.
 */
export const MAX_FAILED_READS = 65_536;
