import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type ByteSource, type Bytes, utf16Bytes } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { IndexTree, NtfsVolume, readIndexSlack, type SlackNode } from '@deadbox/ntfs';
import { parseIndexSlack } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { canMount, describeWithTools, hasTool, run, temporaryFolder } from '../../support/tools.js';

async function slackOf(volume: NtfsVolume, path: string): Promise<SlackNode[]> {
  const file = path === '/' ? await volume.root() : await volume.lookup(path);
  if (file === undefined) throw new Error(`no ${path}`);
  const tree = await IndexTree.open(file.attributeSet, '$I30', volume.geometry.clusterSize);
  const nodes: SlackNode[] = [];
  for await (const node of readIndexSlack(tree, file.attributeSet)) nodes.push(node);
  return nodes;
}

function names(nodes: readonly SlackNode[]): string[] {
  return nodes.flatMap((node) => node.entries.map((entry) => entry.fileName.name));
}

describeWithCorpus('the slack of a directory index', () => {
  const path = (): string => corpusFile(corpusManifest().find((entry) => entry.id === 'win-ntfs-index-slack') as never);
  const open = async (): Promise<NtfsVolume> => {
    const disk = await openFile(path());
    const start = 128 * 512;
    const window: ByteSource = { size: disk.size - start, read: (offset, length) => disk.read(start + offset, length) };
    return NtfsVolume.open(window);
  };

  test('has the names that dfir_ntfs expects there', async () => {
    const volume = await open();
    expect(names(await slackOf(volume, '/test_dir')).sort()).toEqual([
      'AAAAAAAAAAA.txt',
      'AAAAAAAAAAA.txt',
      'BBBBBBBBBBBBB-del.txt',
    ]);
    const root = names(await slackOf(volume, '/'));
    expect(root).toContain('test_dir');
    expect(root.some((name) => /^A{100,} - Copy \(11\)\.txt$/.test(name))).toBe(true);
  });

  test.runIf(hasTool('fls'))('has the deleted names that The Sleuth Kit lists', async () => {
    const volume = await open();
    const listed = run('fls', ['-r', '-d', '-p', '-o', '128', path()])
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[1]);
    expect(listed.length).toBeGreaterThan(1);
    for (const name of listed) {
      const [base, parent] = name.split('/').reverse() as [string, string | undefined];
      expect(names(await slackOf(volume, parent === undefined ? '/' : `/${parent}`))).toContain(base);
    }
  });
});

describeWithTools(
  canMount ? ['mkntfs', 'ntfs-3g'] : ['root with /dev/fuse'],
  'the slack of a directory that ntfs-3g made',
  () => {
    const image = joinPath(temporaryFolder(), 'volume.img');
    makeVolume(image, 16 << 20);
    const all = Array.from({ length: 200 }, (_, i) => `file number ${String(i).padStart(4, '0')}.data`);
    whileMounted(image, 'streams_interface=windows', (root) => {
      mkdirSync(`${root}/folder`);
      for (const name of all) writeFileSync(`${root}/folder/${name}`, '');
    });
    whileMounted(image, 'streams_interface=windows', (root) => {
      // Deleting from the end leaves the removed entries where they were.
      for (const name of all.slice(150).reverse()) rmSync(`${root}/folder/${name}`);
    });

    test('still has removed names, with the files they named', async () => {
      const volume = await NtfsVolume.open(await openFile(image));
      const nodes = await slackOf(volume, '/folder');
      const live = new Set(all.slice(0, 150));
      const removed = nodes.flatMap((node) => node.entries).filter((entry) => !live.has(entry.fileName.name));
      expect(new Set(removed.map((entry) => entry.fileName.name)).size).toBeGreaterThan(20);
      for (const entry of removed) {
        expect(all).toContain(entry.fileName.name);
        if (entry.reference === undefined) continue;
        const file = await volume.file(entry.reference.record, {}).catch(() => undefined);
        if (file !== undefined && !file.inUse)
          expect(file.names.map((name) => name.name)).toContain(entry.fileName.name);
      }
      for (const node of nodes) expect(new TextDecoder().decode(await volume.source.read(node.offset, 4))).toBe('INDX');
    });
  },
);

describe('index slack', () => {
  /** An entry as it stands in an index: head and `$FILE_NAME`. */
  const entry = (name: string, parent: number, time = 133_000_000_000_000_000n): Bytes => {
    const length = 0x42 + name.length * 2;
    const bytes = new Uint8Array(Math.ceil((0x10 + length) / 8) * 8);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, 0x0007_0000_0000_0123n, true);
    view.setUint16(8, bytes.length, true);
    view.setUint16(10, length, true);
    view.setBigUint64(0x10, BigInt(parent) | 0x0005_0000_0000_0000n, true);
    for (let i = 0; i < 4; i += 1) view.setBigUint64(0x18 + i * 8, time, true);
    view.setUint8(0x50, name.length);
    view.setUint8(0x51, 1);
    bytes.set(utf16Bytes(name), 0x52);
    return bytes;
  };
  const place = (...parts: [number, Bytes][]): Bytes => {
    const bytes = new Uint8Array(1024);
    for (const [at, part] of parts) bytes.set(part, at);
    return bytes;
  };

  test('gives the file only when the head of the entry is whole', () => {
    const cut = entry('second', 5);
    cut.fill(0, 0, 0x10);
    const found = parseIndexSlack(place([64, entry('first', 5)], [256, cut]), 0, 1024, 5);
    expect(found.map(({ offset, reference, fileName }) => [offset, reference, fileName.name])).toEqual([
      [80, { record: 0x123, sequence: 7 }, 'first'],
      [272, undefined, 'second'],
    ]);
  });

  test.each([
    ['another parent', entry('name', 6)],
    ['a time before 1980', entry('name', 5, 1n)],
    ['a time after 2100', entry('name', 5, 0x7000_0000_0000_0000n)],
    ['a slash in its name', entry('na/me', 5)],
    ['a NUL in its name', entry('na\0me', 5)],
    ['no name', entry('', 5)],
  ])('takes bytes with %s for chance', (_, bytes) => {
    expect(parseIndexSlack(place([64, bytes]), 0, 1024, 5)).toEqual([]);
  });

  test('takes no name that leaves the node', () => {
    expect(parseIndexSlack(place([64, entry('a long name', 5)]), 0, 64 + 0x52 + 10, 5)).toEqual([]);
  });
});
