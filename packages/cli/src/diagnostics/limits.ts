import { KIB, MIB } from '@deadbox/core';

/** Bytes of a recording at most: what was read beyond them is listed as left out. */
export const MAX_RECORDED: number = 128 * MIB;
/** Bytes of one line of a recording. */
export const CHUNK: number = 64 * KIB;
/** Bytes of the first line. */
export const MAX_HEAD: number = 64 * KIB;
/** Bytes of any other line. */
export const MAX_LINE: number = MIB;
/** Bytes of all lines when unpacked: base64 takes a third more, and a line tells of each file record. */
export const MAX_UNPACKED: number = 256 * MIB;
export const MAX_LINES: number = 1 << 19;
/** Smaller pieces than this are kept in one buffer: each of its own takes 300 bytes besides. */
export const SMALL: number = 4 * KIB;
export const MAX_SOURCES = 4096;
