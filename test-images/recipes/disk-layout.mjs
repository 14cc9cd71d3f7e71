// Volumes and partition tables, made by mkntfs, mkfs.vfat, sgdisk and sfdisk.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { bootStore } from './machine.mjs';
import { frozen, run } from './tools.mjs';

const SECTOR = 512;
const MIB = 1 << 20;

function emptyFile(path, bytes) {
  rmSync(path, { force: true });
  const handle = openSync(path, 'w');
  ftruncateSync(handle, bytes);
  closeSync(handle);
}

/** An NTFS volume of 4-KiB clusters; `steps` are `{ at, write(mount) }`, each with its own frozen clock. */
export function ntfsVolume(path, { mebibytes, label, startSector, steps, work }) {
  emptyFile(path, mebibytes * MIB);
  const geometry = ['-c', '4096', '-s', '512', '-p', String(startSector), '-H', '255', '-S', '63'];
  frozen('mkntfs', ['-F', '-Q', '-q', '-L', label, ...geometry, path]);
  const mount = join(work, 'mount');
  mkdirSync(mount, { recursive: true });
  for (const { at, write } of steps) {
    frozen('ntfs-3g', ['-o', 'streams_interface=windows', path, mount], { at });
    try {
      write(mount);
    } finally {
      run('umount', [mount]);
    }
  }
}

/** An EFI system partition of 34 MiB: the least that is FAT32 with clusters of one sector. */
function efiSystemPartition(path, work) {
  emptyFile(path, 34 * MIB);
  frozen('mkfs.vfat', ['-F', '32', '-s', '1', '-n', 'SYSTEM', '-i', '5EED1234', path]);
  const [loader, store] = [join(work, 'loader'), join(work, 'store')];
  writeFileSync(loader, Buffer.alloc(3000, 'bootmgfw '));
  writeFileSync(store, bootStore(LAYOUTS.gpt));
  frozen('mmd', ['-i', path, '::/EFI', '::/EFI/Microsoft', '::/EFI/Microsoft/Boot', '::/EFI/Boot']);
  frozen('mcopy', ['-i', path, store, '::/EFI/Microsoft/Boot/BCD']);
  frozen('mcopy', ['-i', path, loader, '::/EFI/Microsoft/Boot/bootmgfw.efi']);
  frozen('mcopy', ['-i', path, loader, '::/EFI/Boot/bootx64.efi']);
}

/** Copies a volume onto the disk, leaving blocks of zeros as holes. */
function lay(disk, volume, startSector) {
  const bytes = readFileSync(volume);
  const handle = openSync(disk, 'r+');
  const zeros = Buffer.alloc(4096);
  for (let at = 0; at < bytes.length; at += 4096) {
    const block = bytes.subarray(at, at + 4096);
    if (!block.equals(zeros.subarray(0, block.length)))
      writeSync(handle, block, 0, block.length, startSector * SECTOR + at);
  }
  closeSync(handle);
}

/** The arguments of sgdisk that add one partition. */
function partition(number, { start, sectors }, type, name) {
  const id = `5EED0000-0000-4000-8000-00000000001${number}`;
  return [
    '-n',
    `${number}:${start}:+${sectors}`,
    '-t',
    `${number}:${type}`,
    '-c',
    `${number}:${name}`,
    '-u',
    `${number}:${id}`,
  ];
}

const ESP = { start: 2048, sectors: 69_632 };
const MSR = { start: 71_680, sectors: 2048 };
const GPT_WINDOWS = 73_728;
const MBR_WINDOWS = 2048;

/** By table: where the Windows volume begins, which number it has in a listing, and how the disk is put together. */
export const LAYOUTS = {
  gpt: {
    table: 'gpt',
    windowsStart: GPT_WINDOWS,
    windowsNumber: 3,
    assemble(disk, windows, mebibytes, work) {
      const sectors = (mebibytes * MIB) / SECTOR;
      emptyFile(disk, (GPT_WINDOWS + sectors + 2048) * SECTOR);
      const table = [
        ...partition(1, ESP, 'EF00', 'EFI system partition'),
        ...partition(2, MSR, '0C01', 'Microsoft reserved partition'),
        ...partition(3, { start: GPT_WINDOWS, sectors }, '0700', 'Basic data partition'),
      ];
      run('sgdisk', ['-a', '1', '-U', '5EED0000-0000-4000-8000-000000000001', ...table, disk]);
      const esp = join(work, 'esp.img');
      efiSystemPartition(esp, work);
      lay(disk, esp, ESP.start);
      lay(disk, windows, GPT_WINDOWS);
    },
  },
  mbr: {
    table: 'mbr',
    windowsStart: MBR_WINDOWS,
    windowsNumber: 1,
    assemble(disk, windows, mebibytes) {
      const sectors = (mebibytes * MIB) / SECTOR;
      emptyFile(disk, (MBR_WINDOWS + sectors + 2048) * SECTOR);
      const line = `start=${MBR_WINDOWS},size=${sectors},type=7,bootable`;
      run('sfdisk', ['-q', disk], { input: `label: dos\nlabel-id: 0x5eed0001\n${line}\n` });
      lay(disk, windows, MBR_WINDOWS);
    },
  },
};
