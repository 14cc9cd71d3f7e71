import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deadbox } from '../../support/cli.js';
import { testImage, testImagePath } from '../../support/test-image.js';
import { scan } from '../../support/triage/decision-disk.js';

// The offsets are checked against the raw bytes of disks that ntfs-3g and a hive writer of other people's making wrote.
describe.each(['gpt-faulty', 'mbr-faulty'])('scan --explain of %s', (name) => {
  const image = testImagePath(name);
  const disk = readFileSync(image);
  const golden = testImage(name);

  test('leads from the partition table to the run list, each structure where it says', async () => {
    const report = await scan(image, { mode: 'full', explain: true });
    const [file] = report.installations[0].files;
    const steps = file.steps ?? [];
    const parts = file.path.split('/').slice(1);
    for (const { what, offset, length, bytes } of steps) {
      const there = disk.subarray(offset, offset + Math.min(length, 64));
      expect(there.toString('hex'), what).toBe(bytes);
      const record = /^file record (\d+)/.exec(what);
      if (record !== null) {
        expect(there.toString('latin1', 0, 4)).toBe('FILE');
        expect(disk.readUInt32LE(offset + 0x2c)).toBe(Number(record[1]));
      }
      const entry = /^index entry of (.*) in \$INDEX/.exec(what);
      if (entry !== null) {
        const units = disk[offset + 0x50];
        expect(units).toBe(entry[1].length);
        const wanted = Buffer.from(entry[1], 'utf16le');
        // The last two bytes of each sector hold the update sequence number on the disk.
        const stored = [...wanted.keys()].filter((i) => (offset + 0x52 + i) % 512 < 510);
        expect(stored.map((i) => disk[offset + 0x52 + i])).toEqual(stored.map((i) => wanted[i]));
        expect(disk.readUInt16LE(offset + 8)).toBe(length);
      }
      if (what === 'start of the volume') expect(there.toString('latin1', 3, 11)).toBe('NTFS    ');
      if (what.startsWith('$DATA')) expect(there.readUInt32LE(0)).toBe(0x80);
    }
    const partition = golden.partitions[golden.windowsVolume - 1];
    const entry = steps.find(({ what }) => what === 'partition entry');
    expect(disk.readUInt32LE((entry?.offset ?? 0) + (golden.partitionTable === 'gpt' ? 32 : 8)) * 512).toBe(
      partition?.offset,
    );
    expect(steps.filter(({ what }) => what.startsWith('index entry')).map(({ what }) => what.split(' ')[3])).toEqual(
      parts,
    );
    expect(steps.filter(({ what }) => what.startsWith('file record'))).toHaveLength(parts.length + 2);
    expect(steps.at(-1)?.what).toMatch(/^\$DATA attribute/);
  });

  test('says where each registry value lies in its hive and on the disk', async () => {
    const report = await scan(image, { mode: 'full', explain: true });
    const sources = report.installations[0].registrySources ?? [];
    expect(sources.length).toBeGreaterThan(10);
    for (const { value, offset } of sources) {
      // A cell: its size, then a value record with the length of its name (https://github.com/msuhanov/regf).
      const at = offset ?? -1;
      expect(disk.toString('latin1', at + 4, at + 6)).toBe('vk');
      const length = disk.readUInt16LE(at + 6);
      expect(length === 0 ? '' : disk.toString('latin1', at + 24, at + 24 + length)).toBe(value);
    }
    expect(sources.map(({ value }) => value)).toContain('ComputerName');
  });

  test('is left out unless it is asked for', async () => {
    const [installation] = (await scan(image, { mode: 'full' })).installations;
    expect(installation.registrySources).toBeUndefined();
    expect(installation.files[0].steps).toBeUndefined();
    expect(deadbox(['scan', image]).stdout).not.toContain('index entry of');
  });

  test('shows it as text', () => {
    const { stdout } = deadbox(['scan', '--explain', image]);
    for (const what of [
      'partition entry',
      'file record 0: $MFT',
      'index entry of System32',
      'Control\\ComputerName\\ComputerName',
      'boot store',
    ])
      expect(stdout).toContain(what);
  });
});
