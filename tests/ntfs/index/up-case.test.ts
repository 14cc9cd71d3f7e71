import { WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { compareNames, NtfsVolume } from '@deadbox/ntfs';
import { asciiUpCase, builtInUpCase, parseUpCase } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';

describe('file-name collation', () => {
  test('sorts as NTFS does: letters before the underscore, the shorter first', () => {
    const sorted = ['!a', '-', '.x', '0', '9', 'a', 'A1', 'aa', 'AB', 'Z', '[', '^', '_', '`', '{', '~'];
    for (let i = 1; i < sorted.length; i += 1)
      expect(compareNames(sorted[i - 1], sorted[i], asciiUpCase), `${sorted[i - 1]} ${sorted[i]}`).toBeLessThan(0);
    expect(compareNames('abc', 'ABC', asciiUpCase)).toBeGreaterThan(0);
    expect(compareNames('ABC', 'ABC', asciiUpCase)).toBe(0);
  });
});

describe('parseUpCase', () => {
  test('refuses a table of another length, or one that maps ASCII otherwise', () => {
    expect(parseUpCase(new Uint8Array(131_070))).toBeUndefined();
    expect(parseUpCase(new Uint8Array(131_072))).toBeUndefined();
  });
});

describeWithCorpus('$UpCase of volumes that Windows and mkntfs formatted', () => {
  const entries = corpusManifest().filter((entry) => entry.file.startsWith('ntfs/') && entry.file.endsWith('.raw.gz'));
  test.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s: no unit maps into ASCII; the table is the built-in one',
    async (_, entry) => {
      const source = await openFile(corpusFile(entry));
      const from = entry.expected.volume_offset ?? (entry.expected.partition_table === undefined ? 0 : 65536);
      const upCase = await (await NtfsVolume.open(new WindowSource(source, from, source.size - from))).upCase();
      await source.close?.();
      const different = Array.from({ length: 65_536 }, (_unused, unit) => unit).filter(
        (unit) => upCase(unit) !== builtInUpCase(unit),
      );
      // Old versions of mkntfs wrote the shorter table of Windows XP.
      if (entry.id !== 'util-linux-ntfs-cyrillic-label') expect(different).toEqual([]);
      for (let unit = 0x80; unit < 65_536; unit += 1)
        if (upCase(unit) < 0x80) throw new Error(`U+${unit.toString(16)} maps into ASCII`);
    },
  );
});
