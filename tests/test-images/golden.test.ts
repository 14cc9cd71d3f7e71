import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ImageReport, scanDisk } from 'deadbox';
import { openPath } from 'deadbox/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { testImage, testImageNames, testImagePath } from '../support/test-image.js';

/** Classes of files that a rule shows without judging them. */
const SHOWN_ONLY = ['look-alike', 'deleted', 'quarantined'];

describe.each(testImageNames)('%s', (name) => {
  const golden = testImage(name);
  let report: ImageReport;

  beforeAll(async () => {
    const disk = await openPath(testImagePath(name));
    report = await scanDisk(disk);
    await disk.close();
  });

  test('is the disk that the golden answers are about', () => {
    const bytes = readFileSync(testImagePath(name));
    expect(bytes.length).toBe(golden.size);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(golden.sha256);
  });

  test('has the partition table that mmls, sgdisk and sfdisk list', () => {
    expect(report.disk).toMatchObject({ partitionTable: golden.partitionTable, sectorSize: 512 });
    // sfdisk writes an MBR signature with 0x in front.
    expect(report.disk.diskId?.toLowerCase()).toBe(golden.diskId.replace(/^0x/, ''));
    const places = report.volumes.map(({ number, offset, length }) => ({ number, offset, length }));
    expect(places).toEqual(golden.partitions.map(({ number, offset, length }) => ({ number, offset, length })));
  });

  test('has the verdict that follows from the published facts', () => {
    expect(report).toMatchObject({ verdict: golden.verdict, severity: golden.severity, provisional: [], unjudged: [] });
    expect(
      report.installations.map(({ volume, root, active, verdict }) => ({ volume, root, active, verdict })),
    ).toEqual([{ volume: golden.windowsVolume, root: '/Windows', active: true, verdict: golden.verdict }]);
  });

  test('tells of each channel file what istat and icat tell', () => {
    const judged = report.installations
      .flatMap(({ files }) => files)
      .filter((file) => !SHOWN_ONLY.includes(file.class));
    expect(judged.map((file) => file.path)).toEqual(golden.files.map((file) => file.path));
    for (const [i, file] of golden.files.entries()) {
      const { standardInformation: own, fileName, ...facts } = file;
      expect(judged[i]).toMatchObject({
        ...facts,
        ...own,
        nameCreated: fileName.created,
        nameModified: fileName.modified,
        nameChanged: fileName.changed,
        nameAccessed: fileName.accessed,
        foundBy: 'index',
        deleted: false,
      });
    }
  });

  test('judges no look-alike', () => {
    const others = report.installations.flatMap(({ files }) => files).filter((file) => SHOWN_ONLY.includes(file.class));
    expect(others.every((file) => !golden.files.some((judged) => judged.path === file.path))).toBe(true);
    expect(others.map((file) => file.path.slice(golden.folder.path.length + 1))).toContain('C-00000291-backup.txt');
  });
});
