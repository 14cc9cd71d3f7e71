import { createCipheriv } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ByteSource, type Bytes, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import {
  type DiskPartition,
  detectDiskEncryption,
  detectEncryption,
  probeVolume,
  sampleVolume,
} from '@deadbox/encryption';
import { applySampling } from '@deadbox/encryption/internals';
import { afterAll, describe, expect, test } from 'vitest';
import { type CorpusEntry, corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { plainVolume } from '../../support/encryption/volumes.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const MIB = 1 << 20;

/** What a volume or disk is found to be: the product, or the verdict where there is none. */
async function judge(source: ByteSource, partitions?: readonly DiskPartition[]): Promise<string> {
  if (partitions !== undefined) {
    const [finding] = await detectDiskEncryption(source, { partitions });
    if (finding !== undefined) return `${finding.product} (${finding.confidence})`;
  }
  const probe = await probeVolume(source);
  const finding = await detectEncryption(probe);
  const judged =
    finding.samplingAdvised === true ? await applySampling(probe, finding, await sampleVolume(source)) : finding;
  if (judged.verdict === 'none') return 'none';
  return judged.product === undefined ? judged.verdict : `${judged.product} (${judged.confidence})`;
}

const table = new Map<string, Map<string, string[]>>();
function record(truth: string, found: string, name: string): void {
  const row = table.get(truth) ?? new Map<string, string[]>();
  table.set(truth, row);
  row.set(found, [...(row.get(found) ?? []), name]);
}
afterAll(() => {
  const lines = [...table].flatMap(([truth, row]) =>
    [...row].map(([found, names]) => `${truth.padEnd(34)} | ${found.padEnd(52)} | ${names.length}`),
  );
  process.stdout.write(
    `${['what it is                         | what is said                                         | volumes', ...lines].join('\n')}\n`,
  );
});

async function check(
  truth: string,
  name: string,
  source: ByteSource,
  expected: string | readonly string[],
  partitions?: readonly DiskPartition[],
): Promise<void> {
  const found = await judge(source, partitions);
  record(truth, found, name);
  expect(typeof expected === 'string' ? [expected] : expected, name).toContain(found);
}

/** A volume of ciphertext: the AES-CTR stream of a fixed key, made where it is read. */
function cipherSource(size: number, seed: number, header: Bytes = new Uint8Array(0)): ByteSource {
  return {
    size,
    read(offset: number, length: number): Bytes {
      const key = Buffer.alloc(16, seed);
      const counter = Buffer.alloc(16);
      const block = Math.floor(offset / 16);
      counter.writeBigUInt64BE(BigInt(block), 8);
      const stream = createCipheriv('aes-128-ctr', key, counter).update(Buffer.alloc(length + 16));
      const bytes = Uint8Array.from(stream.subarray(offset - block * 16, offset - block * 16 + length));
      if (offset < header.length) bytes.set(header.subarray(offset, Math.min(header.length, offset + length)));
      return bytes;
    },
  };
}

/** A volume that repeats `content`, begun at an odd place, so that no header helps. */
function tiled(content: Uint8Array, size: number, from = 4097): MemorySource {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const piece = content.subarray(at === 0 ? from : 0, at === 0 ? from + size : size - at);
    bytes.set(piece.subarray(0, size - at), at);
    at += piece.length;
  }
  return new MemorySource(bytes);
}

describe('random data without a signature', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`ciphertext ${seed} is called statistically random, and no product is guessed`, async () => {
      await check('ciphertext without a header', `seed ${seed}`, cipherSource(96 * MIB, seed), 'random-data');
    });
  }

  test('is not judged below 64 MiB', async () => {
    await check('ciphertext, small', '32 MiB', cipherSource(32 * MIB, 9), 'not-enough-data');
    await check('ciphertext, small', '300 KiB', cipherSource(299_008, 9), 'not-enough-data');
  });

  test('with the word of Check Point’s boot sector: one source, so "looks like"', async () => {
    const header = new Uint8Array(512).fill(0x90);
    header.set(new TextEncoder().encode('Protect'), 90);
    await check(
      'Check Point (synthetic)',
      'volume',
      cipherSource(96 * MIB, 10, header),
      'Check Point Full Disk Encryption (single-source)',
    );
    await check('English word in plain data', 'volume', tiled(header, 8 * MIB, 0), 'none');
  });
});

describe('what is not encrypted raises nothing', () => {
  // Program code of this very process: real, varied and always there.
  const program = readFileSync(process.execPath).subarray(20 * MIB, 32 * MIB);

  test('blank volumes', async () => {
    await check('blank', 'zeros', new MemorySource(new Uint8Array(96 * MIB)), 'none');
    await check('blank', '0xFF', new MemorySource(new Uint8Array(8 * MIB).fill(0xff)), 'none');
    await check('blank', 'one sector', new MemorySource(new Uint8Array(512)), 'none');
    await check('blank', 'empty', new MemorySource(new Uint8Array(0)), 'none');
  });

  test('programs and text', async () => {
    await check('program code', 'program', tiled(program, 80 * MIB), 'none');
    const text = new TextEncoder().encode(
      readFileSync(join(import.meta.dirname, 'confusion.test.ts'), 'utf8').repeat(8),
    );
    await check('text', 'this file', tiled(text, 80 * MIB, 11), 'none');
  });

  test('an NTFS volume', async () => check('NTFS', 'bundled', new MemorySource(plainVolume()), 'none'));

  test('deflate, as a file and without its header', async () => {
    const packed = gzipSync(program);
    await check('gzip', 'from its header', tiled(packed, 80 * MIB, 0), 'none');
    await check('gzip', 'from its middle', tiled(packed, 80 * MIB), ['none', 'not-enough-data']);
  });

  describeWithTools(['7z', 'wimcapture', 'zstd', 'xz'], 'archives of other tools', () => {
    const folder = temporaryFolder();
    const kinds: [string, string, (source: string, target: string) => void, string[]][] = [
      [
        'zip',
        'zip',
        (source, target) => void run('7z', ['a', '-bd', '-tzip', '-mx=5', target, source]),
        ['none', 'not-enough-data'],
      ],
      [
        'zstd',
        'zst',
        (source, target) => void run('zstd', ['-q', '-3', source, '-o', target]),
        ['none', 'not-enough-data'],
      ],
      ['WIM, XPRESS', 'wim', (source, target) => capture(source, target, 'XPRESS'), ['none', 'not-enough-data']],
      ['WIM, LZX', 'lzx', (source, target) => capture(source, target, 'LZX'), ['none', 'not-enough-data']],
      // LZMA is indistinguishable from ciphertext by any count of bytes: without its header this is what must come out.
      [
        'xz',
        'xz',
        (source, target) => writeFileSync(target, readXz(source)),
        ['none', 'not-enough-data', 'random-data'],
      ],
    ];
    function capture(source: string, target: string, compression: string): void {
      run('wimlib-imagex', ['capture', join(source, '..', 'tree'), target, `--compress=${compression}`]);
    }
    function readXz(source: string): Uint8Array {
      run('xz', ['-k', '-1', '-T1', source]);
      return readFileSync(`${source}.xz`);
    }
    for (const [name, extension, pack, headless] of kinds) {
      test(`${name}: nothing from its header, and no product without it`, async () => {
        const source = join(folder, `program-${extension}`);
        // xz is slow, and a small archive repeats as well as a large one.
        writeFileSync(source, extension === 'xz' ? program.subarray(0, 3 * MIB) : program);
        run('mkdir', ['-p', join(folder, 'tree')]);
        writeFileSync(join(folder, 'tree', 'program.bin'), program);
        const target = join(folder, `archive.${extension}`);
        pack(source, target);
        const packed = readFileSync(target);
        await check(name, 'from its header', tiled(packed, 80 * MIB, 0), 'none');
        await check(name, 'from its middle', tiled(packed, 80 * MIB), headless);
      });
    }
  });
});

describeWithCorpus('the corpus', () => {
  const named: Record<string, string> = { luks1: 'LUKS1 (verified)', luks2: 'LUKS2 (verified)' };
  for (const entry of corpusManifest().filter((item) =>
    ['bitlocker', 'other-encryption', 'filesystems', 'ntfs'].includes(item.kind),
  )) {
    test(entry.id, async () => {
      const source = await openFile(corpusFile(entry));
      try {
        const { truth, expected, partitions } = expectation(entry);
        await check(truth, entry.id, source, expected, partitions);
      } finally {
        await source.close?.();
      }
    });
  }

  function expectation(entry: CorpusEntry): {
    truth: string;
    expected: string | string[];
    partitions?: DiskPartition[];
  } {
    if (entry.kind === 'bitlocker') {
      const removed = entry.id === 'win-fve-decrypted';
      return {
        truth: removed ? 'BitLocker, removed' : 'BitLocker',
        expected: removed ? 'none' : 'BitLocker (verified)',
      };
    }
    if (entry.kind !== 'other-encryption')
      return { truth: `${entry.kind} of the corpus`, expected: ['none', 'not-enough-data'] };
    const { type, family, partition_table: partitionTable } = entry.expected;
    if (type !== undefined) return { truth: String(type).toUpperCase(), expected: named[type] };
    if (partitionTable === undefined) return { truth: `${family} volume, 292 KiB`, expected: 'not-enough-data' };
    const partitions = partitionTable.entries
      .filter((item: { slot: string }) => /^\d{3}/.test(item.slot))
      .map((item: { start: number; length: number }) => ({ offset: item.start * 512, length: item.length * 512 }));
    return { truth: String(family), expected: 'VeraCrypt or TrueCrypt system encryption (heuristic)', partitions };
  }
});
