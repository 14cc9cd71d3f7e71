import { createHash } from 'node:crypto';
import { type Bytes, hashSource, MemorySource } from '@deadbox/core';
import type { NtfsVolume } from '@deadbox/ntfs';
import { plainHashes } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { EditedVolume, nonResident } from '../../support/ntfs/edited-volume.js';
import { openBytes, viewOf, windowsVolume, withBadSectors } from '../../support/ntfs/volume-bytes.js';
import { NtfsVolumeWriter } from '../../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const content = (size: number): Buffer => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31) ^ (i >> 5)));

async function hashesOf(volume: NtfsVolume, source = volume.source): Promise<ReadonlyMap<number, string>> {
  const table = await volume.mft({ contents: true });
  const records = Array.from({ length: table.recordCount }, (_, record) => record);
  return plainHashes(table, source, records);
}

describe('hashes of plain contents', () => {
  test('are those of what was written, in the record and in one run; others are left out', async () => {
    const sink = new MemorySink(64 << 20);
    const writer = new NtfsVolumeWriter(sink, { size: 64 << 20 });
    const { tree } = writer;
    const plain = Array.from({ length: 40 }, (_, i) => {
      const bytes = content(1 + i * 613);
      return { bytes, file: tree.addFile(tree.root, `file ${i}`, { content: bytes }) };
    });
    const other = [
      tree.addFile(tree.root, 'in pieces', { content: content(60_000), pieces: 3 }),
      tree.addFile(tree.root, 'half valid', { content: content(20_000), valid: 5000 }),
      tree.addFile(tree.root, 'large', { content: content(2 << 20) }),
      tree.addFolder(tree.root, 'a folder'),
    ];
    writer.finish();
    const hashes = await hashesOf(await openBytes(sink.bytes));
    for (const { bytes, file } of plain) expect(hashes.get(file.record)).toBe(sha256(bytes));
    for (const { record } of other) expect(hashes.has(record)).toBe(false);
  });

  test('are left out where clusters cannot be read', async () => {
    const bytes = windowsVolume();
    const whole = await hashesOf(await openBytes(bytes));
    const volume = await openBytes(bytes);
    const none = await hashesOf(volume, withBadSectors(new MemorySource(bytes), 0, bytes.length));
    const inRecords = [...whole].filter(([record]) => none.has(record));
    expect(inRecords.length).toBeGreaterThan(5);
    expect(whole.size).toBeGreaterThan(inRecords.length + 20);
    for (const [record, hash] of none) expect(whole.get(record)).toBe(hash);
  });

  test('are the same from a source that answers later', async () => {
    const bytes = windowsVolume();
    const volume = await openBytes(bytes);
    const late = await hashesOf(volume, {
      size: bytes.length,
      read: async (at, length) => bytes.slice(at, at + length),
    });
    expect(late).toEqual(await hashesOf(volume));
  });

  test('are left out where the clusters are too few for the content, and of records that are none', async () => {
    const made = new EditedVolume((tree, root) => tree.addFile(root, 'file', { content: content(9000) }));
    expect((await hashesOf(await openBytes(made.bytes))).get(24)).toBe(sha256(content(9000)));
    made.replace(24, nonResident(0x80, [{ lcn: 2000, length: 1 }], { size: 9000 }, 4096));
    const volume = await openBytes(made.bytes);
    expect((await hashesOf(volume)).has(24)).toBe(false);
    const table = await volume.mft({ contents: true });
    expect(await plainHashes(table, volume.source, [1 << 20])).toEqual(new Map());
  });

  test('are those of the content itself wherever a number of a record is wrong', async () => {
    const whole = windowsVolume();
    const data = dataAttributes(whole);
    let changed = 0;
    for (let i = 0; i < 160; i += 1) {
      const bytes = whole.slice();
      const at = data[(i * 61) % data.length] + ((i * 7) % 0x48);
      bytes[at] ^= 1 << (i % 8);
      const volume = await openBytes(bytes);
      const hashes = await hashesOf(volume);
      const record = [...hashes.keys()].find((one) => recordAt(bytes, one) <= at && at < recordAt(bytes, one) + 1024);
      if (record === undefined) continue;
      const file = await volume.file(record);
      expect(hashes.get(record), `byte ${at}`).toBe(await hashSource(await file.stream('')));
      changed += 1;
    }
    expect(changed).toBeGreaterThan(20);
  });
});

/** Byte offset of a record of the sample volume, whose `$MFT` is in one piece. */
function recordAt(bytes: Bytes, record: number): number {
  const view = viewOf(bytes);
  return view.getUint32(0x30, true) * view.getUint16(0x0b, true) * bytes[0x0d] + record * 1024;
}

/** Where the unnamed `$DATA` of each file of the sample volume begins. */
function dataAttributes(bytes: Bytes): number[] {
  const view = viewOf(bytes);
  const found: number[] = [];
  for (let record = 24; view.getUint32(recordAt(bytes, record), true) === 0x454c_4946; record += 1) {
    const start = recordAt(bytes, record);
    for (let at = start + view.getUint16(start + 0x14, true); view.getUint32(at, true) < 0x90; ) {
      if (view.getUint32(at, true) === 0x80) found.push(at);
      at += view.getUint32(at + 4, true);
    }
  }
  return found;
}
