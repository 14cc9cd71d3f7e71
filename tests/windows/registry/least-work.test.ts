import { MemorySource } from '@deadbox/core';
import { Hive } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';

test('a small hive answers as many questions as every machine is asked', async () => {
  const keys = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`A\\B\\key ${i}`, { value: i }]));
  const hive = (await Hive.open(new MemorySource(writeHive(keysFromPaths(keys))))).bounded();
  for (let question = 0; question < 1000; question += 1)
    expect(await (await hive.key(`A\\B\\key ${question % 20}`))?.number('value')).toBe(question % 20);
  expect(hive.issues.issues).toEqual([]);
});
