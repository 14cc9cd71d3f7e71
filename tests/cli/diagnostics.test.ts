import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isDeadboxError } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { blankContents, unitLength } from '../../packages/cli/src/diagnostics/ntfs-units.js';
import { Ranges } from '../../packages/cli/src/diagnostics/ranges.js';
import { readDiagnostics } from '../../packages/cli/src/diagnostics/read-diagnostics.node.js';
import { runInProcess } from '../support/cli-in-process.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const DISKS = ['gpt-faulty', 'gpt-zero-filled', 'mbr-superseded'];

async function scanned(disk: string, ...more: string[]): Promise<any> {
  const out = join(folder, 'report.json');
  const ran = await runInProcess(['scan', '--json', '-o', out, disk, ...more]);
  expect(ran.error, ran.said).toBeUndefined();
  const { images, summary } = JSON.parse(readFileSync(out, 'utf8'));
  return { code: ran.code, said: ran.said, summary, images: images.map(({ cost: _, ...image }: any) => image) };
}

/** The parts of a recording. */
function partsOf(path: string): { head: any; lines: any[] } {
  const bytes = readFileSync(path);
  const end = bytes.indexOf(10) + 1;
  const lines = gunzipSync(bytes.subarray(end)).toString().trimEnd().split('\n');
  return { head: JSON.parse(bytes.subarray(0, end).toString()), lines: lines.map((line) => JSON.parse(line)) };
}

function fileOf(head: object | string, lines: readonly (object | string)[] | Uint8Array): string {
  const path = join(folder, `hostile-${readdirSync(folder).length}.diag`);
  const text = (line: object | string): string => (typeof line === 'string' ? line : JSON.stringify(line));
  const body = lines instanceof Uint8Array ? lines : gzipSync(lines.map((line) => `${text(line)}\n`).join(''));
  writeFileSync(path, Buffer.concat([Buffer.from(`${text(head)}\n`), body]));
  return path;
}

describe('a recording', () => {
  test.each(DISKS)('of %s with contents gives the same report', async (name) => {
    const image = testImagePath(name);
    const recording = join(folder, `${name}.diag`);
    const first = await scanned(image, '--diagnostics', recording, '--diagnostics-contents');
    const again = await scanned(recording);
    expect(again.said).toContain('is a recording of');
    expect(again.images).toEqual(first.images);
    expect(again.summary).toEqual(first.summary);
    expect(again.code).toBe(first.code);
  });

  describeWithTools(['qemu-img'], 'of images that others make', () => {
    test.each(['vhdx', 'qcow2', 'vmdk'])('%s and of its child gives the same reports', async (format) => {
      const base = join(folder, `base.${format}`);
      const child = join(folder, `child-of-${format}.qcow2`);
      run('qemu-img', ['convert', '-O', format, testImagePath('gpt-faulty'), base]);
      run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', format, '-b', base, child]);
      for (const image of [base, child]) {
        const first = await scanned(image, '--diagnostics', `${image}.diag`, '--diagnostics-contents');
        expect(first.images[0].verdict).toBe('faulty');
        expect((await scanned(`${image}.diag`)).images).toEqual(first.images);
        const structures = `${image}.structures.diag`;
        await scanned(image, '--diagnostics', structures);
        expect((await scanned(structures)).images[0].volumes.map(({ fileSystem }: any) => fileSystem)).toEqual(
          first.images[0].volumes.map(({ fileSystem }: any) => fileSystem),
        );
      }
    });
  });

  test('without contents has records and indexes, no content, and lists what it lacks', async () => {
    const image = testImagePath('gpt-faulty');
    const recording = join(folder, 'structures.diag');
    const first = await scanned(image, '--diagnostics', recording);
    const { head, lines } = partsOf(recording);
    expect(head).toMatchObject({ schema: 'deadbox.diagnostics/1', image, contents: false });
    const kept = Buffer.concat(
      lines.filter(({ type }) => type === 'bytes').map(({ data }) => Buffer.from(data, 'base64')),
    );
    const leftOut = lines.filter(({ type }) => type === 'left-out');
    expect(leftOut.length).toBeGreaterThan(0);
    expect(kept.includes('FILE')).toBe(true);
    expect(kept.includes('INDX')).toBe(true);
    // A hive's first bytes, and what the host calls itself in it.
    expect(kept.includes('regf')).toBe(false);
    expect(kept.includes(Buffer.from('SERVER-07', 'utf16le'))).toBe(false);
    // The look-alike's 20 bytes lie in its record.
    const resident = join(folder, 'resident.bin');
    await runInProcess(['cat', image, '/Windows/System32/drivers/CrowdStrike/C-00000291-backup.txt', '-o', resident]);
    expect(readFileSync(resident)).toHaveLength(20);
    expect(readFileSync(image).includes(readFileSync(resident))).toBe(true);
    expect(kept.includes(readFileSync(resident))).toBe(false);
    expect(kept.includes('not recorded ')).toBe(true);
    const again = await scanned(recording);
    expect(again.said).toContain('without contents of files');
    expect(again.images[0].volumes.map((volume: any) => volume.fileSystem)).toEqual(
      first.images[0].volumes.map((volume: any) => volume.fileSystem),
    );
    // What is missing is never taken for well.
    expect(again.code).not.toBe(0);
  });

  test('reads what it has, and says of the rest that it is not recorded', async () => {
    const path = fileOf(HEAD, [
      { type: 'source', name: 'a.img', size: 4096 },
      { type: 'bytes', source: 0, offset: 512, length: 3, data: 'YWJj' },
      { type: 'bytes', source: 0, offset: 515, length: 1, data: 'ZA==' },
      { type: 'unreadable', source: 0, offset: 1024, length: 512 },
      { type: 'end', sources: 1, bytes: 4 },
    ]);
    const file = (await readDiagnostics(path)).file('a.img');
    expect(Buffer.from(file.read(512, 4)).toString()).toBe('abcd');
    expect(Buffer.from(file.read(513, 2)).toString()).toBe('bc');
    for (const [offset, length] of [
      [511, 2],
      [515, 2],
      [0, 1],
    ])
      expect(() => file.read(offset, length)).toThrowError(/not in the recording/);
    expect(() => file.read(1024, 16)).toThrowError(/the medium refused/);
    expect(() => file.read(4095, 2)).toThrowError(expect.objectContaining({ code: 'READ_OUT_OF_RANGE' }));
  });

  test('is refused where it would mislead', async () => {
    const image = testImagePath('gpt-faulty');
    const out = join(folder, 'x.diag');
    for (const argv of [
      ['scan', image, '--diagnostics', join(folder, 'x.bin')],
      ['scan', image, testImagePath('mbr-faulty'), '--diagnostics', out],
      ['scan', image, '--diagnostics-contents'],
      ['scan', image, '--diagnostics', out, '--journal', join(folder, 'run.ndjson')],
      ['fix', join(folder, 'gpt-faulty.diag')],
    ])
      expect((await runInProcess(argv)).error, argv.join(' ')).toMatchObject({ code: 'DIAGNOSTICS_REFUSED' });
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

const HEAD = { schema: 'deadbox.diagnostics/1', version: '1', made: '2026', image: 'a.img', contents: true };
const SOURCE = { type: 'source', name: 'a.img', size: 1024 };
const END = { type: 'end', sources: 1, bytes: 0 };

describe('a recording from anybody', () => {
  test.each<[string, object | string, readonly (object | string)[] | Uint8Array, RegExp]>([
    ['of another form', { ...HEAD, schema: 'deadbox.diagnostics/2' }, [], /line 1: its form/],
    ['without an image', { ...HEAD, image: 3 }, [], /line 1: image/],
    ['cut off', HEAD, [SOURCE], /before its end/],
    ['with nothing behind its first line', HEAD, new Uint8Array(0), /line 1/],
    ['that is not packed', HEAD, Buffer.from('{"type":"end"}\n'), /line 1: what follows/],
    ['with bytes of no file', HEAD, [{ type: 'bytes', source: 0, offset: 0, length: 1, data: 'YQ==' }], /line 2/],
    [
      'with bytes behind the end',
      HEAD,
      [SOURCE, { type: 'bytes', source: 0, offset: 1024, length: 1, data: 'YQ==' }],
      /line 3/,
    ],
    ['with another length', HEAD, [SOURCE, { type: 'bytes', source: 0, offset: 0, length: 9, data: 'YQ==' }], /line 3/],
    ['with a negative offset', HEAD, [SOURCE, { type: 'left-out', source: 0, offset: -1, length: 1 }], /line 3/],
    ['with a size that is none', HEAD, [{ ...SOURCE, size: 1e300 }], /line 2/],
    ['that is no JSON', HEAD, ['nonsense'], /line 2: it is no JSON/],
    ['with a list for a line', HEAD, ['[]'], /line 2/],
    ['that nests lists', HEAD, ['{"type":[[]]}'], /line 2: it is no JSON/],
    ['with more names than a folder shows', HEAD, [{ type: 'listing', names: Array(70_000).fill('a') }], /line 2/],
    [
      'with two lists of the folder',
      HEAD,
      [1, 2].map(() => ({ type: 'listing', names: [] })),
      /line 3: .*listed twice/,
    ],
    ['of an unknown kind', HEAD, [{ type: 'poem' }], /line 2: it is of no known kind/],
    ['that goes on', HEAD, [SOURCE, END, SOURCE], /line 4: it goes on/],
    ['with a line without end', HEAD, gzipSync(Buffer.alloc(4 << 20, 0x20)), /line 2/],
    [
      'with bytes twice',
      HEAD,
      [
        SOURCE,
        { type: 'bytes', source: 0, offset: 0, length: 2, data: 'YWI=' },
        { type: 'bytes', source: 0, offset: 1, length: 1, data: 'YQ==' },
        { ...END, bytes: 3 },
      ],
      /twice/,
    ],
  ])('%s is refused with its line', async (_, head, lines, message) => {
    const path = fileOf(head, lines);
    const failure = await readDiagnostics(path).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isDeadboxError(failure, 'DIAGNOSTICS_DAMAGED'), String(failure)).toBe(true);
    expect(String(failure)).toMatch(message);
  });

  test('keeps pieces of a few bytes in one buffer, and gives them back', async () => {
    const pieces = Array.from({ length: 300 }, (_, i) => ({ offset: i * 3, data: Buffer.from([i, 255 - i]) }));
    const lines = pieces.map(({ offset, data }) => {
      return { type: 'bytes', source: 0, offset, length: 2, data: data.toString('base64') };
    });
    const file = (await readDiagnostics(fileOf(HEAD, [SOURCE, ...lines, { ...END, bytes: 600 }]))).file('a.img');
    const read = pieces.map(({ offset }) => file.read(offset, 2) as Uint8Array);
    expect(read.map((bytes) => Buffer.from(bytes))).toEqual(pieces.map(({ data }) => data));
  });
});

test('ranges merge, and are cut out of one another', () => {
  const ranges = new Ranges();
  for (const [from, to] of [
    [10, 20],
    [0, 5],
    [5, 7],
    [15, 30],
    [40, 40],
  ])
    ranges.add(from, to);
  expect(ranges.list).toEqual([
    { from: 0, to: 7 },
    { from: 10, to: 30 },
  ]);
  expect(ranges.within(6, 12)).toEqual([
    { from: 6, to: 7 },
    { from: 10, to: 12 },
  ]);
  const cut = new Ranges();
  cut.add(3, 12);
  expect(ranges.without(cut).list).toEqual([
    { from: 0, to: 3 },
    { from: 12, to: 30 },
  ]);
});

test('contents in a file record are overwritten, across the end of a sector too', () => {
  // A record as NTFS lays it out: 3 fixups at 0x30, a $DATA attribute from 0x38 on whose value is 600 bytes.
  const record = new Uint8Array(1024).fill(0x41);
  const view = new DataView(record.buffer);
  view.setUint32(0, 0x454c4946, true);
  view.setUint16(4, 0x30, true);
  view.setUint16(6, 3, true);
  view.setUint16(0x14, 0x38, true);
  view.setUint32(0x1c, 1024, true);
  view.setUint32(0x38, 0x80, true);
  view.setUint32(0x3c, 0x18 + 600, true);
  view.setUint8(0x40, 0);
  view.setUint32(0x48, 600, true);
  view.setUint16(0x4c, 0x18, true);
  view.setUint32(0x38 + 0x18 + 600, 0xffffffff, true);
  view.setUint16(510, 0x1234, true);
  view.setUint16(0x32, 0x4242, true);
  expect(unitLength(view, 0)).toBe(1024);
  blankContents(record, 0, 1024);
  const value = record.slice(0x50, 0x50 + 600);
  expect(Buffer.from(value.subarray(0, 13)).toString()).toBe('not recorded ');
  expect(value.includes(0x41)).toBe(false);
  expect(view.getUint16(510, true)).toBe(0x1234);
  expect(view.getUint16(0x32, true)).not.toBe(0x4242);
  expect(record[0x50 + 604]).toBe(0x41);
});
