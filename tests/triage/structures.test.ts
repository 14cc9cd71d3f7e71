import { readFileSync } from 'node:fs';
import { describeStructure, STRUCTURE_KINDS } from 'deadbox';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';

const golden = testImage('gpt-faulty');
const disk = new Uint8Array(readFileSync(testImagePath('gpt-faulty')));
const volume = golden.partitions[golden.windowsVolume - 1];

/** The value of a field by its name. */
const value = (kind: Parameters<typeof describeStructure>[0], base: number, name: string): unknown =>
  describeStructure(kind, disk, base).find((field) => field.name === name)?.value;

describe('the fields of a structure', () => {
  test.each(STRUCTURE_KINDS.filter((kind) => kind !== 'data-runs'))(
    '%s: all have a place, a meaning and a source',
    (kind) => {
      const fields = describeStructure(kind, new Uint8Array(4096));
      expect(fields.length).toBeGreaterThan(2);
      for (const { name, offset, length, meaning, source } of fields) {
        expect(name).not.toBe('');
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(length).toBeGreaterThanOrEqual(0);
        expect(meaning.length).toBeGreaterThan(1);
        expect(source.length).toBeGreaterThan(2);
      }
    },
  );

  test.each(STRUCTURE_KINDS)('%s: of no bytes at all is told without an error', (kind) => {
    expect(() => describeStructure(kind, new Uint8Array(0))).not.toThrow();
  });

  test('the GPT header and its entries say what sgdisk and the recipe say', () => {
    expect(value('gpt-header', 512, 'diskId')).toBe(golden.diskId.toUpperCase());
    const names = golden.partitions.map((_, i) => value('gpt-entry', 1024 + 128 * i, 'id'));
    expect(names).toEqual(golden.partitions.map(({ partitionId }) => partitionId?.toUpperCase()));
  });

  test('a file record leads to the name, the times and the runs of the faulty file', () => {
    const file = golden.files.find((one) => one.class === 'faulty-window');
    const boot = new DataView(disk.buffer, volume.offset);
    const cluster = boot.getUint16(11, true) * boot.getUint8(13);
    const record = volume.offset + Number(boot.getBigUint64(0x30, true)) * cluster + (file?.record ?? 0) * 1024;
    expect(value('ntfs-boot-sector', volume.offset, 'mftLcn')).toBe(Number(boot.getBigUint64(0x30, true)));
    expect(value('file-record', record, 'sequence')).toBe(file?.sequence);
    const view = new DataView(disk.buffer);
    const found: Record<number, number> = {};
    for (let at = record + view.getUint16(record + 0x14, true); view.getUint32(at, true) !== 0xffffffff; ) {
      found[view.getUint32(at, true)] ??= at;
      at += view.getUint32(at + 4, true);
    }
    const times = found[0x10] + view.getUint16(found[0x10] + 0x14, true);
    expect(value('standard-information', times, 'modified')).toBe(file?.standardInformation.modified);
    const runs = found[0x80] + view.getUint16(found[0x80] + 0x20, true);
    const list = describeStructure('data-runs', disk.slice(runs, runs + 16));
    expect(list.length).toBeGreaterThan(0);
    expect(list[0].value).toMatchObject({ vcn: 0 });
  });
});
