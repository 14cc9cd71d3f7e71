import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, type Bytes, MemorySource } from '@deadbox/core';
import { openImage, verifyImage } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const CONTRADICTION = 'image.cluster-contradiction';

/** Offset part of an entry. */
const OFFSET = 0x00ff_ffff_ffff_fe00n;

describeWithTools(['qemu-img', 'qemu-io'], 'the use of the clusters of a QCOW2', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  writeFileSync(
    raw,
    Uint8Array.from({ length: 1 << 20 }, (_, at) => (at >> 13) % 3 && (at * 31 + (at >> 9)) & 0xff),
  );

  function image(name: string, options: string, ...more: string[]): string {
    const path = join(folder, `${name}.qcow2`);
    run('qemu-img', ['convert', ...more, '-O', 'qcow2', '-o', `cluster_size=4k,${options}`, raw, path]);
    return path;
  }

  const plain = image('plain', 'compat=1.1');
  const snapshots = image('snapshots', 'compat=0.10');
  run('qemu-img', ['snapshot', '-c', 'one', snapshots]);
  run('qemu-io', ['-c', 'write -P 7 0 100k', snapshots]);
  const images = [
    plain,
    snapshots,
    image('bits', 'refcount_bits=2'),
    image('compressed', 'compat=1.1', '-c'),
    image('wide', 'refcount_bits=64'),
    image('subclusters', 'extended_l2=on,cluster_size=16k'),
  ];

  async function ours(path: string, bytes?: Buffer): Promise<{ verdict: string; kinds: unknown[] }> {
    const source = new MemorySource(new Uint8Array(bytes ?? readFileSync(path)));
    await using disk = await openImage(source, { name: path });
    const { verdict, checks } = await verifyImage(disk);
    const structures = checks.find(({ what }) => what === 'structures');
    const issues = disk.issues.filter(({ code, severity }) => code === CONTRADICTION && severity === 'error');
    expect(structures?.outcome).toBe(issues.length === 0 ? 'right' : 'wrong');
    return { verdict, kinds: [...new Set(issues.map(({ data }) => data.kind))] };
  }

  /** Corruptions and leaks that `qemu-img check` counts. */
  function theirs(path: string): { corruptions: number; leaks: number } {
    const { stdout } = spawnSync('qemu-img', ['check', '-f', 'qcow2', '--output=json', path], { encoding: 'utf8' });
    const { corruptions = 0, leaks = 0 } = JSON.parse(stdout);
    return { corruptions, leaks };
  }

  test('is right where qemu-img check finds it right', async () => {
    for (const path of images) {
      expect(theirs(path), path).toEqual({ corruptions: 0, leaks: 0 });
      expect(await ours(path), path).toEqual({ verdict: 'right', kinds: [] });
    }
  });

  const l1 = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(40));
  const l2 = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(l1(bytes)) & OFFSET);
  const refcounts = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(Number(bytes.readBigUInt64BE(48))));
  const entry = (bytes: Buffer): number => {
    for (let at = l2(bytes); ; at += 8) if ((bytes.readBigUInt64BE(at) & OFFSET) !== 0n) return at;
  };
  const cluster = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(entry(bytes)) & OFFSET) >> 12;
  const copied = 1n << 63n;

  test.each<[string, string[], (bytes: Buffer) => void]>([
    ['a cluster in use that is counted as free', ['count'], (b) => b.writeUInt16BE(0, refcounts(b) + 2 * cluster(b))],
    [
      'a cluster counted twice that says it has one user',
      ['only-user'],
      (b) => b.writeUInt16BE(2, refcounts(b) + 2 * cluster(b)),
    ],
    ['a cluster of the disk that two places name', ['count'], (b) => b.copy(b, entry(b) + 8, entry(b), entry(b) + 8)],
    [
      'a cluster of the disk that is a table',
      ['count', 'overlap'],
      (b) => b.writeBigUInt64BE(BigInt(l1(b)) | copied, entry(b)),
    ],
    ['an entry without the flag of its only user', ['only-user'], (b) => b.writeUInt8(0, entry(b))],
    ['an entry with a reserved bit', ['reserved-bits'], (b) => b.writeUInt8(0x81, entry(b))],
    ['an entry that leads out of the file', ['outside'], (b) => b.writeUInt8(0x40, entry(b) + 2)],
  ])('%s is a contradiction, as qemu-img check has it', async (_, kinds, change) => {
    const bytes = readFileSync(plain);
    change(bytes);
    const path = join(folder, 'changed.qcow2');
    writeFileSync(path, bytes);
    expect(theirs(path).corruptions).toBeGreaterThan(0);
    expect(await ours(path)).toEqual({ verdict: 'wrong', kinds });
  });

  test('a cluster that is counted and used by nobody is only noted', async () => {
    const bytes = readFileSync(plain);
    bytes.writeBigUInt64BE(0n, entry(bytes));
    const path = join(folder, 'unused.qcow2');
    writeFileSync(path, bytes);
    expect(theirs(path)).toEqual({ corruptions: 0, leaks: 1 });
    await using disk = await openImage(new MemorySource(new Uint8Array(bytes)), { name: path });
    expect((await verifyImage(disk)).verdict).toBe('right');
    expect(disk.issues).toMatchObject([
      { code: CONTRADICTION, severity: 'note', data: { kind: 'unused', clusters: 1 } },
    ]);
  });
});

describe('tables in holes', () => {
  /** A file of terabytes of zeros behind one cluster of header. */
  class Sparse implements ByteSource {
    readonly size = 2 ** 40;
    bytes = 0;
    readonly #head: Bytes;
    constructor(head: Bytes) {
      this.#head = head;
    }
    read(offset: number, length: number): Bytes {
      this.bytes += length;
      const bytes = new Uint8Array(length);
      if (offset < this.#head.length) bytes.set(this.#head.subarray(offset, offset + length));
      return bytes;
    }
  }

  test('are read up to a limit; the image then counts as not checked', async () => {
    const head = new Uint8Array(4 << 16);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x514649fb);
    view.setUint32(4, 3);
    view.setUint32(20, 16);
    view.setBigUint64(24, 1n << 30n);
    // Half a terabyte of first-level table.
    view.setUint32(36, 0xffff_fff0);
    view.setBigUint64(40, 3n << 16n);
    view.setUint32(96, 4);
    view.setUint32(100, 104);
    const source = new Sparse(head);
    await using disk = await openImage(source, { name: 'x.qcow2' });
    source.bytes = 0;
    expect(await disk.checkStructures?.()).toBe(false);
    expect(source.bytes).toBeLessThanOrEqual(1 << 30);
  });
});
