import { MemorySource } from '@deadbox/core';
import { Hive, openControlSet } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';

test('the control set is the one that ran last, or the one that Windows starts next', async () => {
  const keys = { Select: { Current: 1, Default: 2 }, ControlSet001: {}, ControlSet002: {} };
  const hive = await Hive.open(new MemorySource(writeHive(keysFromPaths(keys))));
  expect((await openControlSet(hive))?.set.name).toBe('ControlSet001');
  expect((await openControlSet(hive, 'default'))?.set.name).toBe('ControlSet002');
});
