import { createHash } from 'node:crypto';
import { type Bytes, hashSource } from '@deadbox/core';
import type { NtfsVolume } from '@deadbox/ntfs';
import { hashLines } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { EditedVolume } from '../../support/ntfs/edited-volume.js';
import { openBytes } from '../../support/ntfs/volume-bytes.js';
import { NtfsVolumeWriter } from '../../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';

const content = (size: number): Buffer => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31) ^ (i >> 5)));
const line = (bytes: Uint8Array | undefined, path: string): string =>
  `${bytes === undefined ? '-'.padEnd(64) : createHash('sha256').update(bytes).digest('hex')}  ${path}`;

interface Asked {
  readonly lines: readonly string[];
  /** `record:stream` of what was hashed by itself. */
  readonly alone: readonly string[];
  readonly pieces: number;
}

async function listed(
  bytes: Bytes,
  options: { all?: boolean; affords?: boolean; streams?: boolean; scanned?: boolean; open?: typeof opened } = {},
): Promise<Asked> {
  const volume = await openBytes(bytes);
  const table = await volume.mft({
    contents: true,
    streams: options.scanned !== false,
    shortNames: false,
    times: false,
  });
  const alone: string[] = [];
  let text = '';
  const chunks = hashLines(table, {
    volume: volume.source,
    metadata: options.all === true,
    streams: options.streams !== false,
    escape: (path) => path.replaceAll('\n', '\\u{a}'),
    affords: () => options.affords !== false,
    hash: async (record, stream) => {
      alone.push(`${record}:${stream}`);
      return (options.open ?? opened)(volume, record, stream);
    },
  });
  let pieces = 0;
  for await (const chunk of chunks) {
    text += Buffer.from(chunk).toString();
    pieces += 1;
  }
  return { lines: text.split('\n').slice(0, -1), alone, pieces };
}

async function opened(volume: NtfsVolume, record: number, stream: string): Promise<string | null> {
  return hashSource(await (await volume.file(record)).stream(stream));
}

/** Files of all kinds, and the lines that a listing of them has. */
function sample(): { readonly bytes: Bytes; readonly lines: readonly string[]; readonly alone: readonly string[] } {
  const sink = new MemorySink(64 << 20);
  const writer = new NtfsVolumeWriter(sink, { size: 64 << 20 });
  const { tree } = writer;
  const lines: string[] = [];
  const folder = tree.addFolder(tree.root, 'folder');
  lines.push(line(undefined, '/folder'));
  for (let i = 0; i < 60; i += 1) {
    const bytes = content(i * 211);
    tree.addFile(folder, `file ${i}`, { content: bytes });
    lines.push(line(bytes, `/folder/file ${i}`));
  }
  const marked = tree.addFile(tree.root, 'marked', { content: content(9000), streams: { note: content(50) } });
  lines.push(line(content(9000), '/marked'), line(content(50), '/marked:note'));
  const pieces = tree.addFile(tree.root, 'in\npieces', { content: content(60_000), pieces: 3 });
  lines.push(line(content(60_000), '/in\\u{a}pieces'));
  writer.finish();
  return { bytes: sink.bytes, lines, alone: [`${marked.record}:note`, `${pieces.record}:`] };
}

describe('paths with hashes', () => {
  test('have the hash of what was written, wherever it lies, and a dash where there is no content', async () => {
    const { bytes, lines, alone } = sample();
    const found = await listed(bytes);
    expect(found.lines).toEqual(lines);
    expect(found.alone.filter((one) => !alone.includes(one)).length, 'empty files at most').toBeLessThan(2);
    expect(found.alone).toEqual(expect.arrayContaining([...alone]));
  });

  test('ask for each content where none may be hashed along with its neighbours', async () => {
    const { bytes, lines } = sample();
    const found = await listed(bytes, { affords: false });
    expect(found.lines).toEqual(lines);
    expect(found.alone.length).toBe(lines.length - 1);
  });

  test('have a dash where a content cannot be read, and nothing of the hash before', async () => {
    const { bytes, lines, alone } = sample();
    const found = await listed(bytes, { affords: false, open: () => Promise.resolve(null) });
    expect(found.alone.length).toBeGreaterThan(alone.length);
    expect(found.lines).toEqual(lines.map((one) => `${'-'.padEnd(64)}${one.slice(64)}`));
  });

  test('are those of the names alone where no streams are asked for, or none were scanned', async () => {
    const { bytes, lines } = sample();
    const named = lines.filter((one) => !one.endsWith('/marked:note'));
    expect((await listed(bytes, { streams: false })).lines).toEqual(named);
    expect((await listed(bytes, { scanned: false })).lines).toEqual(named);
  });

  test('come in pieces where they are many, the streams of one file too', async () => {
    // Half a megabyte of lines is full within the streams of a file, and again where files have none.
    const streams = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`s${i}`, new Uint8Array(1)]));
    const folders = Array.from({ length: 12 }, () => 'f'.repeat(250));
    const files = Array.from({ length: 240 }, (_, i) => ({ name: `file ${i}`, streams: i < 30 ? streams : {} }));
    const made = new EditedVolume((tree, root) => {
      let folder = root;
      for (const name of folders) folder = tree.addFolder(folder, name);
      for (const file of files) tree.addFile(folder, file.name, file);
    });
    const found = await listed(made.bytes, { open: () => Promise.resolve(null) });
    const wanted = files.flatMap((file) => {
      const path = `/${folders.join('/')}/${file.name}`;
      return [path, ...Object.keys(file.streams).map((name) => `${path}:${name}`)];
    });
    expect(found.lines.slice(folders.length).map((one) => one.slice(66))).toEqual(wanted);
    expect(found.pieces).toBe(3);
  });

  test('have the root and the files of NTFS itself when those are wanted', async () => {
    const { bytes, lines } = sample();
    const { lines: all } = await listed(bytes, { all: true, open: () => Promise.resolve(null) });
    const paths = all.map((one) => one.slice(66));
    expect(paths).toEqual(expect.arrayContaining(['/', '/$MFT', '/$Boot', ...lines.map((one) => one.slice(66))]));
    expect(paths.indexOf('/')).toBe(5);
  });
});
