import { IssueLog, MemorySource } from '@deadbox/core';
import { expect, test } from 'vitest';
import { readShadowCatalog } from '../../../packages/ntfs/src/shadow-copy/shadow-copy-catalog.js';

const BLOCK = 0x4000;
const GUID = [0x6b, 0x87, 0x08, 0x38, 0x76, 0xc1, 0x48, 0x4e, 0xb7, 0xae, 0x04, 0x04, 0x6e, 0x6c, 0xc7, 0x52];

/** A catalog of as many full blocks of 127 copies each. */
function catalog(blocks: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((blocks + 1) * BLOCK);
  const view = new DataView(bytes.buffer);
  for (let i = 1; i <= blocks; i += 1) {
    const at = i * BLOCK;
    bytes.set(GUID, at);
    view.setUint32(at + 0x10, 1, true);
    view.setUint32(at + 0x14, 2, true);
    view.setBigUint64(at + 0x28, BigInt(i < blocks ? at + BLOCK : 0), true);
    for (let entry = at + 0x80; entry < at + BLOCK; entry += 0x80) {
      view.setBigUint64(entry, 2n, true);
      view.setUint32(entry + 0x10, entry, true);
      view.setBigUint64(entry + 0x30, 0x01da_d992_0000_0000n, true);
    }
  }
  return bytes;
}

test.each([
  [8, 1016, 0],
  [10, 1143, 1],
])('a catalog of %i blocks gives %i shadow copies, and says so where more follow', async (blocks, copies, told) => {
  const issues = new IssueLog();
  expect(await readShadowCatalog(new MemorySource(catalog(blocks)), BLOCK, issues)).toHaveLength(copies);
  expect(issues.count('ntfs.shadow-copy')).toBe(told);
});
