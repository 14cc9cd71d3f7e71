import { KIB, MIB } from '@deadbox/core';

/** Bytes of a recording at most: what was read beyond them is listed as left out. */
export const MAX_RECORDED: number = 256 * MIB;
/** Bytes of one line of a recording. */
export const CHUNK: number = 64 * KIB;
/** Bytes of the first line. */
export const MAX_HEAD: number = 64 * KIB;
/** Bytes of any other line. */
export const MAX_LINE: number = MIB;
/** Bytes of all lines when unpacked. */
export const MAX_UNPACKED: number = 512 * MIB;
export const MAX_LINES: number = 1 << 20;
export const MAX_SOURCES = 4096;
