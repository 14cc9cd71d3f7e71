import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { FileContents } from '../../../packages/triage/src/rules/files/describe-file.js';
import { FolderWalk } from '../../../packages/triage/src/rules/files/folder-walk.js';
import { gatherInTree } from '../../../packages/triage/src/rules/files/gather-in-tree.js';
import { resolvePattern } from '../../../packages/triage/src/rules/files/path-pattern.js';
import type { FileSelection } from '../../../packages/triage/src/rules/rule.js';
import { memoryTree } from '../../support/memory-tree.js';
import { sessionVolume } from '../../support/triage/session-windows.js';

const PATTERN = '%%environ_systemroot%%\\deep\\**\\bad.sys';
const pathAt = (depth: number): string => `/Windows/deep/${'a/'.repeat(depth)}bad.sys`;

test.each([
  [32, 1, true],
  [33, 0, false],
])(
  'a file %i folders below the path of a rule is found, or its absence is not proven',
  async (depth, found, complete) => {
    const tree = memoryTree({ [pathAt(depth)]: Uint8Array.of(1) });
    const selection = {
      type: 'FILE',
      kind: 'file',
      paths: [PATTERN],
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    };
    const gathered = await gatherInTree(selection as FileSelection, {
      tree,
      root: '/Windows',
      mode: 'quick',
      contents: new FileContents(),
      versions: false,
    });
    expect([gathered.judged.length, gathered.complete]).toEqual([found, complete]);
  },
);

test.each([
  [32, 1, true],
  [33, 0, false],
])('the same %i folders deep on an NTFS volume', async (depth, found, complete) => {
  const disk = await openDisk(
    new MemorySource(sessionVolume({ files: { [pathAt(depth)]: { content: Uint8Array.of(1) } } })),
  );
  const tree = await disk.volumes[0].fileTree();
  if (!(tree instanceof NtfsVolume)) throw new Error('no NTFS');
  const walk = new FolderWalk({ tree });
  const matches: string[] = [];
  for await (const { file } of walk.matches(resolvePattern(PATTERN, '/Windows'))) matches.push(file.path);
  expect([matches.length, walk.complete]).toEqual([found, complete]);
});
