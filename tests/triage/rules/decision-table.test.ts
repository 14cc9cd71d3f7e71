import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/tools.js';
import { CONTENTS, channel, crashedDisk, judge, patch, scan } from '../../support/triage/decision-disk.js';

// The table of the incident's reference, sections 4.1 and 4.2, written down by hand: times and words are the vendor's,
// not this code's.
const BEFORE = '2024-07-18T10:00:00.0000000Z';
const FAULTY = '2024-07-19T04:30:00.0000000Z';
const FIXED = '2024-07-19T05:27:48.0000000Z';

describe('class of one file by its modification time', () => {
  const folder = temporaryFolder();
  test.each([
    ['2024-07-19T03:53:59.9999999Z', 'pre-incident', 'not-updated', 'none'],
    ['2024-07-19T03:54:00.0000000Z', 'pre-incident', 'not-updated', 'review'],
    ['2024-07-19T04:08:59.9999999Z', 'pre-incident', 'not-updated', 'review'],
    ['2024-07-19T04:09:00.0000000Z', 'faulty-window', 'faulty', 'act'],
    ['2024-07-19T05:26:59.9999999Z', 'faulty-window', 'faulty', 'act'],
    ['2024-07-19T05:27:00.0000000Z', 'reverted-or-newer', 'reverted', 'none'],
    ['2026-01-01T00:00:00.0000000Z', 'reverted-or-newer', 'reverted', 'none'],
  ])('%s is %s', async (modified, fileClass, verdict, severity) => {
    // Created as the sensor does, at the same moment; for times after the window long after it.
    const created = modified < '2024-07-19T05:27' ? modified : '2024-07-19T05:27:00.0000000Z';
    const report = await judge(folder, { channelFiles: [channel(32, modified, 'ok', created)] });
    expect(report.installations[0]?.files).toMatchObject([{ class: fileClass, modified, content: 'ok' }]);
    expect(report).toMatchObject({ verdict, severity });
  });

  test('a restored copy keeps the faulty class and says so', async () => {
    const report = await judge(folder, { channelFiles: [channel(32, FAULTY, 'ok', '2024-07-22T08:00:00.0000000Z')] });
    expect(report).toMatchObject({ verdict: 'faulty', severity: 'act' });
    expect(report.installations[0]?.files[0]?.notes).toContain('copied-or-restored');
  });

  test('modified later but created inside the window is a conflict', async () => {
    const report = await judge(folder, { channelFiles: [channel(32, FIXED, 'ok', FAULTY)] });
    expect(report).toMatchObject({ verdict: 'review', severity: 'review' });
    expect(report.installations[0]?.files[0]?.class).toBe('timestamp-conflict');
  });
});

describe('every content in every class', () => {
  const folder = temporaryFolder();
  const cases: [string, string, string, string, string][] = [];
  for (const content of Object.keys(CONTENTS)) {
    const whole = content === 'ok';
    cases.push(['pre-incident', content, BEFORE, whole ? 'not-updated' : 'damaged', whole ? 'none' : 'review']);
    cases.push([
      'faulty-window',
      content,
      FAULTY,
      whole || content === 'partly-written' ? 'faulty' : 'faulty-damaged',
      'act',
    ]);
    cases.push(['timestamp-conflict', content, FIXED, 'review', 'review']);
    cases.push(['reverted-or-newer', content, FIXED, whole ? 'reverted' : 'damaged', whole ? 'none' : 'review']);
  }
  test.each(cases)('%s, %s', async (fileClass, content, modified, verdict, severity) => {
    const created = fileClass === 'timestamp-conflict' ? FAULTY : modified;
    const report = await judge(folder, { channelFiles: [channel(32, modified, content, created)] });
    expect(report.installations[0]?.files).toMatchObject([{ class: fileClass, content }]);
    expect(report).toMatchObject({ verdict, severity });
  });

  test.each([
    ['pre-incident', BEFORE, BEFORE, 'damaged', 'review'],
    ['faulty-window', FAULTY, FAULTY, 'faulty-damaged', 'act'],
    ['timestamp-conflict', FIXED, FAULTY, 'review', 'review'],
    ['reverted-or-newer', FIXED, FIXED, 'damaged', 'review'],
  ])('%s with clusters outside the volume is unreadable', async (fileClass, modified, created, verdict, severity) => {
    const { path } = crashedDisk(folder, { channelFiles: [channel(32, modified, 'ok', created)] });
    const before = await scan(path, { mode: 'quick' });
    const record = before.installations[0]?.files[0]?.evidence[0]?.offset ?? 0;
    patch(path, record, moveRunsOutside, 1024);
    const report = await scan(path, { mode: 'quick' });
    expect(report.installations[0]?.files).toMatchObject([{ class: fileClass, content: 'unreadable', sha256: null }]);
    expect(report).toMatchObject({ verdict, severity });
  });
});

/**
 * Gives the unnamed $DATA of a file record one run that begins far beyond the volume: head byte (lengths of the two
 * fields), cluster count, three bytes of cluster number. $DATA is type 0x80; the offset of its runs stands at 0x20.
 */
function moveRunsOutside(record: Buffer): void {
  let at = record.readUInt16LE(0x14);
  while (record.readUInt32LE(at) !== 0x80) at += record.readUInt32LE(at + 4);
  const runs = at + record.readUInt16LE(at + 0x20);
  const clusters = record[runs + 1];
  record.set([0x31, clusters, 0xff, 0xff, 0x7f, 0], runs);
}

describe('several files in the folder', () => {
  const folder = temporaryFolder();
  test.each([
    ['faulty and a whole newer one', [channel(32, FAULTY), channel(33, FIXED)], 'superseded', 'none'],
    [
      'faulty and a newer one that was lost in the crash',
      [channel(32, FAULTY), channel(33, FIXED, 'unwritten')],
      'superseded-doubtful',
      'act',
    ],
    [
      'damaged faulty and a lost newer one',
      [channel(32, FAULTY, 'unwritten'), channel(33, FIXED, 'empty')],
      'superseded-doubtful',
      'act',
    ],
    [
      'damaged faulty and a whole newer one',
      [channel(32, FAULTY, 'zero-filled'), channel(33, FIXED)],
      'superseded',
      'none',
    ],
    ['faulty and an older one', [channel(31, BEFORE), channel(32, FAULTY)], 'faulty', 'act'],
    ['one of two faulty ones whole', [channel(32, FAULTY, 'unwritten'), channel(33, FAULTY)], 'faulty', 'act'],
    ['faulty and a conflict', [channel(32, FAULTY), channel(33, FIXED, 'ok', FAULTY)], 'faulty', 'act'],
    ['older and newer', [channel(31, BEFORE), channel(33, FIXED)], 'reverted', 'none'],
    ['older and a conflict', [channel(31, BEFORE), channel(33, FIXED, 'ok', FAULTY)], 'review', 'review'],
    ['whole newer and a conflict', [channel(33, FIXED, 'ok', FAULTY), channel(34, FIXED)], 'reverted', 'none'],
    ['whole older and a lost newer one', [channel(31, BEFORE), channel(33, FIXED, 'unwritten')], 'damaged', 'review'],
    ['none', [], 'cleared', 'none'],
  ])('%s', async (_name, channelFiles, verdict, severity) => {
    const report = await judge(folder, { channelFiles });
    expect(report).toMatchObject({ verdict, severity });
    expect(report.installations[0]?.files).toHaveLength(channelFiles.length);
  });
});

describe('names that are shown and not judged', () => {
  const folder = temporaryFolder();
  const CROWDSTRIKE = '/Windows/System32/drivers/CrowdStrike';
  const faulty = { modified: FAULTY, created: FAULTY, ...CONTENTS.ok };

  test('look-alikes and quarantined files never enter the verdict', async () => {
    const report = await judge(
      folder,
      {
        channelFiles: [channel(33, FIXED)],
        windowsFiles: {
          [`${CROWDSTRIKE}/C-0000291-00000000-00000032.sys`]: faulty,
          [`${CROWDSTRIKE}/C-00000291-00000000-00000032.sys.bak`]: faulty,
          [`${CROWDSTRIKE}/C-000000291-00000000-00000032.sys`]: faulty,
          [`${CROWDSTRIKE}/Quarantine/C-00000291-00000000-00000032.sys`]: faulty,
          '/Windows/System32/drivers/C-00000291-00000000-00000032.sys': faulty,
          '/Windows/System32/drivers/CrowdStrike2/C-00000291-00000000-00000032.sys': faulty,
        },
      },
      { mode: 'full' },
    );
    const [installation] = report.installations;
    expect(installation?.verdict).toBe('reverted');
    expect(installation?.files.map(({ path, class: word }) => [path.slice(CROWDSTRIKE.length + 1), word])).toEqual([
      ['C-00000291-00000000-00000033.sys', 'reverted-or-newer'],
      ['C-000000291-00000000-00000032.sys', 'look-alike'],
      ['C-00000291-00000000-00000032.sys.bak', 'look-alike'],
      ['C-0000291-00000000-00000032.sys', 'look-alike'],
      ['Quarantine/C-00000291-00000000-00000032.sys', 'quarantined'],
    ]);
  });

  test('a deleted faulty file is shown by a deep scan and not judged', async () => {
    const { path } = crashedDisk(folder, { channelFiles: [channel(32, FAULTY), channel(33, FIXED)] });
    const before = await scan(path, { mode: 'quick' });
    const file = before.installations[0]?.files.find((candidate) => candidate.path.endsWith('32.sys'));
    expect(before.verdict).toBe('superseded');
    // What NTFS does to the record of a deleted file: not in use, sequence one higher. Its index entry stays here and
    // is stale.
    patch(
      path,
      file?.evidence[0]?.offset ?? 0,
      (record) => {
        record.writeUInt16LE(record.readUInt16LE(0x16) & ~1, 0x16);
        record.writeUInt16LE(record.readUInt16LE(0x10) + 1, 0x10);
      },
      1024,
    );
    const after = await scan(path, { mode: 'deep' });
    const [installation] = after.installations;
    expect(installation?.verdict).toBe('reverted');
    expect(installation?.files).toContainEqual(
      expect.objectContaining({ class: 'deleted', deleted: true, record: file?.record, foundBy: 'mft' }),
    );
    expect(installation?.historySummary?.badFrom).toBe(FAULTY);
  });
});

describe('proof', () => {
  const folder = temporaryFolder();
  const good = [channel(33, FIXED)];
  const hibernated = new Uint8Array(8192);
  hibernated.set(new TextEncoder().encode('HIBR'));

  test('a hibernated volume makes a reassuring verdict provisional', async () => {
    const report = await judge(folder, {
      channelFiles: good,
      windowsFiles: { '/hiberfil.sys': { content: hibernated } },
    });
    expect(report).toMatchObject({ verdict: 'reverted', severity: 'review', provisional: ['hibernated'] });
  });

  test('a hibernated volume never weakens faulty', async () => {
    const report = await judge(folder, {
      channelFiles: [channel(32, FAULTY)],
      windowsFiles: { '/hiberfil.sys': { content: hibernated } },
    });
    expect(report).toMatchObject({ verdict: 'faulty', severity: 'act', provisional: [] });
  });

  test('a folder whose index is damaged is listed through the MFT, and nothing reassuring is proven', async () => {
    for (const [files, verdict, severity] of [
      [good, 'reverted', 'review'],
      [[channel(32, FAULTY)], 'faulty', 'act'],
    ] as const) {
      const { path } = crashedDisk(folder, { channelFiles: files, crowdStrikeEntries: 400 });
      const before = await scan(path, { mode: 'quick' });
      expect(before.verdict).toBe(verdict);
      damageIndexOf(path, before.volumes[2]?.offset ?? 0);
      const report = await scan(path, { mode: 'quick' });
      expect(report).toMatchObject({
        verdict,
        severity,
        provisional: severity === 'act' ? [] : ['listing-incomplete'],
      });
      expect(report.installations[0]?.files[0]?.foundBy).toBe('mft');
      expect(report.volumes[2]?.issues.map(({ code }) => code)).toContain('ntfs.found-by-mft');
    }
  });
});

/** Destroys every INDX block of the volume's CrowdStrike folder: those that name a channel file. */
function damageIndexOf(path: string, volume: number): void {
  const name = Buffer.from('C-00000', 'utf16le');
  let hit = 0;
  for (let at = volume; at < volume + (600 << 20); at += 1 << 20) {
    patch(
      path,
      at,
      (bytes) => {
        for (let block = 0; block < bytes.length; block += 4096) {
          if (
            bytes.toString('latin1', block, block + 4) !== 'INDX' ||
            !bytes.subarray(block, block + 4096).includes(name)
          )
            continue;
          bytes.write('XXXX', block, 'latin1');
          hit += 1;
        }
      },
      1 << 20,
    );
  }
  expect(hit).toBeGreaterThan(0);
}
