import { MemorySource } from '@deadbox/core';
import { openDisk, scanDisk } from 'deadbox';
import { expect, test } from 'vitest';
import { ATTACKS } from '../../support/attack/attacks.js';

/** Windows folders that a scan of an attack judges. */
async function rootsOf(file: string): Promise<string[]> {
  const bytes = ATTACKS.find((attack) => attack.file === file)?.bytes();
  if (bytes === undefined) throw new Error(`no attack ${file}`);
  await using disk = await openDisk(new MemorySource(bytes));
  const { installations } = await scanDisk(disk, { includeOld: true });
  return installations.map(({ root }) => root);
}

test('one Windows that a thousand entries of a boot store name is judged once', async () => {
  expect(await rootsOf('roots.img')).toEqual(['/Windows']);
});

test('a Windows that lies in Windows.old too, under two thousand names, is judged once', async () => {
  expect(await rootsOf('old.img')).toEqual(['/Windows']);
});
