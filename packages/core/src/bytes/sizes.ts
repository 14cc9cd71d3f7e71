/**
 * Bytes of a sector, wherever a format counts in sectors without asking the disk: MBR, VHD, VMDK, LDM, `fve` metadata.
 */
export const SECTOR = 512;

/** 2^10 bytes. */
export const KIB = 1024;

/** 2^20 bytes. */
export const MIB: number = 1024 * KIB;

/** 2^30 bytes. */
export const GIB: number = 1024 * MIB;
