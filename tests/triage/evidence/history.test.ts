import { renderScanImage } from '@deadbox/report';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/tools.js';
import { channel, crashedDisk, scan } from '../../support/triage/decision-disk.js';
import { removeFromIndex } from '../../support/triage/index-entry.js';
import { folderRecord, type JournalEntry, journal } from '../../support/triage/journal.js';

// What the volume remembers of the faulty file.
const CREATE = 0x100;
const DELETE = 0x200 | 0x8000_0000;
const NAME = 'C-00000291-00000000-00000032.sys';
const FAULTY = '2024-07-19T04:30:00.0000000Z';
const FIXED = '2024-07-19T05:27:48.0000000Z';

/** Scans a disk whose journal says `entries` of its CrowdStrike folder. */
async function deepScan(folder: string, channelFiles: Parameters<typeof channel>[], entries: readonly JournalEntry[]) {
  const files = channelFiles.map((args) => channel(...args));
  const options = (content: Uint8Array) => ({
    channelFiles: files,
    windowsFiles: { '/$Extend/$UsnJrnl': { size: 0, attributes: 0x06, streams: { $J: content } } },
  });
  // The folder's record number is needed inside the journal: the disk is built twice, the same way.
  const probe = crashedDisk(folder, options(journal(0, entries)));
  const number = await folderRecord(probe.path, '/Windows/System32/drivers/CrowdStrike');
  const { path } = crashedDisk(folder, options(journal(number, entries)));
  return scan(path, { mode: 'deep' });
}

describe('history of the faulty file', () => {
  const folder = temporaryFolder();

  test('a server that healed by update: from and until, by the journal', async () => {
    const report = await deepScan(
      folder,
      [[33, FIXED]],
      [
        { name: NAME, reason: CREATE, time: '2024-07-19T04:31:00.0000000Z' },
        { name: NAME, reason: DELETE, time: '2024-07-19T06:02:11.0000000Z' },
      ],
    );
    const [installation] = report.installations;
    expect(installation).toMatchObject({ verdict: 'reverted', severity: 'none' });
    expect(installation?.historySummary).toMatchObject({
      badFrom: '2024-07-19T04:31:00.0000000Z',
      badUntil: '2024-07-19T06:02:11.0000000Z',
    });
    expect(renderScanImage(report, { width: 400 })).toContain(
      'Had the faulty file from 2024-07-19 04:31:00 UTC until 2024-07-19 06:02:11 UTC. It recovered through an update.',
    );
  });

  test('a server that somebody cleared', async () => {
    const report = await deepScan(
      folder,
      [],
      [
        { name: NAME, reason: CREATE, time: '2024-07-19T04:31:00.0000000Z' },
        { name: NAME, reason: DELETE, time: '2024-07-20T10:00:00.0000000Z' },
      ],
    );
    expect(report.installations[0]?.verdict).toBe('cleared');
    expect(renderScanImage(report, { width: 400 })).toContain('Somebody removed it.');
  });

  test('a server that was never hit: no trace, and how far the journal reaches back', async () => {
    const report = await deepScan(
      folder,
      [[33, FIXED]],
      [
        { name: 'C-00000285-00000000-00000024.sys', reason: CREATE, time: '2024-07-01T00:00:00.0000000Z' },
        { name: 'C-00000291-00000000-00000033.sys', reason: CREATE, time: FIXED },
      ],
    );
    expect(report.installations[0]?.historySummary).toEqual({
      journalFrom: '2024-07-01T00:00:00.0000000Z',
      badFrom: null,
      badUntil: null,
    });
    expect(renderScanImage(report, { width: 400 })).toContain(
      'No trace that the faulty file ever arrived (the change journal goes back to 2024-07-01 00:00:00 UTC).',
    );
  });

  test('a journal that has wrapped says only how far it reaches', async () => {
    const report = await deepScan(
      folder,
      [[33, FIXED]],
      [{ name: 'other.txt', reason: CREATE, time: '2024-08-01T00:00:00.0000000Z' }],
    );
    expect(report.installations[0]?.historySummary).toEqual({
      journalFrom: '2024-08-01T00:00:00.0000000Z',
      badFrom: null,
      badUntil: null,
    });
  });

  test('a file of the same name in another folder is not this history', async () => {
    const report = await scan(
      crashedDisk(folder, {
        channelFiles: [channel(33, FIXED)],
        windowsFiles: {
          '/$Extend/$UsnJrnl': {
            size: 0,
            streams: { $J: journal(5, [{ name: NAME, reason: CREATE, time: '2024-07-19T04:31:00.0000000Z' }]) },
          },
        },
      }).path,
      { mode: 'deep' },
    );
    expect(report.installations[0]?.history).toEqual([]);
  });

  test('an entry left in the slack of the folder index is found without a deep scan', async () => {
    const { path } = crashedDisk(folder, {
      channelFiles: [channel(31, FIXED), channel(32, FAULTY)],
      crowdStrikeEntries: 2,
    });
    const before = await scan(path, { mode: 'quick' });
    expect(before.verdict).toBe('superseded');
    removeFromIndex(path, before.volumes[2]?.offset ?? 0, NAME);
    const report = await scan(path, { mode: 'full' });
    const [installation] = report.installations;
    expect(installation?.files).toContainEqual(
      expect.objectContaining({ class: 'deleted', foundBy: 'index-slack', modified: FAULTY }),
    );
    expect(installation?.historySummary?.badFrom).toBe(FAULTY);
  });
});
