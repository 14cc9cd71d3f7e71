import { type ByteSource, type Bytes, type FileNode, type FileTree, MemorySource } from '@deadbox/core';
import {
  detectDiskEncryption,
  detectEncryption,
  type EncryptionFinding,
  noEncryption,
  sampleVolume,
} from '@deadbox/encryption';
import { applyTraces, detectEfiBootManagers, detectVirtualBoxEncryption } from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { cipherBytes } from '../../support/encryption/volumes.js';

const MIB = 1 << 20;
const GIB = 2 ** 30;
const latin1 = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A source of `size` bytes that are zero except for the given pieces. */
function sparse(size: number, pieces: readonly (readonly [number, Uint8Array])[]): ByteSource {
  return {
    size,
    read(offset: number, length: number): Bytes {
      const bytes = new Uint8Array(length);
      for (const [at, piece] of pieces) {
        const from = Math.max(at, offset);
        const part = piece.subarray(from - at, Math.max(from, offset + length) - at);
        if (from < offset + length) bytes.set(part, from - offset);
      }
      return bytes;
    },
  };
}

describe('a lost superblock of APFS', () => {
  const container = new Uint8Array(3 * MIB);
  container.set(latin1('NXSB'), 32);
  new DataView(container.buffer).setUint32(36, 4096, true);
  container.set(latin1('APSB'), 2 * MIB + 4096 + 32);

  test('in a place that cannot be read leaves the next one to be found', async () => {
    const finding = await detectEncryption(withBadPlaces(new MemorySource(container), [{ offset: MIB, length: 512 }]));
    expect(finding).toMatchObject({ verdict: 'encrypted-locked', product: 'APFS' });
    expect(finding.evidence[1]).toMatchObject({ offset: 2 * MIB + 4096 + 264 });
  });

  test('that is the only one leaves open whether the volume is encrypted', async () => {
    const bad = withBadPlaces(new MemorySource(container), [{ offset: 2 * MIB, length: 512 }]);
    expect(await detectEncryption(bad)).toMatchObject({ verdict: 'not-enough-data', product: 'APFS' });
  });
});

describe('LUKS2 where the medium refuses to be read', () => {
  /** cryptsetup, "LUKS2 On-Disk Format Specification", 2.1: magic, version, header size, UUID, offset. */
  const header = (magic: string, size: number, offset: number): Bytes => {
    const bytes = new Uint8Array(4096);
    bytes.set(latin1(magic));
    const view = new DataView(bytes.buffer);
    view.setUint16(6, 2);
    view.setBigUint64(8, BigInt(size));
    bytes.set(latin1('6f2c1d4e-0000-4000-8000-000000000001'), 168);
    view.setBigUint64(256, BigInt(offset));
    return bytes;
  };

  test('the metadata of is still LUKS2, with nothing made up about its key slots', async () => {
    const volume = new Uint8Array(MIB);
    volume.set(header('LUKS\xba\xbe', 0x4_0000, 0));
    const finding = await detectEncryption(withBadPlaces(new MemorySource(volume), [{ offset: 0x8000, length: 512 }]));
    expect(finding).toMatchObject({
      verdict: 'encrypted-locked',
      product: 'LUKS2',
      keyProtectors: [],
      flags: ['metadata-damaged'],
      issues: [{ code: 'encryption.unreadable', at: { offset: 0 }, data: { length: 0x4_0000 } }],
    });
  });

  test('a place of the second header leaves the places behind it to be searched', async () => {
    const volume = cipherBytes(MIB);
    volume.set(header('SKUL\xba\xbe', 0x4_0000, 0x4_0000), 0x4_0000);
    const bad = withBadPlaces(new MemorySource(volume), [{ offset: 0x2_0000, length: 512 }]);
    expect(await detectEncryption(bad)).toMatchObject({
      product: 'LUKS2',
      evidence: [{ what: 'LUKS2 secondary header', offset: 0x4_0000 }],
    });
  });
});

describe('LZMA’s own file format', () => {
  // The LZMA SDK, "lzma.txt": properties, dictionary size, then eight bytes of size, all ones where it is unknown.
  const start = (size: readonly number[]): Bytes => {
    const volume = cipherBytes(64 * 1024);
    volume.set([0x5d, 0, 0, 0x80, 0, ...size]);
    return volume;
  };
  const advised = async (bytes: Bytes): Promise<boolean> =>
    (await detectEncryption(new MemorySource(bytes))).samplingAdvised === true;

  test('is known by its size, known or not; three bytes that chance makes are not enough', async () => {
    expect(await advised(start([255, 255, 255, 255, 255, 255, 255, 255]))).toBe(false);
    expect(await advised(start([0, 0, 0, 4, 0, 0, 0, 0]))).toBe(false);
    expect(await advised(start([1, 2, 3, 4, 5, 6, 7, 8]))).toBe(true);
  });
});

describe('a system header of random bytes', () => {
  const disk = new Uint8Array(MIB);
  disk.set(cipherBytes(512, 1), 31_744);
  disk.set(cipherBytes(512, 2), 512 * 1024);
  const partition = { offset: 512 * 1024, length: 65_536 };
  const found = async (partitions: { offset: number; length: number }[]): Promise<unknown> =>
    (await detectDiskEncryption(new MemorySource(disk), { partitions }))[0]?.details;

  test('counts beside a partition that can be one', async () => {
    const odd = [
      { offset: 31_744, length: 512 },
      { offset: 512 * 1024, length: 511 },
      { offset: MIB - 100, length: 65_536 },
    ];
    expect(await found([...odd, partition])).toEqual({ partitionOffset: String(partition.offset) });
    expect(await found(odd)).toBeUndefined();
  });
});

describe('a drive that is much larger than its table says', () => {
  const size = 64 * GIB;
  const partitions = [{ offset: MIB, length: 32 * MIB }];
  /** UEFI specification, GPT header: signature at 0, LBA of the other header at 32. */
  const gpt = (backup: number): Bytes => {
    const head = new Uint8Array(1024);
    head.set(latin1('EFI PART'), 512);
    new DataView(head.buffer).setBigUint64(512 + 32, BigInt(backup), true);
    head.set([0x55, 0xaa], 510);
    return head;
  };
  const hinted = async (disk: ByteSource): Promise<boolean> =>
    (await detectDiskEncryption(disk, { partitions })).length > 0;

  test('may be a locked self-encrypting drive when the table’s other half lies within 128 MiB', async () => {
    expect(await hinted(sparse(size, [[0, gpt(128 * 2048 - 1)]]))).toBe(true);
    expect(await hinted(sparse(size, [[0, gpt(size / 512 - 1)]]))).toBe(false);
  });

  test('is none when anything is stored behind that, or cannot be read', async () => {
    const table = gpt(128 * 2048 - 1);
    // One of the places that are looked at.
    const place = 128 * MIB + Math.floor((size - 128 * MIB) / 8) * 3;
    const aligned = place - (place % 4096);
    expect(
      await hinted(
        sparse(size, [
          [0, table],
          [aligned, latin1('x')],
        ]),
      ),
    ).toBe(false);
    expect(await hinted(withBadPlaces(sparse(size, [[0, table]]), [{ offset: aligned, length: 512 }]))).toBe(false);
  });
});

describe('statistics of a volume', () => {
  test('take 256 windows where a volume above 16 GiB is looked at closely', async () => {
    const large = sparse(17 * GIB, []);
    expect((await sampleVolume(large, { deep: true })).windows).toBe(256);
    expect((await sampleVolume(large)).windows).toBe(64);
    expect((await sampleVolume(sparse(16 * GIB, []), { deep: true })).windows).toBe(64);
  });

  test('are mixed where each window looks random and a mebibyte does not: it repeats one block', async () => {
    const block = cipherBytes(65_536);
    const repeated: ByteSource = {
      size: 96 * MIB,
      // Windows begin at multiples of the block.
      read: (_, length) => new Uint8Array(Buffer.alloc(length, block)),
    };
    expect(await sampleVolume(repeated)).toMatchObject({
      verdict: 'mixed',
      passed: 64,
      confirmation: { used: 16, passed: 0 },
    });
  });
});

describe('VirtualBox’s settings', () => {
  test('that are gone before they are read say nothing', async () => {
    const vdi = new Uint8Array(1024);
    vdi.set([0x7f, 0x10, 0xda, 0xbe], 64);
    const siblings = { list: async () => ['vm.vbox'], open: async () => undefined };
    expect(await detectVirtualBoxEncryption(new MemorySource(vdi), siblings)).toBeUndefined();
  });
});

describe('the EFI system partition', () => {
  const node = (name: string, entries: FileNode['entries'], content = ''): FileNode => ({
    name,
    path: name,
    type: content === '' ? 'directory' : 'file',
    size: content.length,
    stream: async () => new MemorySource(latin1(content)),
    entries,
  });
  const nothing: FileNode['entries'] = async function* () {};
  const tree = (efi: FileNode, manager?: string): FileTree => ({
    fileSystem: 'fat32',
    lookup: async (path) => {
      if (path === '/EFI') return efi;
      return path.endsWith('bootmgfw.efi') && manager !== undefined ? node(path, nothing, manager) : undefined;
    },
  });

  test('with a directory that does not end is read up to what FAT allows', async () => {
    let batches = 0;
    const endless = node('/EFI', async function* () {
      for (;;) {
        batches += 1;
        yield Array.from({ length: 1000 }, (_, i) => ({ name: `Sophos${batches}-${i}`, open: async () => endless }));
      }
    });
    expect(await detectEfiBootManagers(tree(endless))).toHaveLength(65_536);
    expect(batches).toBe(66);
  });

  test('whose boot manager only begins like Microsoft’s symbols is another’s, until the whole name stands there', async () => {
    const microsoft = node('/EFI', async function* () {
      yield [{ name: 'Microsoft', open: async () => microsoft }];
    });
    const traces = (content: string): Promise<unknown[]> =>
      detectEfiBootManagers(tree(microsoft, content), { readBootManager: true });
    expect(await traces('MZ bootmgr, bootmgfw.efi')).toMatchObject([{ product: 'unknown' }]);
    expect(await traces('MZ bootmgr, bootmgfw.pdb')).toEqual([]);
  });

  test('with hints only names the first of them, and no product where the hint is no more than a strange boot manager', () => {
    const random: EncryptionFinding = { ...noEncryption(), verdict: 'random-data', confidence: 'heuristic' };
    const hint = { confidence: 'heuristic', what: 'vendor folder', path: '/EFI/Sophos' } as const;
    const strange = { product: 'unknown', confidence: 'heuristic', what: 'boot manager', path: '/EFI/x.efi' } as const;
    expect(applyTraces(random, [{ ...hint, product: 'Sophos SafeGuard' }, strange])).toMatchObject({
      verdict: 'encrypted-unknown-product',
      product: 'Sophos SafeGuard',
      confidence: 'heuristic',
    });
    const unnamed = applyTraces(random, [strange]);
    expect(unnamed).toMatchObject({ verdict: 'encrypted-unknown-product', details: { trace: '/EFI/x.efi' } });
    expect(unnamed.product).toBeUndefined();
  });
});
