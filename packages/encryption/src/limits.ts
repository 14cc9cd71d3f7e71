/** Caps on everything that a volume says about itself: one place, so that a hostile image cannot ask for more. */

/** Bytes at the start of a volume that every detector shares. */
export const PROBE_HEAD: number = 16 * 1024;

/** Size of one reserved metadata region since Windows 7, and the largest block that is read. */
export const METADATA_REGION: number = 64 * 1024;

/** Entries of one metadata block, nested ones included. Real blocks have fewer than fifty. */
export const MAX_ENTRIES: number = 512;

/** Nesting of entries. Windows writes three levels. */
export const MAX_ENTRY_DEPTH: number = 4;

/** Characters of a description that are kept. */
export const MAX_DESCRIPTION: number = 1024;

/** Regions of an encrypt-on-write volume. Windows writes six. */
export const MAX_EOW_REGIONS: number = 64;

/** Bytes of one encrypt-on-write information block. */
export const MAX_EOW_INFORMATION: number = 4096;

/** Bytes of one encrypt-on-write bitmap with its two records: one bit per 8 MiB makes 1 MiB enough for 64 TiB. */
export const MAX_EOW_BITMAP: number = 1024 * 1024;

/** Largest relocated volume header: To Go keeps a whole discovery file system, about 5 MiB. */
export const MAX_HEADER_REGION: number = 64 * 1024 * 1024;

/** LUKS2 headers of more than this are not read; the format's own largest is 4 MiB. */
export const MAX_LUKS_HEADER: number = 4 * 1024 * 1024;

/** Key slots, tokens or segments of a LUKS2 header that are looked at. */
export const MAX_LUKS_OBJECTS: number = 64;

/** A startup key file is 156 or 180 bytes; anything above this is not one. */
export const MAX_STARTUP_KEY: number = 4096;

/** Characters of a key file, about half a million lines. */
export const MAX_KEY_FILE: number = 64 * 1024 * 1024;

/**
 * Different recovery passwords for one protector that a key file may offer: each costs over half a second of
 * stretching.
 */
export const MAX_KEYS_PER_PROTECTOR: number = 16;

/** Protectors of a volume that one typed secret is stretched for. Real volumes have a handful. */
export const MAX_STRETCHED_PROTECTORS: number = 8;

/** Names of one directory of the EFI system partition that are looked at: as many as FAT allows. */
export const MAX_EFI_ENTRIES: number = 65_536;

/** How far a volume without its first sector is searched for metadata. */
export const CARVE_LIMIT: number = 256 * 1024 * 1024;
