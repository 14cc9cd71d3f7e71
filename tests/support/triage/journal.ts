import { parseFileTime, utf16Bytes } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openDisk } from 'deadbox';

// A change journal of one folder. Records are laid out after winioctl.h (USN_RECORD_V2): synthetic, but for the times.

/** One line of a change journal. */
export interface JournalEntry {
  name: string;
  reason: number;
  time: string;
  record?: number;
}

/** A change journal with `entries` of the folder with record number `folder`. */
export function journal(folder: number, entries: readonly JournalEntry[]): Uint8Array {
  const parts = entries.map(({ name, reason, time, record = 900 }, i) => {
    const bytes = new Uint8Array(Math.ceil((60 + name.length * 2) / 8) * 8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint16(4, 2, true);
    view.setBigUint64(8, BigInt(record) | (1n << 48n), true);
    view.setBigUint64(16, BigInt(folder) | (1n << 48n), true);
    view.setBigUint64(24, BigInt(i * 128), true);
    view.setBigUint64(32, parseFileTime(time) as bigint, true);
    view.setUint32(40, reason >>> 0, true);
    view.setUint16(56, name.length * 2, true);
    view.setUint16(58, 60, true);
    bytes.set(utf16Bytes(name), 60);
    return bytes;
  });
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Number of a folder's record on the Windows volume of a crashed disk. */
export async function folderRecord(path: string, folder: string): Promise<number> {
  const source = await openFile(path);
  const disk = await openDisk(source);
  const tree = await disk.volumes[2]?.ntfs();
  const found = await tree?.lookup(folder);
  await disk.close();
  await source.close?.();
  return found?.record ?? 0;
}
