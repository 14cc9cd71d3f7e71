import { type Bytes, parseFileTime, utf16Bytes } from '@deadbox/core';

/** The time in every record. */
export const TIME = parseFileTime('2024-07-19T04:09:35.1234567Z') as bigint;

/** A record as winioctl.h lays it out (`USN_RECORD_V2`, `USN_RECORD_V3`). */
export function named(version: 2 | 3, usn: number, name: string, reason = 0x8000_0100): Bytes {
  const wide = version === 3 ? 16 : 0;
  const head = 60 + wide;
  const bytes = new Uint8Array(Math.ceil((head + name.length * 2) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, version, true);
  view.setBigUint64(8, 0x0003_0000_0000_1234n, true);
  view.setBigUint64(version === 3 ? 24 : 16, 0x0005_0000_0000_0005n, true);
  view.setBigUint64(24 + wide, BigInt(usn), true);
  view.setBigUint64(32 + wide, TIME, true);
  view.setUint32(40 + wide, reason, true);
  view.setUint32(44 + wide, 2, true);
  view.setUint32(48 + wide, 0x107, true);
  view.setUint32(52 + wide, 0x20, true);
  view.setUint16(56 + wide, name.length * 2, true);
  view.setUint16(58 + wide, head, true);
  bytes.set(utf16Bytes(name), head);
  return bytes;
}

/** `USN_RECORD_V4` with two ranges. */
export function ranges(usn: number): Bytes {
  const bytes = new Uint8Array(96);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 96, true);
  view.setUint16(4, 4, true);
  view.setBigUint64(8, 0x0003_0000_0000_1234n, true);
  view.setBigUint64(24, 0x0005_0000_0000_0005n, true);
  view.setBigUint64(40, BigInt(usn), true);
  view.setUint32(48, 0x8000_0001, true);
  view.setUint32(56, 7, true);
  view.setUint16(60, 2, true);
  view.setUint16(62, 16, true);
  [0n, 4096n, 1_048_576n, 8192n].forEach((value, i) => view.setBigInt64(64 + i * 8, value, true));
  return bytes;
}

/** Lays records out in pages as NTFS does: none crosses a page, zeros fill up. Their USNs are their offsets. */
export function journal(start: number, make: ((usn: number) => Bytes)[]): { bytes: Bytes; usns: number[] } {
  const pages: number[] = [];
  const usns: number[] = [];
  for (const one of make) {
    const length = one(0).length;
    if ((pages.length % 4096) + length > 4096) while (pages.length % 4096 !== 0) pages.push(0);
    usns.push(start + pages.length);
    pages.push(...one(start + pages.length));
  }
  while (pages.length % 4096 !== 0) pages.push(0);
  return { bytes: Uint8Array.from(pages), usns };
}
