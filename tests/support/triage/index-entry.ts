import { expect } from 'vitest';
import { patch } from './decision-disk.js';

/**
 * Takes a file's entry, the last of its block, out of its folder's INDX block as if it had been removed: the entry's
 * head becomes the end entry, its name and times stay behind it in the slack. Layout: node header at 0x18 of the block,
 * entries with their length at 8 and flags at 12.
 */
export function removeFromIndex(path: string, volume: number, name: string): void {
  const wanted = Buffer.from(name, 'utf16le');
  let hit = 0;
  for (let at = volume; at < volume + (520 << 20); at += 1 << 20) {
    patch(
      path,
      at,
      (bytes) => {
        for (let block = 0; block + 4096 <= bytes.length; block += 4096) {
          const view = bytes.subarray(block, block + 4096);
          if (view.toString('latin1', 0, 4) === 'INDX' && view.includes(wanted) && shorten(view, wanted)) hit += 1;
        }
      },
      1 << 20,
    );
  }
  expect(hit).toBe(1);
}

function shorten(block: Buffer, wanted: Buffer): boolean {
  const node = 0x18;
  let entry = node + block.readUInt32LE(node);
  while ((block.readUInt16LE(entry + 12) & 2) === 0) {
    const length = block.readUInt16LE(entry + 8);
    if (block.subarray(entry, entry + length).includes(wanted)) {
      block.writeUInt16LE(16, entry + 8);
      block.writeUInt16LE(0, entry + 10);
      block.writeUInt16LE(2, entry + 12);
      block.writeUInt32LE(entry + 16 - node, node + 4);
      return true;
    }
    entry += length;
  }
  return false;
}
