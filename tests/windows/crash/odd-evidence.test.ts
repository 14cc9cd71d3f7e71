import { type Bytes, type FileNode, type FileTree, MemorySource, parseFileTime, utf16Bytes } from '@deadbox/core';
import { readCrashEvidence } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { csagentCrash, writeDump64 } from '../../support/dump-writer.js';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';
import { type MemoryContent, memoryTree } from '../../support/memory-tree.js';

const AT = parseFileTime('2024-07-19T04:31:02.0000000Z') as bigint;
const MINI = '/Windows/Minidump';
const REPORTS = '/ProgramData/Microsoft/Windows/WER/ReportArchive';
const timeless = writeDump64({ code: 0x50, parameters: [0n, 0n, 0n, 0n], kind: 2 });
const ascii = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'utf8'));
const evidenceOf = (files: Record<string, MemoryContent | undefined>, options = {}) =>
  readCrashEvidence(memoryTree(files), '/Windows', options);
const gone = (): MemoryContent => withLostConnection(new MemorySource(csagentCrash(AT)), 0);

/** A tree in which one node is another. */
function withNode(tree: FileTree, path: string, change: (node: FileNode) => FileNode): FileTree {
  return {
    fileSystem: 'memory',
    async lookup(at, options) {
      const node = await tree.lookup(at, options);
      return node !== undefined && node.path === path ? change(node) : node;
    },
  };
}

describe('dumps', () => {
  test('without a time come last, and the others newest first', async () => {
    const evidence = await evidenceOf({
      [`${MINI}/a.dmp`]: timeless,
      [`${MINI}/b.dmp`]: csagentCrash(AT),
      [`${MINI}/c.dmp`]: timeless,
      [`${MINI}/d.dmp`]: csagentCrash(AT + 1n),
      [`${MINI}/e.dmp`]: csagentCrash(AT),
    });
    expect(evidence.dumps.map(({ path }) => path.at(-5)).join('')).toMatch(/^d(be|eb)(ac|ca)$/);
    expect(evidence.sources.map(({ newest }) => newest === null)).toContain(true);
  });

  test('of which too many are there are opened newest first: by date, by number, by name', async () => {
    const names = [
      '071924-1000-02.dmp',
      '071924-1000-01.dmp',
      'Mini071824-01.dmp',
      'b.dmp',
      'a.dmp',
      '071824-9-01.dmp',
    ];
    const files = Object.fromEntries(names.map((name) => [`${MINI}/${name}`, csagentCrash(AT)] as const));
    const first = async (maxDumps: number) =>
      (await evidenceOf(files, { maxDumps })).dumps.map(({ path }) => path.slice(18));
    expect(await first(2)).toEqual(['071924-1000-02.dmp', '071924-1000-01.dmp']);
    expect((await first(4)).slice(2).toSorted()).toEqual(['071824-9-01.dmp', 'Mini071824-01.dmp']);
    expect((await first(5)).at(-1)).toBe('b.dmp');
    expect((await evidenceOf(files, { maxDumps: 5 })).skipped).toBe(1);
  });

  test('whose names a damaged folder lists twice are opened as often as that', async () => {
    const tree = withNode(
      memoryTree({ [`${MINI}/a.dmp`]: csagentCrash(AT), [`${MINI}/b.dmp`]: timeless }),
      MINI,
      (node) => ({
        ...node,
        async *entries(options) {
          yield* node.entries(options);
          yield* node.entries(options);
        },
      }),
    );
    expect((await readCrashEvidence(tree, '/Windows')).dumps).toHaveLength(4);
  });

  test('of a few bytes are none, and one that is damaged says so', async () => {
    const damaged = csagentCrash(AT).slice(0, 0x2110);
    const evidence = await evidenceOf({ [`${MINI}/a.dmp`]: new Uint8Array(7), [`${MINI}/b.dmp`]: damaged });
    expect(evidence.dumps).toHaveLength(1);
    expect(evidence.sources).toEqual([
      { path: `${MINI}/b.dmp`, kind: 'dump', state: 'damaged', newest: '2024-07-19T04:31:02.0000000Z' },
    ]);
  });

  test('have the time of their file where it has one', async () => {
    const tree = memoryTree({ '/Windows/MEMORY.DMP': timeless });
    const bare = withNode(tree, '/Windows/MEMORY.DMP', ({ modified: _, ...node }) => node);
    const [file] = (await readCrashEvidence(bare, '/Windows')).dumps;
    expect(file).not.toHaveProperty('modified');
    expect((await readCrashEvidence(tree, '/Windows')).dumps[0]).toHaveProperty('modified');
  });

  test('are looked for in the page files of the Windows volume only', async () => {
    const places = ['/pagefile.sys', '/swap/pagefile.sys', '/other.sys', '/x.sys'];
    const files = Object.fromEntries(places.map((path) => [path, csagentCrash(AT)] as const));
    const pageFiles = ['C:\\swap\\pagefile.sys', '?:\\other.sys', 'D:\\x.sys', 'x.sys', 'C:\\', 'c:\\..\\x.sys'];
    const { dumps } = await evidenceOf(files, { pageFiles });
    expect(dumps.map(({ path }) => path)).toEqual(places.slice(0, 3));
  });
});

describe('error reports', () => {
  test.each([
    ['UTF-16 with a mark', Uint8Array.of(0xff, 0xfe, ...utf16Bytes('EventType=BlueScreen'))],
    ['UTF-16 without one', utf16Bytes('EventType=BlueScreen')],
    ['UTF-8 with a mark', ascii('\ufeffEventType=BlueScreen')],
    ['one byte a character', ascii('EventType=BlueScreen')],
  ])('are read in %s', async (_, bytes) => {
    const { reports, sources } = await evidenceOf({ [`${REPORTS}/Kernel_1/Report.wer`]: bytes });
    expect(reports.map(({ report }) => report.eventType)).toEqual(['BlueScreen']);
    expect(sources).toMatchObject([{ kind: 'error-report', state: 'whole', newest: null }]);
  });

  test('of more than a MiB are told as damaged, with what stands before that', async () => {
    const long = new Uint8Array((1 << 20) + 1).fill(0x0a);
    long.set(ascii('EventType=BlueScreen'));
    const { reports, sources } = await evidenceOf({ [`${REPORTS}/Kernel_1/Report.wer`]: long });
    expect([reports.length, sources[0]?.state]).toEqual([1, 'damaged']);
  });

  test('that say nothing are damaged', async () => {
    const path = `${REPORTS}/Kernel_1/Report.wer`;
    const evidence = await evidenceOf({ [path]: ascii('nothing') });
    expect(evidence.unreadable).toEqual([{ path, code: 'wer.damaged' }]);
    expect(evidence.sources).toEqual([{ path, kind: 'error-report', state: 'damaged', newest: null }]);
  });
});

describe('what cannot be read', () => {
  test('is told and costs itself only', async () => {
    const bad = withBadPlaces(new MemorySource(csagentCrash(AT)), [{ offset: 0, length: 8 }]);
    const tree = memoryTree({
      [`${MINI}/a.dmp`]: bad,
      [`${MINI}/b.dmp`]: csagentCrash(AT),
      '/Windows/bootstat.dat': new Uint8Array(8),
    });
    const evidence = await readCrashEvidence(tree, '/Windows');
    expect(evidence.dumps).toHaveLength(1);
    expect(evidence.unreadable).toEqual([{ path: `${MINI}/a.dmp`, code: 'READ_FAILED' }]);
    expect(evidence.bootStatus).toEqual([]);
    expect(evidence.sources).toContainEqual({
      path: '/Windows/bootstat.dat',
      kind: 'boot-status',
      state: 'damaged',
      newest: null,
    });
  });

  test('may be a folder', async () => {
    const source = withBadPlaces(new MemorySource(new Uint8Array(1)), [{ offset: 0, length: 1 }]);
    const tree = withNode(memoryTree({ [`${MINI}/a.dmp`]: csagentCrash(AT) }), MINI, (node) => ({
      ...node,
      async *entries() {
        yield [];
        await source.read(0, 1);
      },
    }));
    const evidence = await readCrashEvidence(tree, '/Windows');
    expect(evidence.unreadable).toEqual([{ path: MINI, code: 'READ_FAILED' }]);
  });

  test('for want of a connection ends the collection', async () => {
    await expect(evidenceOf({ [`${MINI}/a.dmp`]: gone() })).rejects.toMatchObject({ data: { transport: 'network' } });
    const lost = withLostConnection(new MemorySource(new Uint8Array(1)), 0);
    const tree = withNode(memoryTree({ [`${MINI}/`]: undefined }), MINI, (node) => ({
      ...node,
      async *entries() {
        yield [];
        await lost.read(0, 1);
      },
    }));
    await expect(readCrashEvidence(tree, '/Windows')).rejects.toMatchObject({ data: { transport: 'network' } });
  });
});
