import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, crc32c, MemorySource, type Siblings } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { logEntry, VHDX_LAYOUT, writeVhdx } from '../../support/image/vhdx-writer.js';
import { vmdkDescriptor, writeCowd, writeHostedSparse, writeSeSparse } from '../../support/image/vmdk-writer.js';
import { type FuzzTarget, placesOf, type Range, type Seed, viewOf } from '../target.js';

const MIB = 1 << 20;
const UUID = '5EED0000-0000-4000-8000-000000000001';
const LOG_ID = '5EED0000-0000-4000-8000-000000000002';
/** A mutated header may claim a disk of a petabyte: only so much of its beginning and its end is read. */
const READ = 512 << 10;

const block = (length: number, value: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * value) & 0xff);

/** Reads the beginning and the end of the virtual disk, and where its bytes lie. */
async function readImage(input: Bytes, name: string, siblings?: Siblings): Promise<string> {
  const disk = await openImage(new MemorySource(input), { name, ...(siblings === undefined ? {} : { siblings }) });
  const buffer = new Uint8Array(64 << 10);
  for (const start of [0, Math.max(disk.size - READ, 0)]) {
    for (let at = start; at < Math.min(start + READ, disk.size); at += buffer.length)
      await disk.readInto(at, buffer.subarray(0, Math.min(buffer.length, disk.size - at)));
  }
  let end = 0;
  for await (const batch of disk.extents(0, Math.min(READ, disk.size))) {
    for (const extent of batch) {
      if (extent.offset !== end || extent.length <= 0)
        throw new TypeError(`extent at ${extent.offset}, expected ${end}`);
      end += extent.length;
    }
  }
  const facts = [disk.format, disk.variant, disk.size > READ, ...new Set(disk.issues.map(({ code }) => code))];
  await disk.close();
  return facts.join(' ');
}

function target(name: string, seeds: () => readonly Seed[], more: Partial<FuzzTarget> = {}): FuzzTarget {
  return { name: `image/${name}`, seeds, parse: (input) => readImage(input, `disk.${name}`), ...more };
}

/** One's complement sums of footers and headers. */
function repairVhd(bytes: Buffer): void {
  const sums: [at: number, length: number, field: number][] = [
    ...placesOf(bytes, 'conectix').map((at): [number, number, number] => [at, 512, 64]),
    ...placesOf(bytes, 'cxsparse').map((at): [number, number, number] => [at, 1024, 36]),
  ];
  for (const [at, length, field] of sums) {
    if (at + length > bytes.length) continue;
    bytes.writeUInt32BE(0, at + field);
    let sum = 0;
    for (const value of bytes.subarray(at, at + length)) sum += value;
    bytes.writeUInt32BE(~sum >>> 0, at + field);
  }
}

/** CRC-32C of headers, region tables and log entries. */
function repairVhdx(bytes: Buffer): void {
  const view = viewOf(bytes);
  const parts: [number, number][] = [
    ...[1, 2].map((i): [number, number] => [i * 65_536, 4096]),
    ...[3, 4].map((i): [number, number] => [i * 65_536, 65_536]),
    ...placesOf(bytes, 'loge', 4096).map((at): [number, number] => [
      at,
      at + 12 <= bytes.length ? view.getUint32(at + 8, true) : 0,
    ]),
  ];
  for (const [at, length] of parts) {
    if (length < 8 || at + length > bytes.length) continue;
    view.setUint32(at + 4, 0, true);
    view.setUint32(at + 4, crc32c(bytes.subarray(at, at + length)), true);
  }
}

function vhdx(log: boolean): Uint8Array {
  const base = {
    size: 3 * MIB,
    blocks: [{ state: 6, data: block(MIB, 3) }, { state: 0 }, { state: 6, data: block(MIB, 5) }],
    dataWriteGuid: UUID,
  };
  if (!log) return writeVhdx(base as never);
  const size = VHDX_LAYOUT.data + 2 * MIB;
  const entry = logEntry({
    logGuid: LOG_ID,
    sequence: 1n,
    tail: 0,
    changes: [
      { offset: VHDX_LAYOUT.data, page: block(4096, 7) },
      { offset: VHDX_LAYOUT.data + 8192, zeros: 4096 },
    ],
    flushedFileOffset: size,
    lastFileOffset: size,
  });
  const content = new Uint8Array(MIB);
  content.set(entry);
  return writeVhdx({ ...base, logGuid: LOG_ID, log: content } as never);
}

/** What the tool writes of a small disk; nothing where the tool is missing. */
function made(
  tool: string,
  options: (raw: string, out: string) => readonly string[],
  ending = '',
): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-fuzz-'));
  try {
    const raw = join(folder, 'disk.raw');
    const out = join(folder, 'disk.img');
    const size = 512 << 10;
    writeFileSync(
      raw,
      Uint8Array.from({ length: size }, (_, i) => ((i >> 16) % 3 === 0 ? 0 : (i >> 4) & 0xff)),
    );
    const { status } = spawnSync(tool, options(raw, out), { stdio: 'ignore', timeout: 60_000 });
    return status === 0 ? new Uint8Array(readFileSync(`${out}${ending}`)) : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function converted(...variants: readonly (readonly [name: string, ...options: string[]])[]): Seed[] {
  return variants.flatMap(([name, ...options]) => {
    const bytes = made('qemu-img', (raw, out) => ['convert', '-f', 'raw', ...options, raw, out]);
    return bytes === undefined ? [] : [{ name, bytes }];
  });
}

/** Checksums of the section heads of an E01 (Adler-32 of the first 72 bytes). */
function repairEwf(bytes: Buffer): void {
  for (let at = 13, count = 0; at + 76 <= bytes.length && count < 64; count += 1) {
    let a = 1;
    let b = 0;
    for (const value of bytes.subarray(at, at + 72)) {
      a = (a + value) % 65_521;
      b = (b + a) % 65_521;
    }
    bytes.writeUInt32LE(b * 65_536 + a, at + 72);
    const next = Number(bytes.readBigUInt64LE(at + 16));
    if (next <= at || next > bytes.length) break;
    at = next;
  }
}

const ewfStructures = (seed: Uint8Array): Range[] => {
  const view = viewOf(seed);
  const ranges: Range[] = [[0, 13]];
  for (let at = 13; at + 76 <= seed.length && ranges.length < 64; ) {
    ranges.push([at, at + 76], [at + 76, Math.min(seed.length, at + 200)]);
    const next = Number(view.getBigUint64(at + 16, true));
    if (next <= at) break;
    at = next;
  }
  return ranges;
};

const heads =
  (...ends: readonly number[]) =>
  (): Range[] =>
    ends.map((end, i): Range => [i === 0 ? 0 : ends[i - 1], end]);

const FLAT = block(64 << 10, 3);
const flatExtents = [1, 2].map((part) => ({ sectors: 128, type: 'FLAT', file: `disk-flat${part}.vmdk`, start: 0 }));
const sparseExtents = [1, 2].map((part) => ({ sectors: 512, type: 'SPARSE', file: `disk-s${part}.vmdk` }));
const hostedExtent = (): Uint8Array => writeHostedSparse({ capacity: 512, grains: new Map([[0, block(8192, 3)]]) });

/** Files beside the image, by name. */
function filesBeside(bytesOf: (name: string) => Uint8Array): Siblings {
  return { open: (name) => Promise.resolve(new MemorySource(new Uint8Array(bytesOf(name)), { name })) };
}

export const imageTargets: readonly FuzzTarget[] = [
  target(
    'vhd',
    () => [
      {
        name: 'dynamic',
        bytes: writeVhd({
          type: 'dynamic',
          size: MIB,
          blockSize: 128 << 10,
          uuid: UUID,
          blocks: new Map([[1, { data: block(128 << 10, 3), has: (sector) => sector % 2 === 0 }]]),
        }),
      },
    ],
    {
      repair: repairVhd,
      structures: (seed) => [
        [0, 512],
        [512, 1536],
        [1536, 1600],
        [seed.length - 512, seed.length],
      ],
    },
  ),
  target(
    'vhdx',
    () => [
      { name: 'dynamic', bytes: vhdx(false) },
      { name: 'log', bytes: vhdx(true) },
    ],
    {
      repair: repairVhdx,
      structures: () => [
        ...[1, 2].map((i): Range => [i * 65_536, i * 65_536 + 96]),
        ...[3, 4].map((i): Range => [i * 65_536, i * 65_536 + 128]),
        [VHDX_LAYOUT.log, VHDX_LAYOUT.log + 256],
        [VHDX_LAYOUT.metadata, VHDX_LAYOUT.metadata + 256],
        [VHDX_LAYOUT.metadata + 65_536, VHDX_LAYOUT.metadata + 65_536 + 64],
        [VHDX_LAYOUT.bat, VHDX_LAYOUT.bat + 32],
      ],
    },
  ),
  target(
    'vdi',
    () => [
      {
        name: 'dynamic',
        bytes: writeVdi({
          type: 1,
          size: 3 * MIB,
          blocks: [block(MIB, 3), 'free', 'zero'],
          uuid: UUID,
          modifyUuid: UUID,
        }),
      },
    ],
    { structures: heads(0x200, 0x420) },
  ),
  target(
    'vmdk',
    () => {
      const grains = new Map([
        [0, block(8192, 3)],
        [3, block(8192, 5)],
      ]);
      const descriptor = vmdkDescriptor({
        type: 'monolithicSparse',
        extents: [{ sectors: 512, type: 'SPARSE', file: 'disk.vmdk' }],
      });
      return [
        { name: 'sparse', bytes: writeHostedSparse({ capacity: 512, grains, descriptor }) },
        { name: 'stream', bytes: writeHostedSparse({ capacity: 512, grains, descriptor, stream: true }) },
      ];
    },
    { structures: heads(512, 1536, 4096) },
  ),
  {
    name: 'image/vmdk-descriptor',
    seeds: () => [
      { name: 'flat', bytes: vmdkDescriptor({ type: 'twoGbMaxExtentFlat', extents: flatExtents }) },
      { name: 'sparse', bytes: vmdkDescriptor({ type: 'twoGbMaxExtentSparse', extents: sparseExtents }) },
    ],
    parse: (input) =>
      readImage(
        input,
        'disk.vmdk',
        filesBeside((name) => (name.includes('flat') ? FLAT : hostedExtent())),
      ),
  },
  ...(['VMFSSPARSE', 'SESPARSE'] as const).map(
    (type): FuzzTarget => ({
      name: `image/vmdk-${type.toLowerCase()}`,
      seeds: () => [
        {
          name: 'extent',
          bytes:
            type === 'SESPARSE'
              ? writeSeSparse(4096, new Map([[1, block(4096, 3)]]))
              : writeCowd(4096, 1, new Map([[2, block(512, 3)]])),
        },
      ],
      parse(input): Promise<string> {
        const extents = [{ sectors: 4096, type, file: 'delta.vmdk' }];
        return readImage(
          vmdkDescriptor({ type: 'vmfsSparse', extents }),
          'disk.vmdk',
          filesBeside(() => input),
        );
      },
      structures: (seed) => [
        [0, 512],
        [0, Math.min(seed.length, 4096)],
      ],
    }),
  ),
  target(
    'qcow2',
    () =>
      converted(
        ['plain', '-O', 'qcow2', '-o', 'cluster_size=4k'],
        ['zlib', '-c', '-O', 'qcow2', '-o', 'cluster_size=16k'],
        ['zstd', '-c', '-O', 'qcow2', '-o', 'cluster_size=16k,compression_type=zstd'],
        ['extended', '-O', 'qcow2', '-o', 'cluster_size=16k,extended_l2=on'],
      ),
    {
      structures: (seed) => [
        [0, 112],
        [112, 512],
        [0, Math.min(seed.length, 65_536)],
      ],
    },
  ),
  target('qcow', () => converted(['plain', '-O', 'qcow']), { structures: heads(48, 4096) }),
  target('hdd', () => converted(['plain', '-O', 'parallels']), { structures: heads(64, 512) }),
  {
    name: 'image/ewf',
    seeds() {
      const bytes = made('ewfacquire', (raw, out) => ['-u', '-q', '-t', out, '-f', 'encase6', '-b', '64', raw], '.E01');
      return bytes === undefined ? [] : [{ name: 'encase6', bytes }];
    },
    parse: (input) => readImage(input, 'disk.E01'),
    repair: repairEwf,
    structures: ewfStructures,
  },
];
