import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { readPeImage, readPeImports } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { importedFiles } from '../../../packages/triage/src/drivers/import-closure.js';
import type { CheckedFile } from '../../../packages/triage/src/subject/file-state.js';
import type { InstallationSubject } from '../../../packages/triage/src/subject/installation-subject.js';
import { memoryTree } from '../../support/memory-tree.js';
import { writePe } from '../../support/pe-writer.js';
import { describeWithTools, temporaryFolder } from '../../support/tools.js';

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
  const { files, complete } = await importedFiles(subject, known, {});
  expect(files).toHaveLength(512);
  expect(looked).toBeLessThan(2000);
  expect(complete).toBe(false);
  const few = await importedFiles({ root: '/Windows', files: { check } } as unknown as InstallationSubject, [], {});
  expect(few).toEqual({ files: [], complete: true });
});

test('a directory that calls itself shorter than it is hides no import, as the loader goes on to the empty entry', async () => {
  const bytes = writePe({ fileVersion: '1.0.0.0', imports: ['ntoskrnl.exe', 'gone.sys'] });
  const image = await readPeImage(new MemorySource(bytes));
  const short = { ...image, imports: { ...image.imports, size: 20 } };
  expect(await readPeImports(new MemorySource(bytes), short)).toEqual(['ntoskrnl.exe', 'gone.sys']);
});

describeWithTools(['objdump'], 'what an image imports', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'driver.sys');

  test.each([
    ['a 64-bit driver', { imports: ['ntoskrnl.exe', 'HAL.dll', 'WDFLDR.SYS', 'ext-ms-win-ntos-werkernel-l1-1-0.dll'] }],
    ['a 32-bit driver', { narrow: true, imports: ['ntkrnlpa.exe', 'halacpi.dll'] }],
    ['an image that imports nothing', {}],
  ])('%s: the names are those that objdump reads', async (_, spec) => {
    writeFileSync(path, writePe({ fileVersion: '10.0.17763.1', ...spec }));
    const source = new MemorySource(new Uint8Array(readFileSync(path)));
    const listed = execFileSync('objdump', ['-p', path], { encoding: 'utf8' });
    const names = [...listed.matchAll(/DLL Name: (\S+)/g)].map(([, name]) => name);
    expect(await readPeImports(source, await readPeImage(source))).toEqual(names);
    expect(names).toHaveLength((spec as { imports?: string[] }).imports?.length ?? 0);
    rmSync(path);
  });
});
