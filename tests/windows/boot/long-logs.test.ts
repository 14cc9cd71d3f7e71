import { findBootLogs, findMeasuredBoots, readBootStatusFile, readCrashEvidence } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { bootLog, recordedStart } from '../../support/boot-log-writer.js';
import { writeMeasuredLog } from '../../support/measured-boot-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const MIB = 1 << 20;
/** The same file, longer than what is read of it. */
const longer = (bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> => {
  const more = new Uint8Array(size);
  more.set(bytes);
  return more;
};
const log = bootLog([recordedStart('2024-07-19T04:31:02')]);

test('a log of starts that goes on behind what is read of it is not whole', async () => {
  const stateOf = async (bytes: Uint8Array<ArrayBuffer>) => {
    const [file] = await findBootLogs(memoryTree({ '/EFI/Microsoft/Boot/BOOTSTAT.DAT': bytes }));
    return [file?.source.state, file?.log?.damaged];
  };
  expect(await stateOf(log)).toEqual(['whole', false]);
  expect(await stateOf(longer(log, MIB + 1))).toEqual(['damaged', true]);
});

test('the same log in the folder of Windows is not whole either', async () => {
  const status = new Uint8Array(0x800);
  new DataView(status.buffer).setUint32(0, 0x20, true);
  const stateOf = async (size: number) => {
    const tree = memoryTree({ '/Windows/bootstat.dat': longer(Uint8Array.from([...status, ...log]), size) });
    return (await readBootStatusFile(tree, '/Windows/bootstat.dat'))?.source.state;
  };
  expect(await stateOf(status.length + log.length)).toBe('whole');
  expect(await stateOf(status.length + MIB + 1)).toBe('damaged');
});

test('a log of a measured start that goes on behind what is read of it is damaged', async () => {
  const measured = writeMeasuredLog([{ register: 1, type: 1, data: [1, 2, 3] }]);
  const damaged = async (bytes: Uint8Array<ArrayBuffer>) =>
    (await findMeasuredBoots(memoryTree({ '/Windows/Logs/MeasuredBoot/0000000001-0000000000.log': bytes }), '/Windows'))
      ?.newest?.log?.damaged;
  expect(await damaged(measured)).toBe(false);
  expect(await damaged(longer(measured, MIB + 1))).toBe(true);
});

test('a text of Startup Repair that goes on behind what is read of it is not whole', async () => {
  const stateOf = async (size: number) => {
    const tree = memoryTree({ '/Windows/System32/LogFiles/Srt/SrtTrail.txt': new Uint8Array(size).fill(0x20) });
    const { sources } = await readCrashEvidence(tree, '/Windows');
    return sources.find(({ kind }) => kind === 'startup-repair')?.state;
  };
  expect(await stateOf(MIB)).toBe('whole');
  expect(await stateOf(MIB + 1)).toBe('damaged');
});
