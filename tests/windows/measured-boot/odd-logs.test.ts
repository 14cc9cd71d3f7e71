import type { FileTree } from '@deadbox/core';
import { findMeasuredBoots, parseMeasuredBoot } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { bootOption, type MeasuredEventSpec, variable, writeMeasuredLog } from '../../support/measured-boot-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const BOOT = 0x80000002;
const CONFIG = 0x80000001;
const read = (events: readonly MeasuredEventSpec[]) => parseMeasuredBoot(writeMeasuredLog(events));

test('variables that are cut off, of another name, or of a damaged entry are left out', () => {
  const log = read([
    { register: 1, type: BOOT, data: [1, 2, 3] },
    variable(CONFIG, 'SecureBoot', []),
    variable(CONFIG, 'BootOrder', [1, 0]),
    variable(CONFIG, 'Boot0001', bootOption('x', [])),
    variable(BOOT, 'BootXYZ1', bootOption('x', [])),
    variable(BOOT, 'Boot0002', [1, 0, 0]),
    variable(BOOT, 'Boot0003', [...bootOption('x', []).slice(0, 4), 0xff, 0xff, 0, 0]),
    variable(BOOT, 'Boot0004', bootOption('without a path', [], false)),
  ]);
  expect(log).toEqual({
    events: 9,
    bootOrder: [],
    options: [{ number: 4, active: false, name: 'without a path' }],
    damaged: false,
  });
});

test('a log of more events than any firmware writes is read to the bound, and damaged', () => {
  const bytes = writeMeasuredLog([]);
  const event = Uint8Array.from([0, 0, 0, 0, 8, 0, 0, 0, ...Array(8).fill(0)]);
  const long = new Uint8Array(bytes.length + event.length * 9000);
  long.set(bytes);
  for (let at = bytes.length; at < long.length; at += event.length) long.set(event, at);
  expect(parseMeasuredBoot(long)).toMatchObject({ events: 8192, damaged: true });
});

test('an event with a digest of unknown length, or of too many, ends the log', () => {
  const whole = writeMeasuredLog([{ register: 0, type: 8, data: [1] }]);
  const first = writeMeasuredLog([]).length;
  for (const [at, value] of [
    [first + 8, 17],
    [first + 12, 0x99],
  ] as const) {
    const bytes = whole.slice();
    bytes[at] = value;
    expect(parseMeasuredBoot(bytes)).toMatchObject({ events: 1, damaged: true });
  }
});

test('the newest log is that of the greatest number, in whatever order the folder lists them', async () => {
  const folder = '/Windows/Logs/MeasuredBoot';
  const tree = memoryTree({
    [`${folder}/0000000009-0000000000.log`]: writeMeasuredLog([]),
    [`${folder}/0000000010-0000000000.log`]: new Uint8Array(3),
  });
  const reversed: FileTree = {
    fileSystem: 'memory',
    async lookup(path) {
      const node = await tree.lookup(path);
      if (node?.path !== folder) return node;
      return {
        ...node,
        async *entries() {
          for await (const batch of node.entries()) yield batch.toReversed();
        },
      };
    },
  };
  expect(await findMeasuredBoots(reversed, '/Windows')).toEqual({
    count: 2,
    newest: { path: `${folder}/0000000010-0000000000.log`, written: '2024-07-19T02:09:35.8000000Z' },
  });
});
