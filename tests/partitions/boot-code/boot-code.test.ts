import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootIndicators, masterBootCode, volumeBoot } from '@deadbox/partitions/internals';
import { describe, expect, test } from 'vitest';
import { describeWithTools } from '../../support/tools.js';

/** A sector with texts at offsets. */
function sector(texts: Record<number, string> = {}, length = 512): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (const [at, text] of Object.entries(texts)) bytes.set(new TextEncoder().encode(text), Number(at));
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

const MESSAGES = {
  0x163: 'Invalid partition table',
  0x17b: 'Error loading operating system',
  0x19a: 'Missing operating system',
};

describe('the code of a master boot record', () => {
  test('of Windows Vista and later has the TPM mark, of older ones only the messages', () => {
    expect(masterBootCode(sector({ 0xef: 'TCPA', ...MESSAGES }))).toBe('windows');
    expect(masterBootCode(sector(MESSAGES))).toBe('windows-nt5');
    expect(masterBootCode(sector({ 0xef: 'TCPA', 0x163: 'Ung\u00fcltige Partition' }))).toBe('windows');
  });

  test('of Windows 2000 to 2003 is known in any language by how it begins', () => {
    const bytes = sector({ 0x120: 'Betriebssystem nicht vorhanden' });
    bytes.set([0x33, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xfb, 0x50, 0x07, 0x50, 0x1f, 0xfc, 0xbe]);
    expect(masterBootCode(bytes)).toBe('windows-nt5');
  });

  test('is empty when all its 440 bytes are zero, whatever the disk signature and the table hold', () => {
    const bytes = sector();
    expect(masterBootCode(bytes)).toBe('empty');
    bytes.fill(0xff, 440, 510);
    expect(masterBootCode(bytes)).toBe('empty');
    bytes[439] = 1;
    expect(masterBootCode(bytes)).toBe('other');
  });

  test.each([
    ['GRUB ', 'grub'],
    ['iPXE', 'ipxe'],
    ['TestDisk', 'testdisk'],
    ['SYSLINUX', 'syslinux'],
  ])('with the text %s is of %s', (text, code) => {
    expect(masterBootCode(sector({ 0x180: text }))).toBe(code);
  });
});

test('the boot indicators of all four entries are told, of unused ones too', () => {
  const bytes = sector();
  bytes.set([0x80], 0x1be);
  bytes.set([0x13, 0, 0, 0, 0x07], 0x1de);
  expect(bootIndicators(bytes)).toEqual([
    { index: 0, at: 0x1be, value: 0x80, type: 0 },
    { index: 1, at: 0x1ce, value: 0, type: 0 },
    { index: 2, at: 0x1de, value: 0x13, type: 7 },
    { index: 3, at: 0x1ee, value: 0, type: 0 },
  ]);
});

describe("a volume's boot area", () => {
  const ntfs = { 3: 'NTFS    ' };

  test('loads the boot manager when its name or message stands in it', () => {
    expect(volumeBoot(sector({ ...ntfs, 0x18a: 'BOOTMGR is missing' })).code).toBe('bootmgr');
    const wide = sector(ntfs, 8192);
    wide.set(
      Array.from('BOOTMGR').flatMap((char) => [char.charCodeAt(0), 0]),
      514,
    );
    wide[0x60] = 0x90;
    expect(volumeBoot(wide).code).toBe('bootmgr');
  });

  test('of Windows 2000 to 2003 loads ntldr', () => {
    expect(volumeBoot(sector({ ...ntfs, 0x18a: 'NTLDR is missing' })).code).toBe('ntldr');
  });

  test('is empty behind the parameter block of NTFS, FAT32 and FAT16', () => {
    expect(volumeBoot(sector(ntfs)).code).toBe('empty');
    const fat = sector();
    fat.set([0xeb, 0x58, 0x90]);
    fat.set([0, 2, 8, 32, 0, 2], 0x0b);
    fat.set([0xf8], 0x15);
    fat.set([0, 0, 16, 0, 0, 16, 0, 0], 0x20);
    fat.set(new TextEncoder().encode('FAT32   '), 0x52);
    expect(volumeBoot(fat).code).toBe('empty');
    fat[0x5a] = 0xfa;
    expect(volumeBoot(fat).code).toBe('other');
  });

  test('tells its signature, the sectors before it and the heads', () => {
    const bytes = sector(ntfs);
    bytes.set([0xff, 0x00], 0x1a);
    bytes.set([0x00, 0x08, 0, 0], 0x1c);
    expect(volumeBoot(bytes)).toMatchObject({ signature: true, hiddenSectors: 2048, heads: 255 });
    bytes[510] = 0;
    expect(volumeBoot(bytes).signature).toBe(false);
  });
});

describeWithTools(['mkntfs', 'sfdisk'], 'boot sectors that other tools write', () => {
  test("mkntfs writes the sectors before the volume, and code that is neither Windows' nor empty", () => {
    const folder = mkdtempSync(join(tmpdir(), 'deadbox-boot-'));
    try {
      const path = join(folder, 'volume');
      writeFileSync(path, new Uint8Array(8 << 20));
      spawnSync('mkntfs', ['-F', '-Q', '-p', '4096', '-H', '255', '-S', '63', path], { env: pathWithSbin() });
      const head = new Uint8Array(8192);
      const handle = openSync(path, 'r');
      readSync(handle, head, 0, head.length, 0);
      closeSync(handle);
      expect(volumeBoot(head)).toEqual({ signature: true, code: 'other', hiddenSectors: 4096, heads: 255 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('sfdisk marks one partition active and writes no code', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deadbox-boot-'));
    try {
      const path = join(folder, 'disk');
      writeFileSync(path, new Uint8Array(16 << 20));
      const input = 'label: dos\nstart=2048,size=4096,type=7\nstart=8192,type=7,bootable\n';
      spawnSync('sfdisk', [path], { input, env: pathWithSbin() });
      const first = new Uint8Array(readFileSync(path).subarray(0, 512));
      expect(masterBootCode(first)).toBe('empty');
      expect(bootIndicators(first).map(({ value, type }) => [value, type])).toEqual([
        [0, 7],
        [0x80, 7],
        [0, 0],
        [0, 0],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function pathWithSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
