import { MemorySource } from '@deadbox/core';
import { NtfsVolume, pathLines } from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { ATTACKS } from '../../support/attack/attacks.js';

test('a file with thousands of names and thousands of streams makes no line for every pair of them', async () => {
  const bytes = ATTACKS.find(({ file }) => file === 'pairs.img')?.bytes() ?? new Uint8Array(0);
  const table = await (await NtfsVolume.open(new MemorySource(bytes))).mft();
  let lines = 0;
  for (const chunk of pathLines(table, { streams: true })) for (const byte of chunk) if (byte === 10) lines += 1;
  expect(lines).toBeGreaterThan(3000);
  expect(lines).toBeLessThan(3000 + 16_384 + 1000);
});
