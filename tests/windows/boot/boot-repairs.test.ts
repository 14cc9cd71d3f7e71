import { readFileSync } from 'node:fs';
import { type BootCheck, type BootDisk, checkBoot, findBootStores, underlyingDevice } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { memoryTree } from '../../support/memory-tree.js';

const PRESENT = [
  '1:\\EFI\\Microsoft\\Boot\\bootmgfw.efi',
  '3:\\Windows\\System32\\winload.efi',
  '3:\\Windows\\System32\\winresume.efi',
  '3:\\Windows',
].map((path) => path.toUpperCase());

describeWithCase('boot stores with one wrong value', '10-bcd-repairs', ['hivexsh', 'mcopy'], (made) => {
  const stores = (name: string) =>
    findBootStores(memoryTree({ '/EFI/Microsoft/Boot/BCD': new Uint8Array(readFileSync(made(`${name}.hiv`))) }), 1);

  /** The disk that the unchanged devices of a store describe: the boot manager's partition is the system partition. */
  async function disk(): Promise<BootDisk> {
    const [file] = await stores('no-displayorder');
    const objects = [...(file?.store?.objects ?? [])].sort((left) => (left.name === '{bootmgr}' ? -1 : 0));
    const found = objects
      .flatMap(({ elements }) => elements)
      .flatMap(({ value }) => (value.format === 'device' ? [underlyingDevice(value.device)] : []))
      .flatMap((device) => (device.kind === 'partition' && device.partition.style === 'gpt' ? [device.partition] : []));
    const ids = [...new Set(found.map(({ partitionId }) => partitionId))];
    return {
      table: 'gpt',
      diskId: found[0]?.diskId ?? '',
      partitions: ids.map((partitionId, i) => ({
        number: i === 0 ? 1 : 3,
        offset: (i + 1) << 20,
        length: 1 << 20,
        partitionId,
        efiSystem: i === 0,
      })),
    };
  }

  async function check(name: string): Promise<BootCheck> {
    return checkBoot({
      disk: await disk(),
      stores: await stores(name),
      hasWindows: true,
      exists: (partition, path) => Promise.resolve(PRESENT.includes(`${partition}:${path}`.toUpperCase())),
    });
  }

  test('a path that names the wrong file is mended in the store, since the right file is there', async () => {
    const result = await check('path-exe');
    expect(result).toMatchObject({ verdict: 'loader-missing', remedies: ['correct-boot-store', 'rebuild-boot-store'] });
    expect(result.findings).toContainEqual({
      id: 'loader-wrong-firmware',
      data: { path: '\\Windows\\system32\\winload.exe', found: '\\Windows\\system32\\winload.efi', firmware: 'uefi' },
    });
  });

  test('a default entry that is not there is mended in the store', async () => {
    expect(await check('default-gone')).toMatchObject({
      verdict: 'default-entry-missing',
      remedies: ['rebuild-boot-store'],
    });
  });

  test('a partition that the disk does not have is not consistent', async () => {
    expect((await check('stale')).verdict).toBe('partition-missing');
  });

  test.each(['no-default', 'no-displayorder', 'bootseq-gone'])(
    "%s does not call the disk's files wrong",
    async (name) => {
      const result = await check(name);
      expect(result.verdict).not.toBe('loader-missing');
      expect(result.remedies).not.toContain('restore-loader-file');
    },
  );
});
