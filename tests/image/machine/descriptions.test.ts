import { MemorySource } from '@deadbox/core';
import { openImage, parseMachine } from '@deadbox/image';
import { describe, expect, test } from 'vitest';
import { parseOvfDisks } from '../../../packages/image/src/machine/ovf.js';
import { errorOf } from '../../support/image/memory-files.js';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const machine = (text: string) => parseMachine(bytesOf(text));

// As Parallels Desktop writes it, shortened.
const PVS = `<?xml version="1.0" encoding="UTF-8"?>
<ParallelsVirtualMachine schemaVersion="1.0">
  <Identification><VmName>server-07</VmName></Identification>
  <Hardware>
    <Hdd id="0"><Enabled>1</Enabled><UserFriendlyName>system.hdd</UserFriendlyName><SystemName>/vm/system.hdd</SystemName></Hdd>
    <Hdd id="1"><Enabled>1</Enabled><UserFriendlyName>data.hdd</UserFriendlyName></Hdd>
    <Hdd id="2"><Enabled>0</Enabled><SystemName>old.hdd</SystemName></Hdd>
    <Hdd id="3"><Enabled>1</Enabled></Hdd>
    <CdRom id="0"><Enabled>1</Enabled><SystemName>windows.iso</SystemName></CdRom>
  </Hardware>
</ParallelsVirtualMachine>`;

describe('the description of a machine', () => {
  test('of Parallels names the hard disks that are enabled', () => {
    expect(machine(PVS)).toEqual({
      kind: 'pvs',
      name: 'server-07',
      disks: ['/vm/system.hdd', 'data.hdd', 'Hdd 3'],
      links: [],
    });
    const nameless = '<ParallelsVirtualMachine><Hardware><Hdd><SystemName/></Hdd></Hardware></ParallelsVirtualMachine>';
    expect(machine(nameless)?.disks).toEqual(['Hdd 0']);
    expect(machine('<ParallelsVirtualMachine/>')).toEqual({ kind: 'pvs', disks: [], links: [] });
  });

  test('of libvirt names disks that say nothing of their device, and those of a network', () => {
    // formatdomain: the attribute "device" is "disk" unless it is there.
    const xml = `<domain><devices>
      <disk type="file"><source file="/vm/a.qcow2"/></disk>
      <disk type="network" device="disk"><source protocol="rbd" name="pool/b"/></disk>
      <disk type="file" device="floppy"><source file="/vm/c.img"/></disk>
    </devices></domain>`;
    expect(machine(xml)).toEqual({ kind: 'libvirt', disks: ['/vm/a.qcow2', 'pool/b'], links: [] });
  });

  test('of libvirt counts each hard disk, wherever it lies', () => {
    // formatdomain: sources of a pool, of an NVMe controller and of a server in user space; a disk passed through.
    const xml = `<domain><devices>
      <disk type="block" device="lun"><source dev="/dev/sdb"/></disk>
      <disk type="volume" device="disk"><source pool="default" volume="a.qcow2"/></disk>
      <disk type="volume" device="disk"><source volume="b.qcow2"/></disk>
      <disk type="nvme" device="disk"><source type="pci" namespace="1"><address bus="1"/></source><target dev="vdb"/></disk>
      <disk type="vhostuser" device="disk"><source type="unix" path="/run/v.sock"/><target dev="vdc"/></disk>
      <disk type="file" device="disk"/><disk type="block" device="cdrom"><target dev="sr0"/></disk>
    </devices></domain>`;
    expect(machine(xml)?.disks).toEqual(['/dev/sdb', 'default/a.qcow2', 'b.qcow2', 'vdb', '/run/v.sock', 'disk 6']);
  });

  test('of libvirt that takes a slice of a file for a disk is refused: the whole file is another disk', () => {
    const sliced = (type: string): string =>
      `<domain><devices><disk><source file="a"><slices><slice type="${type}" offset="1048576" size="512"/></slices></source></disk></devices></domain>`;
    expect(() => machine(sliced('storage'))).toThrow(expect.objectContaining({ code: 'IMAGE_UNSUPPORTED' }));
  });

  test('of VMware may write values without quotes, as VMware reads them', () => {
    const text = 'config.version = "8"\r\nscsi0:0.fileName = boot disk.vmdk # first\r\nscsi0:1.fileName = "b.vmdk"\r\n';
    expect(machine(text)?.disks).toEqual(['boot disk.vmdk', 'b.vmdk']);
  });

  test('of VirtualBox counts a disk whose medium another registry knows', () => {
    const xml = `<VirtualBox><Machine name="a"><StorageControllers><AttachedDevice type="HardDisk"><Image uuid="{d}"/>
      </AttachedDevice></StorageControllers></Machine></VirtualBox>`;
    expect(machine(xml)?.disks).toEqual(['{d}']);
  });

  test('of VirtualBox passes over disks without identifier or place, and devices without a medium', () => {
    const xml = `<VirtualBox><Machine name="a"><MediaRegistry><HardDisks>
      <HardDisk location="nameless.vdi"/><HardDisk uuid="{b}"/><HardDisk uuid="{c}" location="c.vdi"/>
      </HardDisks></MediaRegistry><StorageControllers><StorageController>
      <AttachedDevice type="HardDisk"/><AttachedDevice type="HardDisk"><Image uuid="{c}"/></AttachedDevice>
      </StorageController></StorageControllers></Machine></VirtualBox>`;
    expect(machine(xml)).toEqual({ kind: 'vbox', name: 'a', disks: ['c.vdi'], links: [] });
  });

  test('in OVF names the files of its disks, each once, and why one cannot be read', () => {
    // DSP0243, 7.1: files may be compressed or cut into chunks; 9.1: a disk may be made on another.
    const xml = `<ovf:Envelope xmlns:ovf="x"><References>
      <File ovf:id="f1" ovf:href="a.vmdk"/><File ovf:id="f2" ovf:href="b.vmdk" ovf:chunkSize="100"/>
      <File ovf:id="f3" ovf:href="c.vmdk"/><File ovf:id="f4" ovf:href="d.vmdk" ovf:compression="gzip"/>
      <File ovf:id="f5" ovf:href="e.vmdk" ovf:compression="identity"/><File ovf:id="f6"/></References>
      <DiskSection><Disk ovf:fileRef="f1"/><Disk ovf:fileRef="f1"/><Disk ovf:fileRef="f2"/>
      <Disk ovf:fileRef="f3" ovf:parentRef="d1"/><Disk ovf:fileRef="f4"/><Disk ovf:fileRef="f5"/>
      <Disk ovf:fileRef="f6"/><Disk ovf:fileRef="none"/><Disk/></DiskSection></ovf:Envelope>`;
    expect(parseOvfDisks(xml)).toEqual([
      { href: 'a.vmdk' },
      { href: 'b.vmdk', obstacle: 'stored in pieces' },
      { href: 'c.vmdk', obstacle: 'made on another disk of the archive' },
      { href: 'd.vmdk', obstacle: 'compressed as gzip' },
      { href: 'e.vmdk' },
      { href: 'f6' },
      { href: 'none' },
    ]);
    expect(machine(xml)?.disks).toEqual(['a.vmdk', 'b.vmdk', 'c.vmdk', 'd.vmdk', 'e.vmdk', 'f6', 'none']);
    expect(parseOvfDisks('<Envelope>')).toEqual([]);
  });

  test('of no kind that is known is none, and given for a disk it is told from one', async () => {
    expect(machine('<html><body/></html>')).toBeUndefined();
    const given = async (text: string) => errorOf(openImage(new MemorySource(bytesOf(text)), { name: 'vm' }));
    expect(await given('<domain><name>empty</name></domain>')).toMatchObject({
      code: 'IMAGE_UNKNOWN_FORMAT',
      message: expect.stringContaining('it names none'),
    });
    // Longer than what is read to recognise a file: a text all the same.
    expect(await given(`<domain>${' '.repeat(20_000)}</domain>`)).toMatchObject({
      code: 'IMAGE_UNKNOWN_FORMAT',
      data: { kind: 'text' },
    });
  });
});
