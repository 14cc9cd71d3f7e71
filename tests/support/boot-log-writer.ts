/**
 * Logs of the boot manager (`BOOTSTAT.DAT`) for fixtures, after what was read off files of real machines. Nothing is
 * shared with the reader.
 */
import { utf16Bytes } from '@deadbox/core';

/** One record: its type and data. */
export interface BootRecord {
  readonly type: number;
  readonly data: readonly number[];
}

/** A log of version 4 with those records. */
export function bootLog(records: readonly BootRecord[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(0x10000);
  const view = new DataView(bytes.buffer);
  let at = 24;
  for (const { type, data } of records) {
    view.setUint32(at + 24, 40 + data.length, true);
    view.setUint32(at + 36, type, true);
    bytes.set(data, at + 40);
    at += 40 + data.length;
  }
  [4, 24, 0x10000, at, 24].forEach((value, i) => view.setUint32(i * 4, value, true));
  return bytes;
}

const u16 = (value: number): number[] => [value & 255, value >> 8];
const ENTRY: readonly number[] = new Array<number>(16).fill(0xab);

/** The beginning of a start, by the firmware's clock: `2024-07-19T04:31:02`. */
export function recordedStart(at: string): BootRecord {
  return { type: 1, data: at.split(/[-T:]/).flatMap((part) => u16(Number(part))) };
}

/** A program was started; `kind` is not 0 for a recovery environment. */
export function launched(path: string, kind = 0): BootRecord {
  return { type: 0x11, data: [...ENTRY, kind, 0, 0, 0, ...utf16Bytes(`${path}\0`)] };
}

/** The program came back: it gave up. */
export const returned: BootRecord = { type: 0x12, data: [...ENTRY, 0xd4, 0, 0, 0xc0, 0, 0, 0, 0] };

/** A failure (0x13 a program, 0x16 in general) with status 0xC00000`status`. */
export function recordedFailure(type: number, status: number, path = ''): BootRecord {
  return { type, data: [status, 0, 0, 0xc0, ...utf16Bytes(`${path}\0`)] };
}
