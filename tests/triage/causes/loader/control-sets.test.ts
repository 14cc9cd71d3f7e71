import { MemorySource } from '@deadbox/core';
import { Hive } from '@deadbox/windows';
import { checkControlSets, controlSetNames } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { controlSets } from '../../../../packages/triage/src/causes/loader/control-sets.js';
import { keysFromPaths, writeHive } from '../../../support/hive-writer.js';
import { sessionSubjects } from '../../../support/triage/session-windows.js';

/** Keys that stand before the control sets. */
const before = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`A${10_000 + i}`, {}]));

test('control sets behind the keys that are looked at leave open which one to start with', async () => {
  const { windows, doubts } = await sessionSubjects({ system: { ...before(1025), Select: { Default: 7 } } });
  expect(await controlSets.detect(windows, {})).toEqual([]);
  expect(doubts.issues.map(({ data }) => data)).toEqual([
    { causes: ['select-broken', 'lkg-available'], key: '\\', reason: 'too-many' },
  ]);
});

test('a hive of few keys without its control set leaves nothing open', async () => {
  const { windows, doubts } = await sessionSubjects({ system: { Select: { Default: 7 } } });
  expect(await controlSets.detect(windows, {})).toMatchObject([{ id: 'select-broken' }]);
  expect(doubts.issues).toEqual([]);
});

test('the control set of a hive of many keys is found by its name wherever it stands', async () => {
  const keys = keysFromPaths({ ...before(1100), ControlSet001: {}, Select: { Default: 1 } });
  const hive = await Hive.open(new MemorySource(writeHive(keys)));
  expect(await controlSetNames(hive)).toEqual({ names: [], complete: false });
  const health = { path: '/SYSTEM', verdict: 'clean', findings: [], codes: [] } as const;
  expect(await checkControlSets(health, hive)).toBe(health);
});
