import { describe, expect, test } from 'vitest';
import { crashedMachine } from '../../support/disk-writer/crashed-machine.js';
import { temporaryFolder } from '../../support/tools.js';
import { channel, judge } from '../../support/triage/decision-disk.js';

// All dumps here are synthetic: built from the documented structures by a writer that shares no code with the reader.
const small = { files: 40, crowdStrikeEntries: 12, hardLinks: false, services: 20, bootDrivers: 3, softwareKeys: 10 };
const FAULTY = channel(32, '2024-07-19T04:30:00.0000000Z');
const EARLIER = channel(31, '2024-07-18T10:00:00.0000000Z');
const FIXED = channel(33, '2024-07-19T05:27:48.0000000Z');

describe('crash evidence (synthetic)', () => {
  const folder = temporaryFolder();

  test('a dump that names csagent.sys confirms the faulty file', async () => {
    const report = await judge(folder, crashedMachine({ ...small, channelFiles: [FAULTY] }), { mode: 'full' });
    const [installation] = report.installations;
    expect(installation).toMatchObject({ verdict: 'faulty', severity: 'act', confidence: 'confirmed' });
    expect(installation?.crash[0]).toMatchObject({
      source: 'minidump',
      code: '0x00000050',
      module: expect.stringMatching(/csagent\.sys/i),
    });
  });

  test('a crash of csagent.sys after the newest file takes the reassurance away', async () => {
    const report = await judge(folder, crashedMachine({ ...small, channelFiles: [EARLIER] }), { mode: 'full' });
    expect(report.installations[0]).toMatchObject({
      verdict: 'not-updated',
      severity: 'review',
      notes: ['crash-after-newest-file'],
    });
  });

  test('a crash before the fixed file came does not', async () => {
    const report = await judge(folder, crashedMachine({ ...small, channelFiles: [FIXED] }), { mode: 'full' });
    expect(report.installations[0]).toMatchObject({ verdict: 'reverted', severity: 'none' });
  });
});
