import { expect, test } from 'vitest';
import { importedFiles } from '../../../packages/triage/src/drivers/import-closure.js';
import type { CheckedFile } from '../../../packages/triage/src/subject/file-state.js';
import type { InstallationSubject } from '../../../packages/triage/src/subject/installation-subject.js';
import { memoryTree } from '../../support/memory-tree.js';
import { writePe } from '../../support/pe-writer.js';

test('drivers that import from thousands of images lead to as many as a machine could have', async () => {
  const names = (part: number): string[] => Array.from({ length: 900 }, (_, i) => `x${part}-${i}.sys`);
  const tree = memoryTree(
    Object.fromEntries(
      [0, 1, 2].map((part) => [`/d${part}.sys`, writePe({ fileVersion: '1.0.0.0', imports: names(part) })]),
    ),
  );
  const known = await Promise.all(
    [0, 1, 2].map(async (part) => {
      const path = `/d${part}.sys`;
      return { path, state: 'good', file: await tree.lookup(path), data: {} } as unknown as CheckedFile;
    }),
  );
  let looked = 0;
  const check = (path: string): Promise<CheckedFile> => {
    looked += 1;
    return Promise.resolve({ path, state: 'absent', data: {} } as unknown as CheckedFile);
  };
  const subject = { root: '/Windows', files: { check } } as unknown as InstallationSubject;
  const found = await importedFiles(subject, known, {});
  expect(found).toHaveLength(512);
  expect(looked).toBeLessThan(2000);
});
