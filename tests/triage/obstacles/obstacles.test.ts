import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { en } from '@deadbox/report/en';
import type { ObstacleId } from '@deadbox/triage';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { writeGpt } from '../../support/disk-writer/gpt.js';
import { smallPlainVolume } from '../../support/encryption/volumes.js';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { writeVhd } from '../../support/image/vhd-writer.js';
import { logEntry, VHDX_LAYOUT, type VhdxRecipe, writeVhdx } from '../../support/image/vhdx-writer.js';
import { MemorySink } from '../../support/ntfs-writer/sink.js';
import { testImagePath } from '../../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';
import { beside, idsOf, MIB, obstaclesOf, writtenVolume } from '../../support/triage/obstacle-fixtures.js';
import { root } from '../../support/workspace.js';

const GUID = (digit: string): string => `${digit.repeat(8)}-1111-4222-8333-444444444444`;
const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';

/** The ids of the contract with the outside. */
const IDS =
  'bitlocker-clear-key wrong-partition dirty-log hibernated differencing-without-parent vhdx-log dynamic-disk storage-spaces refs wof dedup ' +
  'cloud-placeholder link case-or-short-name snapshot-chain sector-size damaged-table-or-boot-sector bitlocker-leftover foreign-volume-manager saved-vm-state in-use snapshot-beside ' +
  'parts-beside optical-disc';

test.each(IDS.split(' '))('%s has words for its effect and its advice, and a line in the documentation', (id) => {
  const { effects, advice } = en.obstacles;
  for (const words of [effects[id as ObstacleId], advice[id as ObstacleId]]) expect(words).toMatch(/^[A-Zd].*\.$/);
  expect(readFileSync(join(root, 'docs/obstacles.md'), 'utf8')).toContain(`| \`${id}\` |`);
});

test.each(['gpt-faulty', 'gpt-reverted', 'mbr-superseded'])('an ordinary disk, %s, has none', async (name) => {
  expect(await obstaclesOf(testImagePath(name))).toEqual([]);
});

describeWithTools(['sgdisk', 'sfdisk', 'mkntfs'], 'obstacles of a partition table that Linux tools wrote', () => {
  const folder = temporaryFolder();
  let made = 0;
  const disk = (size: number): string => {
    made += 1;
    const path = join(folder, `disk-${made}.raw`);
    writeFileSync(path, new Uint8Array(size));
    return path;
  };
  const gpt = (...options: string[]): string => {
    const path = disk(32 * MIB);
    run('sgdisk', [...options, path]);
    return path;
  };
  const mbr = (script: string): string => {
    const path = disk(32 * MIB);
    run('sfdisk', ['-q', path], { input: `label: dos\n${script}\n` });
    return path;
  };

  test.each([
    ['MBR', () => mbr('start=2048, type=42'), () => mbr('start=2048, type=7')],
    [
      'GPT',
      () => gpt('-n', '1:2048:0', '-t', '1:AF9B60A0-1431-4F62-BC68-3311714A69AD'),
      () => gpt('-n', '1:2048:0', '-t', `1:${BASIC_DATA}`),
    ],
  ])('dynamic-disk: a partition of an LDM type (%s)', async (_, positive, negative) => {
    const [found, ...others] = await obstaclesOf(positive());
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id: 'dynamic-disk', volume: null, evidence: [{ offset: expect.any(Number) }] });
    expect(await idsOf(negative())).toEqual([]);
  });

  test('storage-spaces: a partition of its type', async () => {
    const path = gpt('-n', '1:2048:0', '-t', '1:E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D');
    const found = (await obstaclesOf(path)).filter(({ id }) => id === 'storage-spaces');
    expect(found).toMatchObject([{ volume: null, evidence: [{ offset: 1024 }] }]);
    // The evidence is the type GUID of the first entry as it is stored.
    expect(found[0]?.evidence[0]?.bytes.startsWith('8faf5ce780f6ee4cafa3b001e56efc2d')).toBe(true);
    expect(await idsOf(gpt('-n', '1:2048:0', '-t', `1:${BASIC_DATA}`))).not.toContain('storage-spaces');
  });

  test('wrong-partition: an NTFS volume before Windows; behind it there is none', async () => {
    const small = disk(8 * MIB);
    run('mkntfs', ['-F', '-f', '-q', '-L', 'System Reserved', small]);
    const windows = writtenWindows();
    const build = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
      const starts = parts.map((_, index) => MIB + parts.slice(0, index).reduce((sum, part) => sum + part.length, 0));
      const path = mbr(
        parts.map((part, index) => `start=${(starts[index] ?? 0) / 512}, size=${part.length / 512}, type=7`).join('\n'),
      );
      const bytes = new Uint8Array(readFileSync(path));
      parts.forEach((part, index) => bytes.set(part, starts[index]));
      return bytes;
    };
    const reserved = new Uint8Array(readFileSync(small));
    const [found, ...others] = await obstaclesOf(build([reserved, windows]));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id: 'wrong-partition',
      volume: 1,
      data: { windows: 2 },
      evidence: [{ offset: 0x1be, length: 16 }],
    });
    expect(await idsOf(build([windows, reserved]))).toEqual([]);
  });

  test('damaged-table-or-boot-sector: the primary GPT is gone, its backup is not', async () => {
    const bytes = new Uint8Array(readFileSync(gpt('-n', '1:2048:0', '-t', `1:${BASIC_DATA}`)));
    expect(await idsOf(bytes)).toEqual([]);
    bytes.fill(0, 512, 1024);
    expect(await obstaclesOf(bytes)).toMatchObject([
      { id: 'damaged-table-or-boot-sector', volume: null, evidence: [{ offset: 512, bytes: '00'.repeat(64) }] },
    ]);
  });
});

/** A Windows volume of 16 MiB, as small as the scan accepts. */
function writtenWindows(): Uint8Array<ArrayBuffer> {
  return writtenVolume({ fill: (tree) => void tree.folder('Windows/System32/drivers/CrowdStrike') });
}

describe('sector-size: a raw disk with 4096-byte sectors', () => {
  const build = (sectorSize: number): Uint8Array<ArrayBuffer> => {
    const sink = new MemorySink(8 * MIB);
    writeGpt(sink, 8 * MIB, sectorSize, GUID('1'), [
      { type: BASIC_DATA, id: GUID('2'), name: 'data', offset: MIB, length: 4 * MIB },
    ]);
    return sink.bytes;
  };

  test('(synthetic) is one; with 512-byte sectors, or in a container that states its sector size, it is none', async () => {
    const disk = build(4096);
    const [found, ...others] = await obstaclesOf(disk);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id: 'sector-size',
      volume: null,
      data: { sectorSize: 4096 },
      evidence: [{ offset: 4096 }],
    });
    expect(found?.evidence[0]?.bytes.startsWith(Buffer.from('EFI PART').toString('hex'))).toBe(true);
    expect(await idsOf(build(512))).toEqual([]);
    const blocks = Array.from({ length: 8 }, (_, index) => ({
      state: 6 as const,
      data: disk.subarray(index * MIB, (index + 1) * MIB),
    }));
    expect(await idsOf(writeVhdx({ size: 8 * MIB, sectorSize: 4096, blocks, dataWriteGuid: GUID('3') }))).toEqual([]);
  });
});

describe('volumes that Linux or Windows alone can read', () => {
  const signatures: [string, string, number, Uint8Array][] = [
    [
      'refs',
      'refs',
      0,
      Buffer.concat([Buffer.from([0, 0, 0]), Buffer.from('ReFS\0\0\0\0'), Buffer.alloc(5), Buffer.from('FSRS')]),
    ],
    ['foreign-volume-manager', 'lvm2', 512, Buffer.from('LABELONE')],
    ['foreign-volume-manager', 'mdraid', 4096, Buffer.from('fc4e2ba9', 'hex')],
    ['foreign-volume-manager', 'zfs', 0x2_0000, Buffer.from('0cb1ba0000000000', 'hex')],
    ['foreign-volume-manager', 'vmfs', 0x20_0000, Buffer.from('5ef1ab2f', 'hex')],
    ['foreign-volume-manager', 'vmfs-member', 0x10_0000, Buffer.from('0dd001c0', 'hex')],
    ['storage-spaces', 'storage-spaces', 0, Buffer.from('SPACEDB ')],
  ];
  test.each(signatures)(
    '%s (synthetic): %s by its signature; the same bytes elsewhere are none',
    async (id, name, offset, signature) => {
      const volume = new Uint8Array(4 * MIB);
      volume.set(signature, offset);
      const [found, ...others] = await obstaclesOf(volume);
      expect(others).toEqual([]);
      expect(found).toMatchObject({ id, volume: 1, evidence: [{ offset: 0 }] });
      if (id === 'foreign-volume-manager') expect(found?.data).toEqual({ fileSystem: name });
      const later = new Uint8Array(4 * MIB);
      // LVM's label may lie in any of the first four sectors.
      later.set(signature, offset + 2048);
      expect(await idsOf(later)).toEqual([]);
    },
  );
});

// ECMA-119, 9.1 and ECMA-167, 2/9.1: type, identifier, version, of the first descriptor, in sector 16 of 2048 bytes.
test.each([
  ['iso9660', '\u0001CD001\u0001'],
  ['udf', '\0BEA01\u0001'],
])(
  'optical-disc (synthetic): %s from the first byte of the image on; in a partition it is a volume',
  async (fileSystem, text) => {
    const disc = new Uint8Array(4 * MIB);
    disc.set(Buffer.from(text, 'latin1'), 0x8000);
    expect(await obstaclesOf(disc)).toMatchObject([
      { id: 'optical-disc', volume: null, data: { fileSystem }, evidence: [{ offset: 0x8000, length: 8 }] },
    ]);
    const sink = new MemorySink(8 * MIB);
    const partition = { type: BASIC_DATA, id: GUID('2'), name: 'data', offset: MIB, length: 4 * MIB };
    writeGpt(sink, 8 * MIB, 512, GUID('1'), [partition]);
    sink.bytes.set(disc, MIB);
    expect(await idsOf(sink.bytes)).toEqual([]);
  },
);

describe('BitLocker', () => {
  const plain = smallPlainVolume();

  test('bitlocker-clear-key: the key lies on the disk; behind a recovery password it does not', async () => {
    const clear = makeBitLockerVolume(plain, { clearKey: true });
    const [found, ...others] = await obstaclesOf(clear.bytes);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id: 'bitlocker-clear-key', volume: 1 });
    expect(found?.evidence.length).toBeGreaterThan(0);
    const locked = makeBitLockerVolume(plain, {
      recoveryPassword: '235818-357951-253979-013365-241120-245575-342914-591910',
    });
    expect(await idsOf(locked.bytes)).toEqual([]);
  });

  describeWithCorpus('as Windows wrote it (recorded)', () => {
    const path = (id: string): string => corpusFile(corpusManifest().find((entry) => entry.id === id) as never);
    test('bitlocker-leftover: a volume that Windows decrypted; an encrypted one is none', async () => {
      const [found] = await obstaclesOf(path('win-fve-decrypted'));
      expect(found).toMatchObject({ id: 'bitlocker-leftover', volume: 1 });
      expect(found?.evidence.length).toBeGreaterThan(0);
      expect(await idsOf(path('win-fve-aes-128'))).not.toContain('bitlocker-leftover');
    });

    test('bitlocker-clear-key: a volume that Windows left with a clear key; one without is none', async () => {
      expect(await idsOf(path('win-bitlk-aes-xts-128-clearkey-only'))).toContain('bitlocker-clear-key');
      expect(await idsOf(path('win-bitlk-aes-xts-128'))).not.toContain('bitlocker-clear-key');
    });
  });
});

describe('chains and logs of containers', () => {
  const data = new Uint8Array(MIB).fill(1);
  const base = (): Uint8Array<ArrayBuffer> =>
    writeVhd({ type: 'dynamic', size: MIB, blockSize: MIB, uuid: GUID('a'), blocks: new Map([[0, { data }]]) });
  const top = (): Uint8Array<ArrayBuffer> =>
    writeVhd({
      type: 'differencing',
      size: MIB,
      blockSize: MIB,
      uuid: GUID('b'),
      blocks: new Map(),
      parent: { uuid: GUID('a'), name: 'base.vhd', locators: [{ platform: 'W2ru', path: '.\\base.vhd' }] },
    });

  test('snapshot-chain (synthetic): a link in the middle of a chain; its newest link and a disk without parents are none', async () => {
    const middle = new MemoryFiles({ 'base.vhd': base(), 'server-000002.vmdk': base() });
    expect(await obstaclesOf(top(), { name: 'server-000001.vmdk', siblings: middle })).toMatchObject([
      { id: 'snapshot-beside', volume: null },
      { id: 'snapshot-chain', volume: null, data: { parents: ['base.vhd'], files: ['server-000002.vmdk'] } },
    ]);
    const newest = new MemoryFiles({ 'base.vhd': base() });
    expect(await idsOf(top(), { name: 'server-000001.vmdk', siblings: newest })).toEqual([]);
    expect(await idsOf(base(), { name: 'base.vhd' })).toEqual([]);
  });

  test('differencing-without-parent (synthetic VHD; QEMU chains: tests/cli/chains): a link alone', async () => {
    expect(await obstaclesOf(top(), { name: 'top.vhd', siblings: beside('other.vhd') })).toMatchObject([
      {
        id: 'differencing-without-parent',
        volume: null,
        data: { parent: '.\\base.vhd', parentId: GUID('a').toUpperCase() },
      },
    ]);
    expect(await idsOf(new Uint8Array(0))).toEqual([]);
  });

  test('vhdx-log (synthetic; a recorded one: tests/image/vhdx): a log that its host left; an empty one is none', async () => {
    const recipe: VhdxRecipe = {
      size: MIB,
      blocks: [{ state: 6, data }],
      dataWriteGuid: GUID('c'),
      logGuid: GUID('d'),
    };
    const file = writeVhdx(recipe);
    const changes = [{ offset: VHDX_LAYOUT.data, page: new Uint8Array(4096).fill(2) }];
    const entry = {
      logGuid: GUID('d'),
      flushedFileOffset: file.length,
      lastFileOffset: file.length,
      sequence: 1n,
      tail: 0,
      changes,
    };
    file.set(logEntry(entry), VHDX_LAYOUT.log);
    expect(await obstaclesOf(file)).toMatchObject([
      { id: 'vhdx-log', volume: null, data: { offset: VHDX_LAYOUT.log } },
    ]);
    expect(await idsOf(writeVhdx({ size: MIB, blocks: recipe.blocks, dataWriteGuid: GUID('c') }))).toEqual([]);
  });
});

describe('what lies beside and around an image (names as the hypervisors give them)', () => {
  const SNAPSHOT = 'server_5A6B7C8D-1111-4222-8333-444444444444.avhdx';
  let disk: Uint8Array<ArrayBuffer>;
  beforeAll(() => {
    disk = new Uint8Array(readFileSync(testImagePath('gpt-reverted')));
  });

  test.each([
    ['saved-vm-state', 'server.vmdk', ['server.vmss'], ['server.vmx', 'server.nvram', 'other.vmss']],
    ['saved-vm-state', 'server.vmdk', ['server-Snapshot1.vmem'], ['server.vmsd']],
    ['saved-vm-state', 'server.vdi', ['server.sav'], ['server.vbox']],
    ['in-use', 'server.vmdk', ['server.vmdk.lck'], ['other.vmdk.lck']],
    ['snapshot-beside', 'server.vhdx', [SNAPSHOT], ['other_5A6B7C8D-1111-4222-8333-444444444444.avhdx']],
    ['snapshot-beside', 'server.vmdk', ['server-000001.vmdk'], ['server-flat.vmdk', 'server-s001.vmdk']],
    ['snapshot-beside', 'server-000001.vmdk', ['server-000002.vmdk'], ['server.vmdk', 'server-000001-delta.vmdk']],
  ])('%s: beside %s, %j says so and %j does not', async (id, name, positive, negative) => {
    expect(await obstaclesOf(disk, { name, siblings: beside(...positive, ...negative) })).toMatchObject([
      { id, volume: null, data: { files: positive } },
    ]);
    expect(await idsOf(disk, { name, siblings: beside(...negative) })).toEqual([]);
  });

  test('in-use: what the caller knows of a mount (found by the command line: tests/cli/in-use)', async () => {
    const hints = [{ id: 'in-use' as const, data: { mountPoint: '/mnt' } }];
    expect(await obstaclesOf(disk, { hints })).toMatchObject([
      { id: 'in-use', volume: null, data: { mountPoint: '/mnt' } },
    ]);
    expect(await idsOf(disk, { hints: [] })).toEqual([]);
  });
});
