import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type Bytes, crc32, parseGuid, toHex, utf16Bytes } from '@deadbox/core';
import { parseReparsePoint, reparseTagName } from '@deadbox/ntfs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeLznt1 } from '../../support/ntfs/lznt1-encoder.js';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { join } from '../../support/ntfs/sample-data.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

function words(...values: readonly [number, 1 | 2 | 4][]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([value, size]) => Array.from({ length: size }, (_, i) => (value / 256 ** i) & 0xff)),
  );
}

function point(tag: number, data: Uint8Array, guid?: string): Bytes {
  return join(
    words([tag, 4], [data.length, 2], [0, 2]),
    guid === undefined ? new Uint8Array(0) : parseGuid(guid),
    data,
  );
}

/** The data of a junction or symbolic link ([MS-FSCC] 2.1.2.4, 2.1.2.5), print name first as some programs write it. */
function link(substitute: string, print: string, flags?: number): Uint8Array {
  const head = words([print.length * 2 + 2, 2], [substitute.length * 2, 2], [0, 2], [print.length * 2, 2]);
  const names = utf16Bytes(`${print}\0${substitute}\0`);
  return flags === undefined ? join(head, names) : join(head, words([flags, 4]), names);
}

describe('a reparse point', () => {
  test('of a junction names its target', () => {
    const parsed = parseReparsePoint(point(0xa000_0003, link('\\??\\C:\\Users', 'C:\\Users')));
    expect(parsed).toMatchObject({ tag: 0xa000_0003, microsoft: true, nameSurrogate: true });
    expect(parsed.content).toEqual({ kind: 'mount-point', substituteName: '\\??\\C:\\Users', printName: 'C:\\Users' });
  });

  test('of a symbolic link says whether it is relative', () => {
    const relative = parseReparsePoint(point(0xa000_000c, link('..\\a\ud800b', '..\\a', 1)));
    expect(relative.content).toEqual({
      kind: 'symlink',
      substituteName: '..\\a\ud800b',
      printName: '..\\a',
      relative: true,
    });
    expect(parseReparsePoint(point(0xa000_000c, link('\\??\\D:\\x', 'D:\\x', 0))).content).toMatchObject({
      relative: false,
    });
  });

  test('of an app execution alias names the program', () => {
    const strings =
      'Microsoft.WindowsTerminal_8wekyb3d8bbwe\0Microsoft.WindowsTerminal_8wekyb3d8bbwe!App\0C:\\Program Files\\WindowsApps\\wt.exe\u00000\0';
    const parsed = parseReparsePoint(point(0x8000_001b, join(words([3, 4]), utf16Bytes(strings))));
    expect(parsed.content).toEqual({
      kind: 'app-exec-link',
      version: 3,
      packageId: 'Microsoft.WindowsTerminal_8wekyb3d8bbwe',
      entryPoint: 'Microsoft.WindowsTerminal_8wekyb3d8bbwe!App',
      executable: 'C:\\Program Files\\WindowsApps\\wt.exe',
      appType: '0',
    });
  });

  test('of a cloud file gives its elements, plain or compressed, and checks their CRC', () => {
    const body = join(
      words([48, 4], [2, 2], [2, 2], [7, 2], [1, 2], [32, 4], [6, 2], [8, 2], [40, 4]),
      words([1, 4], [0, 4], [0x1234, 4], [1, 4]),
    );
    const block = join(words([0x7052_6546, 4], [crc32(body), 4]), body);
    expect(block.length).toBe(48);
    const plain = point(0x9000_601a, join(words([1, 2], [block.length + 4, 2]), block));
    const packed = point(0x9000_601a, join(words([0x8001, 2], [block.length + 4, 2]), encodeLznt1(block)));
    for (const [value, compressed] of [
      [plain, false],
      [packed, true],
    ] as const) {
      const { content } = parseReparsePoint(value);
      expect(content).toMatchObject({ kind: 'cloud', info: { compressed, crcValid: true } });
      const elements = content.kind === 'cloud' ? (content.info?.elements ?? []) : [];
      expect(elements.map(({ index, type, value: bytes }) => [index, type, toHex(bytes)])).toEqual([
        [0, 7, '01'],
        [1, 6, '3412000001000000'],
      ]);
    }
    plain[plain.length - 1] = 9;
    expect(parseReparsePoint(plain).content).toMatchObject({ info: { crcValid: false } });
  });

  test('of container isolation names layer and file', () => {
    const id = '11223344-5566-7788-99AA-BBCCDDEEFF00';
    const data = join(words([1, 4], [0, 4]), parseGuid(id), words([10, 2]), utf16Bytes('a\\b.c'));
    expect(parseReparsePoint(point(0x8000_0018, data)).content).toEqual({
      kind: 'container-link',
      version: 1,
      layerId: id,
      name: 'a\\b.c',
    });
  });

  test('that is not from Microsoft names its owner', () => {
    const id = 'AABBCCDD-0011-2233-4455-66778899AABB';
    const parsed = parseReparsePoint(point(0x0000_1234, Uint8Array.from([1, 2, 3]), id));
    expect(parsed).toMatchObject({ microsoft: false, guid: id, content: { kind: 'other' } });
    expect(parsed.data).toEqual(Uint8Array.from([1, 2, 3]));
  });

  test('of WOF names the algorithm, and of an unknown one says so', () => {
    const wof = (algorithm: number): Bytes => point(0x8000_0017, words([1, 4], [2, 4], [1, 4], [algorithm, 4]));
    expect(parseReparsePoint(wof(1)).content).toEqual({ kind: 'wof', info: { provider: 'file', algorithm: 'lzx32k' } });
    expect(parseReparsePoint(wof(7))).toMatchObject({
      content: { kind: 'other' },
      problem: expect.stringContaining('algorithm 7'),
    });
    for (const [version, provider] of [
      [2, 2],
      [1, 3],
    ] as const)
      expect(parseReparsePoint(point(0x8000_0017, words([version, 4], [provider, 4], [1, 4], [1, 4])))).toMatchObject({
        content: { kind: 'other' },
        problem: expect.stringContaining(`WOF version ${version} with provider ${provider}`),
      });
  });

  test('with names outside its data keeps the tag and says what is wrong', () => {
    const parsed = parseReparsePoint(point(0xa000_0003, words([0, 2], [600, 2], [0, 2], [0, 2])));
    expect(parsed).toMatchObject({
      tag: 0xa000_0003,
      content: { kind: 'other' },
      problem: expect.stringContaining('outside'),
    });
  });

  test('that is cut off is refused', () => {
    const whole = point(0xa000_0003, link('\\??\\C:\\Users', 'C:\\Users'));
    expect(() => parseReparsePoint(whole.slice(0, 30))).toThrow(
      expect.objectContaining({ code: 'NTFS_REPARSE_POINT_INVALID' }),
    );
    expect(() => parseReparsePoint(whole.slice(0, 7))).toThrow(
      expect.objectContaining({ code: 'NTFS_REPARSE_POINT_INVALID' }),
    );
  });

  test('never ends in anything but an answer or its error, whatever its bytes', () => {
    const tags = fc.constantFrom(
      0xa000_0003,
      0xa000_000c,
      0xa000_001d,
      0x8000_0017,
      0x8000_001b,
      0x8000_0018,
      0x9000_701a,
      0x8000_0013,
      0x1234,
    );
    fc.assert(
      fc.property(tags, fc.uint8Array({ maxLength: 120 }), fc.boolean(), (tag, data, cloud) => {
        if (cloud && data.length > 24) data.set(words([1, 2], [data.length, 2], [0x7052_6546, 4]));
        const value = tag === 0x1234 ? point(tag, data, 'AABBCCDD-0011-2233-4455-66778899AABB') : point(tag, data);
        expect(parseReparsePoint(value).tag).toBe(tag);
      }),
    );
  });

  test('has the name that Windows gives its tag', () => {
    expect([0xa000_000c, 0x8000_0013, 0x9000_601a, 0x9000_001a, 0x1234].map(reparseTagName)).toEqual([
      'SYMLINK',
      'DEDUP',
      'CLOUD_6',
      'CLOUD',
      undefined,
    ]);
  });
});

describeWithTools(
  canMount ? ['mkntfs', 'ntfs-3g', 'getfattr', 'setfattr', '7z'] : ['root with /dev/fuse'],
  'a reparse point',
  () => {
    const image = joinPath(temporaryFolder(), 'volume.img');
    const points: Record<string, Bytes> = {};
    const junction = point(0xa000_0003, link('\\??\\C:\\Folder', 'D:\\Shown'));
    const symlink = point(0xa000_000c, link('..\\target', '..\\shown', 1));
    makeVolume(image, 16 << 20);
    whileMounted(image, 'special_files=wsl', (root) => {
      symlinkSync('../some/ünï/target', `${root}/link`);
      execFileSync('mkfifo', [`${root}/fifo`]);
      execFileSync('mknod', [`${root}/char`, 'c', '4', '5']);
      execFileSync('mknod', [`${root}/block`, 'b', '8', '1']);
      for (const name of ['link', 'fifo', 'char', 'block']) {
        const text = run('getfattr', ['-h', '-e', 'hex', '-n', 'system.ntfs_reparse_data', `${root}/${name}`]);
        points[name] = new Uint8Array(Buffer.from(/=0x([0-9a-f]+)/.exec(text)?.[1] ?? '', 'hex'));
      }
      mkdirSync(`${root}/junction`);
      writeFileSync(`${root}/symlink`, '');
      for (const [name, value] of [
        ['junction', junction],
        ['symlink', symlink],
      ] as const) {
        run('setfattr', ['-h', '-n', 'system.ntfs_reparse_data', '-v', `0x${toHex(value)}`, `${root}/${name}`]);
      }
    });

    test('that ntfs-3g wrote for WSL gives the target and the kind of special file', () => {
      expect(parseReparsePoint(points.link).content).toEqual({ kind: 'wsl-symlink', target: '../some/ünï/target' });
      expect(parseReparsePoint(points.fifo).content).toEqual({ kind: 'wsl-fifo' });
      expect(parseReparsePoint(points.char).content).toEqual({ kind: 'wsl-character-device' });
      expect(parseReparsePoint(points.block).content).toEqual({ kind: 'wsl-block-device' });
    });

    test('has the two names that 7-Zip shows', () => {
      const shown = run('7z', ['l', '-slt', image]).split('\n\n');
      const linkOf = (path: string): string =>
        /^Link = (.*)$/m.exec(shown.find((part) => part.startsWith(`Path = ${path}\n`)) ?? '')?.[1] ?? '';
      for (const [path, value] of [
        ['junction', junction],
        ['symlink', symlink],
      ] as const) {
        const { content } = parseReparsePoint(value);
        if (content.kind !== 'mount-point' && content.kind !== 'symlink') throw new Error(content.kind);
        // 7-Zip writes \\??\\ as \\\\?\\.
        expect(linkOf(path)).toContain(content.substituteName.replace('\\??\\', '\\\\?\\'));
        expect(linkOf(path)).toContain(content.printName);
      }
    });
  },
);
