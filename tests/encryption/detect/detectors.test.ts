import { createHash } from 'node:crypto';
import { type ByteSource, type Bytes, CountingSource, type FileNode, type FileTree, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { detectDiskEncryption, detectEncryption, noEncryption, probeVolume } from '@deadbox/encryption';
import {
  applyTraces,
  detectEfiBootManagers,
  detectVirtualBoxEncryption,
  sweepBootArea,
} from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import { matchDiskBootCode, matchVolumeHeader } from '../../../packages/encryption/src/detect/boot-code.js';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { plainVolume, smallPlainVolume } from '../../support/encryption/volumes.js';

const latin1 = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A sector with `text` at `offset` among bytes of boot code, ending in 55 AA. */
function sector(offset: number, text: string, more: [number, string][] = []): Bytes {
  const bytes = Uint8Array.from({ length: 512 }, (_, i) => (i * 13) & 0x7f);
  for (const [at, value] of [[offset, text], ...more] as [number, string][]) bytes.set(latin1(value), at);
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

/** 512 bytes that look random, always the same for one seed. */
function randomSector(seed: number): Bytes {
  const parts = Array.from({ length: 16 }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest());
  return Uint8Array.from(Buffer.concat(parts));
}

describe('boot code of encryption products (synthetic sectors from the documented bytes)', () => {
  const positive: [string, string, Bytes][] = [
    ['VeraCrypt', 'corroborated', sector(0, '\xea\x1e\x7c\x00\x00 VeraCrypt Boot Loader\r\n\0')],
    ['TrueCrypt', 'corroborated', sector(0, '\xea\x1e\x7c\x00\x00 TrueCrypt Boot Loader\r\n\0')],
    [
      'DiskCryptor',
      'verified',
      sector(0, '\x33\xc0\x90\x90\xeb\x10\x10\x00\x40\x00\x00\x00\x00\x20\x01\x00', [[22, '\xea\x1b\x7c\x00\x00']]),
    ],
    ['McAfee Drive Encryption (SafeBoot)', 'single-source', sector(3, 'SafeBoot')],
    ['McAfee Drive Encryption (SafeBoot)', 'single-source', sector(3, 'Safeboot')],
    ['Symantec / PGP Whole Disk Encryption', 'single-source', sector(0, '\xeb\x48\x90PGPGUARD')],
    ['Sophos SafeGuard', 'single-source', sector(119, 'SGM400')],
    ['Sophos SafeGuard', 'single-source', sector(119, 'SGE400')],
    ['GuardianEdge / Symantec Endpoint Encryption', 'single-source', sector(6, 'PCGM')],
    ['WinMagic SecureDoc', 'single-source', sector(246, 'WMSD')],
  ];
  for (const [product, confidence, bytes] of positive) {
    test(`${product}, with the confidence of its source and the bytes as evidence`, async () => {
      const disk = new Uint8Array(65_536);
      disk.set(bytes);
      const [finding] = await detectDiskEncryption(new MemorySource(disk));
      expect(finding).toMatchObject({ verdict: 'encrypted-locked', product, confidence });
      const [evidence] = finding?.evidence ?? [];
      expect(evidence?.bytes).toBe(
        Buffer.from(bytes.subarray(evidence.offset, evidence.offset + evidence.length)).toString('hex'),
      );
    });
  }

  test('DiskCryptor’s loader configuration behind a foreign first sector', async () => {
    const disk = new Uint8Array(65_536);
    disk.set([0x69, 0xa6, 0x34, 0x14, 0x46, 0xda, 0x69, 0x72], 4000);
    expect(await detectDiskEncryption(new MemorySource(disk))).toMatchObject([
      { product: 'DiskCryptor', confidence: 'corroborated', evidence: [{ offset: 4000 }] },
    ]);
  });

  test('headers of volumes: BestCrypt', async () => {
    const volume = new Uint8Array(65_536);
    volume.set(Buffer.from('DDA26A7E3A59FF453E350A44BCB4CDD572EACEA8FA6484BB8D6612AEBF3C6F47', 'hex'));
    expect(await detectEncryption(new MemorySource(volume))).toMatchObject({
      product: 'BestCrypt Volume Encryption',
      confidence: 'single-source',
    });
    const container = new Uint8Array(65_536);
    container.set(latin1('LOCOS94 '), 3);
    expect(matchVolumeHeader(container)).toEqual([]);
    container.set(latin1('BC_KeyGenID'), 43);
    expect(await detectEncryption(new MemorySource(container))).toMatchObject({
      product: 'BestCrypt container',
      confidence: 'corroborated',
    });
  });
});

describe('ordinary first sectors raise nothing', () => {
  const windowsMbr = sector(0, '\x33\xc0\x8e\xd0\xbc\x00\x7c', [
    [0x163, 'Invalid partition table\0Error loading operating system\0Missing operating system\0'],
  ]);
  const grub = sector(0, '\xeb\x63\x90', [[0x180, 'GRUB \0Geom\0Hard Disk\0Read\0 Error\r\n']]);
  const protective = new Uint8Array(512);
  protective.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f], 446);
  protective.set([0x55, 0xaa], 510);
  const fat32 = sector(0, '\xeb\x58\x90MSWIN4.1\0\x02\x08', [[82, 'FAT32   ']]);
  for (const [name, bytes] of Object.entries({
    windowsMbr,
    grub,
    protective,
    fat32,
    ntfs: plainVolume().subarray(0, 512),
  })) {
    test(name, async () => {
      const disk = new Uint8Array(1 << 20);
      disk.set(bytes);
      expect(
        await detectDiskEncryption(new MemorySource(disk), { partitions: [{ offset: 65_536, length: 65_536 }] }),
      ).toEqual([]);
      const finding = await detectEncryption(new MemorySource(disk));
      expect(finding).toMatchObject({ verdict: 'none', evidence: [] });
      expect(finding.product).toBeUndefined();
    });
  }

  test('a thousand random sectors', () => {
    for (let seed = 0; seed < 1000; seed += 1) {
      expect(matchDiskBootCode(randomSector(seed))).toEqual([]);
      expect(matchVolumeHeader(randomSector(seed))).toEqual([]);
    }
  });

  test('a random sector where the system header would be, without a random partition, is GRUB’s business', async () => {
    const disk = new Uint8Array(1 << 20);
    disk.set(grub);
    disk.set(randomSector(1), 31_744);
    disk.set(plainVolume().subarray(0, 512), 65_536);
    const partitions = [{ offset: 65_536, length: 65_536 }];
    expect(await detectDiskEncryption(new MemorySource(disk), { partitions })).toEqual([]);
    disk.set(randomSector(2), 65_536);
    expect(await detectDiskEncryption(new MemorySource(disk), { partitions })).toMatchObject([
      { verdict: 'encrypted-unknown-product', confidence: 'heuristic', details: { partitionOffset: '65536' } },
    ]);
  });
});

describe('cost', () => {
  const count = async (bytes: Bytes, known: boolean): Promise<number> => {
    const source = new CountingSource(new MemorySource(bytes));
    const head = known ? bytes.slice(0, 16_384) : undefined;
    await detectEncryption(head === undefined ? source : { source, head });
    return source.reads;
  };
  test('a known file system costs no read beyond the shared start, a blank one 1, an unknown one at most 7, BitLocker 3', async () => {
    expect(await count(plainVolume(), true)).toBe(0);
    expect(await count(plainVolume(), false)).toBe(1);
    expect(await count(new Uint8Array(8 << 20), true)).toBe(1);
    expect(await count(new Uint8Array(8 << 20).fill(0x41, 0, 4096).fill(0x42, 100, 200), true)).toBeLessThanOrEqual(7);
    expect(await count(makeBitLockerVolume(smallPlainVolume(), { clearKey: true }).bytes, true)).toBe(3);
  });
  test('a disk whose start is known costs none', async () => {
    const bytes = new Uint8Array(1 << 20);
    const source = new CountingSource(new MemorySource(bytes));
    await detectDiskEncryption(source, {
      head: bytes.slice(0, 32_768),
      partitions: [{ offset: 65_536, length: 4096 }],
    });
    expect(source.reads).toBe(0);
  });
});

describe('evidence', () => {
  test('counts from the start of the disk when the probe says where the volume lies', async () => {
    const made = makeBitLockerVolume(smallPlainVolume(), { clearKey: true });
    const probe = await probeVolume(new MemorySource(made.bytes), { diskOffset: 1_048_576 });
    const { evidence } = await detectEncryption(probe);
    expect(evidence.map(({ what, offset }) => [what, offset])).toEqual([
      ['BitLocker volume header', 1_048_576],
      ['BitLocker GUID', 1_048_576 + 0xa0],
      ['BitLocker metadata block', 1_048_576 + made.metadataOffsets[0]],
      ['BitLocker clear key entry', expect.any(Number)],
    ]);
    // The key lies in the open, but not in our output.
    const clearKey = createHash('sha256').update('clear key 0').digest('hex');
    expect(JSON.stringify(evidence)).not.toContain(clearKey.slice(0, 16));
  });
});

describe('EFI system partition', () => {
  function tree(files: Record<string, string>): FileTree {
    const paths = Object.keys(files);
    const node = (path: string): FileNode => ({
      name: path.split('/').at(-1) as string,
      path,
      type: paths.some((file) => file === path) ? 'file' : 'directory',
      size: files[path]?.length ?? 0,
      stream: async () => new MemorySource(latin1(files[path] ?? '')),
      async *entries() {
        const below = paths
          .filter((file) => file.startsWith(`${path}/`))
          .map((file) => file.slice(path.length + 1).split('/')[0]);
        yield [...new Set(below)].map((name) => ({ name, open: async () => node(`${path}/${name}`) }));
      },
    });
    return {
      fileSystem: 'fat32',
      lookup: async (path) => {
        const match = paths.flatMap((file) => [file, ...file.split('/').map((_, i, all) => all.slice(0, i).join('/'))]);
        const found = match.find((item) => item.toLowerCase() === path.toLowerCase());
        return found === undefined ? undefined : node(found);
      },
    };
  }
  const microsoft = {
    '/EFI/Microsoft/Boot/bootmgfw.efi': `MZ${'x'.repeat(300_000)}bootmgfw.pdb`,
    '/EFI/Boot/bootx64.efi': 'MZ',
  };

  test('a plain Windows one has no traces', async () => {
    expect(await detectEfiBootManagers(tree(microsoft), { readBootManager: true })).toEqual([]);
    expect(await detectEfiBootManagers(tree({}))).toEqual([]);
  });

  test('VeraCrypt, DiskCryptor, vendor folders and a replaced boot manager leave theirs', async () => {
    const traces = await detectEfiBootManagers(
      tree({
        '/EFI/Microsoft/Boot/bootmgfw.efi': 'MZ another loader',
        '/EFI/Microsoft/Boot/bootmgfw_ms.vc': 'MZ',
        '/EFI/veracrypt/dcsboot.EFI': 'MZ',
        '/EFI/DCS/DcsInt.dcs': 'MZ',
        '/EFI/Sophos/x.efi': 'MZ',
      }),
      { readBootManager: true },
    );
    expect(traces.map(({ product, confidence, what }) => [product, confidence, what])).toEqual([
      ['VeraCrypt', 'corroborated', 'VeraCrypt boot manager'],
      ['DiskCryptor', 'corroborated', 'DiskCryptor boot manager'],
      ['VeraCrypt or DiskCryptor', 'corroborated', 'original Windows boot manager, set aside'],
      ['Sophos SafeGuard', 'heuristic', 'vendor folder'],
      ['unknown', 'heuristic', expect.stringContaining('not Microsoft')],
    ]);
  });

  test('a product behind hundreds of other folders leaves its trace', async () => {
    const others = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`/EFI/Vendor${i}/x.efi`, 'MZ']));
    const traces = await detectEfiBootManagers(tree({ ...others, '/EFI/VeraCrypt/DcsBoot.efi': 'MZ' }));
    expect(traces.map(({ product }) => product)).toContain('VeraCrypt');
  });

  test('a trace alone changes nothing; beside random data it names the product', async () => {
    const traces = await detectEfiBootManagers(tree({ '/EFI/VeraCrypt/DcsBoot.efi': 'MZ' }));
    expect(applyTraces(noEncryption(), traces)).toEqual(noEncryption());
    const random = { ...noEncryption(), verdict: 'random-data' as const, confidence: 'heuristic' as const };
    expect(applyTraces(random, traces)).toMatchObject({
      verdict: 'encrypted-unknown-product',
      product: 'VeraCrypt',
      confidence: 'corroborated',
    });
    expect(applyTraces(random, [])).toEqual(random);
  });
});

describe('the start of a disk', () => {
  const partitions = [{ offset: 1 << 20, length: 1 << 20 }];
  test('holds names and PGP records as traces, which count beside random data only', async () => {
    const disk = new Uint8Array(4 << 20);
    disk.set(latin1('SecureDOC boot loader'), 5000);
    disk.set([0x00, 0x02, 0x00, 0x08, 0x00, 0x69, 0x44, 0x57, 0, 0], 40 * 512);
    const traces = await sweepBootArea(new MemorySource(disk), { partitions });
    expect(traces.map(({ product, confidence, path }) => [product, confidence, path])).toEqual([
      ['Symantec / PGP Whole Disk Encryption', 'single-source', 'disk offset 20480'],
      ['WinMagic SecureDoc', 'heuristic', 'disk offset 5000'],
    ]);
    expect(applyTraces(noEncryption(), traces)).toEqual(noEncryption());
  });

  test('is swept up to the first partition and no further', async () => {
    const disk = new Uint8Array(4 << 20);
    disk.set(latin1('VeraCrypt'), 70_000);
    expect(await sweepBootArea(new MemorySource(disk), { partitions: [{ offset: 65_536, length: 1 << 20 }] })).toEqual(
      [],
    );
    expect(await sweepBootArea(new MemorySource(disk), { partitions })).toHaveLength(1);
    expect(await sweepBootArea(new MemorySource(new Uint8Array(100)))).toEqual([]);
  });
});

describe('other volumes', () => {
  test('plain dm-crypt is known from the partition type alone', async () => {
    const noise = new MemorySource(
      Uint8Array.from(Buffer.concat(Array.from({ length: 128 }, (_, i) => randomSector(i)))),
    );
    expect(await detectEncryption(noise)).toMatchObject({ verdict: 'none', samplingAdvised: true });
    const finding = await detectEncryption(noise, { partitionType: '7ffec5c9-2d00-49b7-8941-3ea10a5586b7' });
    expect(finding).toMatchObject({
      verdict: 'encrypted-locked',
      product: 'dm-crypt (plain)',
      confidence: 'corroborated',
    });
  });

  test('an APFS volume is encrypted when its flags lack "unencrypted"', async () => {
    for (const [flags, verdict] of [
      [0, 'encrypted-locked'],
      [1, 'none'],
    ] as const) {
      const bytes = new Uint8Array(1 << 20);
      bytes.set(latin1('NXSB'), 32);
      new DataView(bytes.buffer).setUint32(36, 4096, true);
      bytes.set(latin1('APSB'), 40 * 4096 + 32);
      bytes[40 * 4096 + 264] = flags;
      expect(await detectEncryption(new MemorySource(bytes))).toMatchObject({ product: 'APFS', verdict });
    }
  });

  test('a locked self-encrypting drive is only hinted at', async () => {
    const size = 64 * 2 ** 30;
    const first = sector(0, '\xfa\x31\xc0');
    const drive: ByteSource = {
      size,
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        if (offset < 512) bytes.set(first.subarray(offset, Math.min(512, offset + length)));
        return bytes;
      },
    };
    const partitions = [{ offset: 1 << 20, length: 32 << 20 }];
    expect(await detectDiskEncryption(drive, { partitions })).toMatchObject([
      { verdict: 'not-enough-data', confidence: 'heuristic' },
    ]);
    expect(
      await detectDiskEncryption(drive, { partitions: [...partitions, { offset: 1 << 30, length: 1 << 30 }] }),
    ).toEqual([]);
  });
});

describeWithCorpus('LUKS headers of the corpus', () => {
  for (const entry of corpusManifest().filter((item) => /luks/.test(item.id) && item.kind === 'other-encryption')) {
    test(`${entry.id}: version, UUID and cipher are those of luksDump`, async () => {
      const source = await openFile(corpusFile(entry));
      const finding = await detectEncryption(source);
      const { version, uuid, cipher, mode } = entry.expected;
      expect(finding).toMatchObject({
        verdict: 'encrypted-locked',
        product: `LUKS${version}`,
        details: { uuid },
        issues: [],
      });
      expect(finding.method).toBe(mode === undefined ? cipher : `${cipher}-${mode}`);
      await source.close?.();
    });
  }

  test('a LUKS2 volume whose first header is wiped is found by its second', async () => {
    for (const entry of corpusManifest().filter(
      (item) => item.kind === 'other-encryption' && item.expected.type === 'luks2',
    )) {
      const source = await openFile(corpusFile(entry));
      for (const filler of [0, 0x41]) {
        const bytes = new Uint8Array(await source.read(0, source.size)).fill(filler, 0, 4096);
        bytes[100] = filler + 1;
        const finding = await detectEncryption(new MemorySource(bytes));
        expect(finding, entry.id).toMatchObject({
          product: 'LUKS2',
          flags: ['metadata-damaged'],
          details: { uuid: entry.expected.uuid },
        });
        expect(finding.issues[0]?.code).toBe('luks.primary-damaged');
      }
      await source.close?.();
    }
  });
});

describe('VirtualBox’s settings', () => {
  const vdi = new Uint8Array(1024);
  vdi.set([0x7f, 0x10, 0xda, 0xbe], 64);
  vdi.set([0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0x78, 0x56, 1, 2, 3, 4, 5, 6, 7, 8], 392);
  const machine = (...disks: [id: string, properties: string][]) => ({
    list: async () => ['vm.vbox', 'disk.vdi'],
    open: async () =>
      new MemorySource(
        latin1(disks.map(([id, inner]) => `<HardDisk uuid="{${id}}" format="VDI">${inner}</HardDisk>`).join('\n')),
      ),
  });
  const own = '12345678-1234-5678-0102-030405060708';
  const keys = '<Property name="CRYPT/KeyId" value="a"/><Property name="CRYPT/KeyStore" value="AAAB"/>';

  test('name the encryption of a disk that holds nothing of it itself', async () => {
    const finding = await detectVirtualBoxEncryption(new MemorySource(vdi), machine([own, keys]));
    expect(finding).toMatchObject({
      verdict: 'encrypted-locked',
      product: 'VirtualBox disk encryption',
      confidence: 'single-source',
      details: { machine: 'vm.vbox' },
    });
  });

  test('say nothing of a plain disk, whatever they say of another one beside it', async () => {
    const other = '99999999-1234-5678-0102-030405060708';
    for (const siblings of [machine([own, '']), machine([own, ''], [other, keys]), machine([other, keys]), undefined])
      expect(await detectVirtualBoxEncryption(new MemorySource(vdi), siblings)).toBeUndefined();
    const raw = new MemorySource(new Uint8Array(1024));
    expect(await detectVirtualBoxEncryption(raw, machine([own, keys]))).toBeUndefined();
  });
});
