import { IssueLog, MemorySource } from '@deadbox/core';
import { expect, test } from 'vitest';
import { readShadowCatalog } from '../../../packages/ntfs/src/shadow-copy/shadow-copy-catalog.js';
import { shadowCatalog } from '../../support/ntfs/shadow-volume.js';

const BLOCK = 0x4000;

test.each([
  [8, 1016, 0],
  [10, 1143, 1],
])('a catalog of %i blocks gives %i shadow copies, and says so where more follow', async (blocks, copies, told) => {
  const issues = new IssueLog();
  expect(await readShadowCatalog(new MemorySource(shadowCatalog(blocks)), BLOCK, issues)).toHaveLength(copies);
  expect(issues.count('ntfs.shadow-copy')).toBe(told);
});
