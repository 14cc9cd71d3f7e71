import { readFileSync } from 'node:fs';
import { type ByteSource, type Bytes, type Issue, MemorySource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { testImage, testImagePath } from '../test-image.js';

/** The C: volume of `test-images/gpt-faulty`, as bytes of the caller's own. */
export function windowsVolume(): Bytes {
  const partition = testImage('gpt-faulty').partitions[2];
  const disk = readFileSync(testImagePath('gpt-faulty'));
  return new Uint8Array(disk.subarray(partition.offset, partition.offset + partition.length));
}

/** Little-endian access to `bytes`. */
export function viewOf(bytes: Bytes): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Opens bytes as a volume. */
export function openBytes(bytes: Bytes): Promise<NtfsVolume> {
  return NtfsVolume.open(new MemorySource(bytes));
}

/** Byte offset of the attribute of `type` (and name) in the file record at `record` of the volume. */
export function attributeAt(bytes: Bytes, record: number, type: number, skip = 0): number {
  const view = viewOf(bytes);
  let left = skip;
  for (
    let at = record + view.getUint16(record + 0x14, true);
    view.getUint32(at, true) !== 0xffff_ffff;
    at += view.getUint32(at + 4, true)
  ) {
    if (view.getUint32(at, true) === type && left-- === 0) return at;
  }
  throw new Error(`no attribute 0x${type.toString(16)} in the record at ${record}`);
}

/** Every path that the directory indexes lead to, sorted; directories that cannot be opened are left out. */
export async function walkPaths(volume: NtfsVolume): Promise<string[]> {
  const paths: string[] = [];
  const open = [await volume.root()];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for await (const batch of directory.entries()) {
      for (const entry of batch) {
        const path = directory.path === '/' ? `/${entry.name}` : `${directory.path}/${entry.name}`;
        paths.push(path);
        if (entry.type !== 'directory') continue;
        const child = await volume.file(entry.record).catch(() => undefined);
        if (child !== undefined) open.push(child);
      }
    }
  }
  return paths.sort();
}

/** Code, record and byte offset of each issue: what a report shows of it. */
export function places(
  issues: readonly Issue[],
): { code: string; record: number | undefined; offset: number | undefined }[] {
  return issues.map((issue) => ({ code: issue.code, record: issue.at?.record, offset: issue.at?.offset }));
}

/** A source whose bytes in `[from, to)` cannot be read, as a bad sector. */
export function withBadSectors(inner: ByteSource, from: number, to: number): ByteSource {
  return {
    size: inner.size,
    read(offset, length, options) {
      if (offset < to && offset + length > from) {
        throw Object.assign(new Error(`bad sector at ${from}`), {
          code: 'READ_FAILED',
          data: {},
          [Symbol.for('deadbox.error')]: true,
        });
      }
      return inner.read(offset, length, options);
    },
  };
}
