import { type Bytes, MemorySource, utf16Bytes, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { compareNames, HOLE, NtfsVolume, parseBootSector, parseFileName, storedOffset } from '@deadbox/ntfs';
import {
  applyFixups,
  asciiUpCase,
  builtInUpCase,
  FIXUP_OK,
  judgeHibernation,
  judgeLog,
  NtfsStream,
  parseAttributeList,
  parseDataRuns,
  parseStandardInformation,
  parseUpCase,
} from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const bytesOf = (hex: string): Bytes => Uint8Array.from(hex.trim().split(/\s+/), (pair) => Number.parseInt(pair, 16));

describe('parseBootSector', () => {
  const boot = (edit: (view: DataView) => void): Bytes => {
    const bytes = windowsVolume().slice(0, 512);
    edit(viewOf(bytes));
    return bytes;
  };
  // Codes that mkntfs writes for these sizes.
  test.each([
    [512, 0x80, 65_536],
    [512, 0xf8, 131_072],
    [512, 0xf5, 1 << 20],
    [512, 0xf4, 2 << 20],
    [4096, 0xf7, 2 << 20],
    [512, 1, 512],
  ])('reads sectors of %i with code %i as clusters of %i bytes', (sector, code, cluster) => {
    const geometry = parseBootSector(
      boot((view) => {
        view.setUint16(0x0b, sector, true);
        view.setUint8(0x0d, code);
        view.setBigUint64(0x28, 1n << 30n, true);
        view.setInt8(0x40, sector === 4096 ? -12 : -10);
        view.setInt8(0x44, -12);
      }),
    );
    expect(geometry.clusterSize).toBe(cluster);
  });

  test.each([
    [0xf6, 1024],
    [0xf4, 4096],
    [1, 4096],
    [2, 8192],
  ])('reads record size code %i as %i bytes on clusters of 4096', (code, size) => {
    expect(parseBootSector(boot((view) => view.setUint8(0x40, code))).recordSize).toBe(size);
  });

  test.each([
    ['code 0xDF', 0x0d, 0xdf],
    ['3 sectors', 0x0d, 3],
    ['clusters of 4 MiB', 0x0d, 0xf3],
    ['record size code 0x80', 0x40, 0x80],
    ['records of 2^31 bytes', 0x40, 0xe1],
    ['records of 127 clusters', 0x40, 0x7f],
  ])('refuses %s', (_, at, value) => {
    expect(() => parseBootSector(boot((view) => view.setUint8(at, value)))).toThrow(
      expect.objectContaining({ code: 'NTFS_BOOT_SECTOR_INVALID', at: expect.objectContaining({ offset: at }) }),
    );
  });

  test('leaves an impossible index block size alone: each index carries its own', () => {
    expect(parseBootSector(boot((view) => view.setUint8(0x44, 0))).indexBlockSize).toBe(0);
  });

  test('names another file system', () => {
    for (const [text, found] of [
      ['EXFAT   ', 'an exFAT volume'],
      ['ReFS\0\0\0\0', 'a ReFS volume'],
      ['-FVE-FS-', 'a BitLocker volume'],
    ] as const) {
      const bytes = boot(() => undefined);
      bytes.set(new TextEncoder().encode(text), 3);
      expect(() => parseBootSector(bytes)).toThrow(expect.objectContaining({ code: 'NTFS_NOT_NTFS', data: { found } }));
    }
  });
});

describe('parseDataRuns', () => {
  const bounds = { firstVcn: 0, totalClusters: 2 ** 32 };

  // The worked examples of the Linux-NTFS project's documentation ("Data runs").
  test.each([
    ['a run in one piece', '21 18 34 56 00', [[0x5634, 0x18]]],
    [
      'runs before and behind one another',
      '31 38 73 25 34 32 14 01 E5 11 02 31 42 AA 00 03 00',
      [
        [0x342573, 0x38],
        [0x363758, 0x114],
        [0x393802, 0x42],
      ],
    ],
    [
      'a scrambled file',
      '11 30 60 21 10 00 01 11 20 E0 00',
      [
        [0x60, 0x30],
        [0x160, 0x10],
        [0x140, 0x20],
      ],
    ],
    [
      'a hole',
      '11 30 20 01 60 11 10 30 00',
      [
        [0x20, 0x30],
        [HOLE, 0x60],
        [0x50, 0x10],
      ],
    ],
    [
      'compressed units',
      '11 08 40 01 08 11 10 08 11 0C 10 01 04 00',
      [
        [0x40, 0x08],
        [HOLE, 0x08],
        [0x48, 0x10],
        [0x58, 0x0c],
        [HOLE, 0x04],
      ],
    ],
  ])('reads %s', (_, hex, expected) => {
    const { runs, problem } = parseDataRuns(bytesOf(hex), bounds);
    expect(problem).toBeUndefined();
    expect(runs.map((run) => [run.lcn, run.length])).toEqual(expected);
  });

  test('takes an explicit LCN 0 for data: $Boot lies there', () => {
    expect(parseDataRuns(bytesOf('11 02 00 00'), bounds).runs).toEqual([{ vcn: 0, lcn: 0, length: 2 }]);
  });

  test('takes LCN -1 for a hole only before NTFS 3.0', () => {
    expect(parseDataRuns(bytesOf('11 02 FF 00'), { ...bounds, minusOneIsHole: true }).runs).toEqual([
      { vcn: 0, lcn: HOLE, length: 2 },
    ]);
    expect(parseDataRuns(bytesOf('11 02 FF 00'), bounds).problem).toEqual({ offset: 0, reason: 'lcn' });
  });

  test('ends at the end of the attribute when no zero byte does', () => {
    expect(parseDataRuns(bytesOf('11 02 05'), bounds)).toEqual({ runs: [{ vcn: 0, lcn: 5, length: 2 }], nextVcn: 2 });
  });

  test('reads eight-byte lengths, and refuses those that a number cannot hold', () => {
    expect(parseDataRuns(bytesOf('08 00 00 00 00 01 00 00 00 00'), bounds).runs).toEqual([
      { vcn: 0, lcn: HOLE, length: 2 ** 32 },
    ]);
    expect(parseDataRuns(bytesOf('08 FF FF FF FF FF FF FF FF 00'), bounds).problem?.reason).toBe('length');
  });

  test('says when the clusters are not as many as the attribute claims', () => {
    expect(parseDataRuns(bytesOf('11 02 05 00'), { ...bounds, lastVcn: 5 }).problem?.reason).toBe('vcn-count');
  });
});

describe('NtfsStream', () => {
  const disk = Uint8Array.from({ length: 64 }, (_, i) => i);
  const stream = new NtfsStream({
    source: new MemorySource(disk),
    clusterSize: 8,
    runs: [
      { vcn: 0, lcn: 4, length: 2 },
      { vcn: 2, lcn: HOLE, length: 1 },
      { vcn: 3, lcn: 1, length: 2 },
    ],
    size: 38,
    initializedSize: 30,
    name: 'test',
  });

  test('joins runs, and reads holes and everything past the valid data length as zeros, whatever the clusters hold', async () => {
    const expected = [...disk.subarray(32, 48), ...new Uint8Array(8), ...disk.subarray(8, 14), ...new Uint8Array(8)];
    expect([...(await stream.read(0, 38))]).toEqual(expected);
    for (let from = 0; from < 38; from += 1)
      expect([...(await stream.read(from, 38 - from))]).toEqual(expected.slice(from));
  });

  test('tells where its bytes lie, sorted and without gaps', async () => {
    const found = [];
    for await (const batch of stream.extents(3, 38))
      for (const { offset, length, kind, origin } of batch) found.push([offset, length, kind, origin?.offset]);
    expect(found).toEqual([
      [3, 13, 'data', 35],
      [16, 8, 'zero', undefined],
      [24, 6, 'data', 8],
      [30, 8, 'zero', undefined],
    ]);
  });

  test('refuses reads outside', () => {
    expect(() => stream.read(30, 9)).toThrow(expect.objectContaining({ code: 'READ_OUT_OF_RANGE' }));
  });
});

describe('fixups', () => {
  test('have a stride of 512 bytes also in records of 4096 (4Kn disks)', () => {
    const record = new Uint8Array(4096);
    const view = viewOf(record);
    view.setUint16(4, 0x30, true);
    view.setUint16(6, 9, true);
    view.setUint16(0x30, 0xbeef, true);
    for (let i = 1; i <= 8; i += 1) {
      view.setUint16(0x30 + i * 2, i, true);
      view.setUint16(i * 512 - 2, 0xbeef, true);
    }
    expect(applyFixups(record, 0, 4096)).toBe(FIXUP_OK);
    expect(Array.from({ length: 8 }, (_, i) => view.getUint16((i + 1) * 512 - 2, true))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  test('map the last two bytes of a stride into the array', () => {
    expect([0x1fd, 0x1fe, 0x1ff, 0x200, 0x3fe].map((offset) => storedOffset(offset, 0x30))).toEqual([
      0x1fd, 0x32, 0x33, 0x200, 0x34,
    ]);
  });
});

describe('names', () => {
  test('sort as NTFS sorts them: letters before the underscore, the shorter first', () => {
    const sorted = ['!a', '-', '.x', '0', '9', 'a', 'A1', 'aa', 'AB', 'Z', '[', '^', '_', '`', '{', '~'];
    for (let i = 1; i < sorted.length; i += 1)
      expect(compareNames(sorted[i - 1], sorted[i], asciiUpCase), `${sorted[i - 1]} ${sorted[i]}`).toBeLessThan(0);
    expect(compareNames('abc', 'ABC', asciiUpCase)).toBeGreaterThan(0);
    expect(compareNames('ABC', 'ABC', asciiUpCase)).toBe(0);
  });

  test('keep unpaired surrogates', () => {
    const value = new Uint8Array(0x42 + 6);
    value[0x40] = 3;
    value.set(utf16Bytes('a\ud800b'), 0x42);
    expect(parseFileName(value)?.name).toBe('a\ud800b');
  });

  test('of length 0, past the value, or in an unknown name space are none', () => {
    const value = new Uint8Array(0x42 + 4);
    expect(parseFileName(value)).toBeUndefined();
    value[0x40] = 3;
    expect(parseFileName(value)).toBeUndefined();
    value[0x40] = 2;
    value[0x41] = 4;
    expect(parseFileName(value)).toBeUndefined();
  });
});

describe('parseStandardInformation', () => {
  test('reads the long form and the short one', () => {
    const value = new Uint8Array(72);
    const view = viewOf(value);
    view.setBigUint64(8, 133_657_853_750_000_001n, true);
    view.setUint32(0x28, 1, true);
    view.setUint32(0x34, 0x104, true);
    view.setBigUint64(0x40, 0xffff_ffff_ffffn, true);
    expect(parseStandardInformation(value)).toMatchObject({
      modified: 133_657_853_750_000_001n,
      caseSensitive: true,
      securityId: 0x104,
      usn: 0xffff_ffff_ffffn,
    });
    expect(parseStandardInformation(value.slice(0, 48))).not.toHaveProperty('securityId');
    expect(parseStandardInformation(value.slice(0, 47))).toBeUndefined();
  });
});

describe('parseAttributeList', () => {
  const entry = (length: number, type = 0x80): Bytes => {
    const bytes = new Uint8Array(32);
    viewOf(bytes).setUint32(0, type, true);
    viewOf(bytes).setUint16(4, length, true);
    bytes[7] = 0x1a;
    return bytes;
  };
  test.each([0, 8, 25, 0xfff8])('an entry of length %i ends the list with the place', (length) => {
    const bytes = new Uint8Array([...entry(32), ...entry(length)]);
    expect(parseAttributeList(bytes)).toMatchObject({ entries: [{ type: 0x80 }], damagedAt: 32 });
  });

  test('a name past its entry is damage', () => {
    const bytes = entry(32);
    bytes[6] = 200;
    expect(parseAttributeList(bytes)).toEqual({ entries: [], damagedAt: 0 });
  });
});

describe('judgeLog', () => {
  /** A restart page, with fixups, as ntfs-3g logfile.h lays it out. */
  const page = (options: { magic?: string; major?: number; inUse?: number; flags?: number; lsn?: bigint }): Bytes => {
    const bytes = new Uint8Array(4096);
    const view = viewOf(bytes);
    bytes.set(new TextEncoder().encode(options.magic ?? 'RSTR'));
    view.setUint16(4, 0x1e, true);
    view.setUint16(6, 9, true);
    view.setUint32(0x10, 4096, true);
    view.setUint32(0x14, 4096, true);
    view.setUint16(0x18, 0x30, true);
    view.setUint16(0x1a, options.major === 2 ? 0 : 1, true);
    view.setUint16(0x1c, options.major ?? 1, true);
    view.setBigUint64(0x30, options.lsn ?? 100n, true);
    view.setUint16(0x3c, options.inUse ?? 0, true);
    view.setUint16(0x3e, options.flags ?? 0, true);
    view.setUint16(0x1e, 0x55, true);
    for (let i = 1; i <= 8; i += 1) {
      view.setUint16(0x1e + i * 2, view.getUint16(i * 512 - 2, true), true);
      view.setUint16(i * 512 - 2, 0x55, true);
    }
    return bytes;
  };
  const empty = new Uint8Array(4096).fill(0xff);

  test.each([
    ['two pages of FF are an empty log', [empty, empty], { log: 'clean' }],
    ['a client in use and no clean flag: dirty', [page({}), page({ lsn: 90n })], { log: 'dirty', logVersion: '1.1' }],
    [
      'Windows 8 and later while mounted: 2.0',
      [page({ major: 2 }), page({ major: 2 })],
      { log: 'dirty', logVersion: '2.0' },
    ],
    ['the clean flag', [page({ flags: 2 }), empty], { log: 'clean', logVersion: '1.1' }],
    ['no client in use', [page({ inUse: 0xffff }), empty], { log: 'clean' }],
    ['written by chkdsk', [page({ magic: 'CHKD' }), empty], { log: 'clean' }],
    ['the newer page counts: dirty after clean', [page({ flags: 2, lsn: 5n }), page({ lsn: 6n })], { log: 'dirty' }],
    ['the newer page counts: clean after dirty', [page({ flags: 2, lsn: 7n }), page({ lsn: 6n })], { log: 'clean' }],
    ['only garbage', [new Uint8Array(4096), new Uint8Array(4096)], { log: 'unreadable' }],
  ])('%s', (_, pages, expected) => {
    expect(judgeLog(pages)).toMatchObject(expected);
  });

  test('a torn page does not count', () => {
    const torn = page({ lsn: 999n });
    torn[1023] ^= 1;
    expect(judgeLog([torn, page({ flags: 2 })])).toMatchObject({ log: 'clean' });
    expect(judgeLog([torn, torn])).toEqual({ log: 'unreadable' });
  });
});

describe('judgeHibernation', () => {
  const head = (text: string): Bytes => {
    const bytes = new Uint8Array(4096);
    bytes.set(new TextEncoder().encode(text));
    return bytes;
  };
  test.each([
    ['hibr', 'hibernated'],
    ['HIBR', 'hibernated'],
    ['wake', 'resumed'],
    ['WAKE', 'resumed'],
    ['RSTR', 'restoring'],
    ['link', 'elsewhere'],
    ['', 'none'],
    ['what', 'unknown'],
  ])('"%s" is %s', (text, state) => {
    expect(judgeHibernation(head(text))).toBe(state);
  });
  test('a file shorter than a page: the image is elsewhere', () => {
    expect(judgeHibernation(new Uint8Array(100))).toBe('elsewhere');
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
