import { randomBytes } from 'node:crypto';
import { type ByteSource, MemorySource } from '@deadbox/core';
import { findChildren, openImage, parseMachine } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../support/image/memory-files.js';
import { writeVdi } from '../support/image/vdi-writer.js';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const source = (text: string): ByteSource => new MemorySource(bytesOf(text));

const VMX = `.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "server-07"
scsi0:0.fileName = "server-07-000002.vmdk"
scsi0:0.present = "TRUE"
scsi0:1.fileName = "old.vmdk"
scsi0:1.present = "FALSE"
sata0:0.deviceType = "cdrom-image"
sata0:0.fileName = "windows.iso"
nvme0:0.fileName = "/vmfs/volumes/ds1/data/data.vmdk"
`;

// As VirtualBox 7 writes it (settings version 1.19), shortened.
const VBOX = `<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">
  <Machine uuid="{m}" name="server-07" currentSnapshot="{s}">
    <MediaRegistry><HardDisks>
      <HardDisk uuid="{a}" location="server-07.vdi" format="VDI" type="Normal">
        <HardDisk uuid="{b}" location="Snapshots/{b}.vdi" format="VDI"/>
      </HardDisk>
    </HardDisks></MediaRegistry>
    <Snapshot uuid="{s}" name="before"><Hardware><StorageControllers><StorageController name="SATA">
      <AttachedDevice type="HardDisk" port="0"><Image uuid="{a}"/></AttachedDevice>
    </StorageController></StorageControllers></Hardware></Snapshot>
    <Hardware><StorageControllers><StorageController name="SATA">
      <AttachedDevice type="HardDisk" port="0"><Image uuid="{b}"/></AttachedDevice>
      <AttachedDevice passthrough="false" type="DVD" port="1"/>
    </StorageController></StorageControllers></Hardware>
  </Machine>
</VirtualBox>`;

const LIBVIRT = `<domain type='kvm'><name>server-07</name><devices>
  <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/vm/srv.snap1'/><backingStore type='file'><source file='/vm/srv.qcow2'/></backingStore></disk>
  <disk type='block' device='disk'><source dev='/dev/vg/data'/></disk>
  <disk type='file' device='cdrom'><source file='/iso/win.iso'/></disk>
</devices></domain>`;

describe('the description of a machine', () => {
  test('of VMware names the disks that are attached, the newest links', () => {
    expect(parseMachine(bytesOf(VMX))).toEqual({
      kind: 'vmx',
      name: 'server-07',
      disks: ['server-07-000002.vmdk', '/vmfs/volumes/ds1/data/data.vmdk'],
      links: [],
    });
  });

  test('of VirtualBox names the disks attached now, not those of a snapshot', () => {
    expect(parseMachine(bytesOf(VBOX))).toEqual({
      kind: 'vbox',
      name: 'server-07',
      disks: ['Snapshots/{b}.vdi'],
      links: [{ parent: 'server-07.vdi', child: 'Snapshots/{b}.vdi' }],
    });
  });

  test('of libvirt names disks, not what they were made on, and no CD', () => {
    expect(parseMachine(bytesOf(LIBVIRT))).toMatchObject({ kind: 'libvirt', disks: ['/vm/srv.snap1', '/dev/vg/data'] });
  });

  test('is none in any other text', () => {
    for (const text of ['', '<html/>', '<a><b></a>', 'hello = "world"\n', '<VirtualBox/>'])
      expect(parseMachine(bytesOf(text))).toBeUndefined();
  });

  test('opened as a disk is named, with the disks that it names', async () => {
    const error = await errorOf(openImage(source(VMX), { name: 'server-07.vmx' }));
    expect(error).toMatchObject({
      code: 'IMAGE_UNKNOWN_FORMAT',
      data: { kind: 'vmx', disks: ['server-07-000002.vmdk', '/vmfs/volumes/ds1/data/data.vmdk'] },
    });
  });

  test('beside a base tells of the newer link in the folder of the snapshots', async () => {
    const uuid = 'AAAAAAAA-1111-4222-8333-444444444444';
    const files = new MemoryFiles({
      'server-07.vdi': writeVdi({ type: 1, size: 1 << 20, blocks: ['free'], uuid, modifyUuid: uuid }),
      'server-07.vbox': bytesOf(VBOX),
    });
    const disk = await files.image('server-07.vdi');
    const { children } = await findChildren(disk, { name: 'server-07.vdi', siblings: files });
    expect(children).toEqual([{ name: 'Snapshots/{b}.vdi', parent: 'server-07.vdi', foundBy: 'name' }]);
  });
});

describe('what is no disk', () => {
  test.each([
    ['gzip', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]],
    ['zip', [0x50, 0x4b, 3, 4, 20, 0]],
    ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]],
    ['text', [...bytesOf('Recovery key:\n123456-\n')]],
    ['text', [...Buffer.from('\ufeffRecovery key:', 'utf16le')]],
    ['text', [0xff, 0xfe, 0, 0, 0x4b, 0, 0, 0, 0x65, 0, 0, 0, 0x79, 0, 0, 0]],
    ['text', [0, 0, 0xfe, 0xff, 0, 0, 0, 0x4b, 0, 0, 0, 0x65, 0, 0, 0, 0x79]],
    ['text', [...bytesOf('235818-357951-253979 is the key of SRV07')]],
    ['base64', [...bytesOf(randomBytes(9000).toString('base64'))]],
    ['base64', [...bytesOf(randomBytes(90).toString('base64url'))]],
    ['hive', [...bytesOf('regf'), 0, 0, 0, 0]],
    ['qed', [...bytesOf('QED'), 0, 0, 0, 1, 0]],
    ['aff', [...bytesOf('AFF10\r\n'), 0]],
    ['vma', [...bytesOf('VMA'), 0, 0, 0, 0, 1]],
    ['partclone', [...bytesOf('partclone-image'), 0]],
    ['ntfsclone', [0, ...bytesOf('ntfsclone-image')]],
  ])('is named for what it is: %s', async (kind, bytes) => {
    const error = await errorOf(openImage(new MemorySource(new Uint8Array(bytes)), { name: 'x.img' }));
    expect(error).toMatchObject({ code: 'IMAGE_UNKNOWN_FORMAT', data: { kind } });
  });

  test('is not a disk that is filled with one letter', async () => {
    // 0x55 and 0xAA are what tools write over a disk; U is a digit of base64.
    for (const letter of [0x55, 0xaa, 0x41])
      expect((await openImage(new MemorySource(new Uint8Array(2048).fill(letter)), { name: 'x.img' })).format).toBe(
        'raw',
      );
  });

  test('is not a raw disk with words in its boot sector', async () => {
    const sector = new Uint8Array(1024);
    sector.set(bytesOf('Invalid partition table\nError loading operating system'), 100);
    expect((await openImage(new MemorySource(sector), { name: 'x.img' })).format).toBe('raw');
  });
});
