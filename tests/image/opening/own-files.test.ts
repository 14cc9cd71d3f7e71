import { hasAscii, MemorySource } from '@deadbox/core';
import {
  type ImageFormat,
  openWithFormats,
  ovaFormat,
  qcow2Format,
  rawFormat,
  type VirtualDisk,
  vmdkFormat,
} from '@deadbox/image';
import { expect, test } from 'vitest';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { qcow2Header } from '../../support/image/newer-links.js';
import { writeTar } from '../../support/image/tar-writer.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** A format of somebody else, whose disks do not say which files are theirs. */
const plainFormat: ImageFormat = {
  id: 'plain',
  label: 'plain',
  extensions: ['plain'],
  probe: (head) => hasAscii(head, 0, 'PLAIN'),
  open: async (source, context) =>
    Object.defineProperty(await rawFormat.open(source, context), 'ownFiles', { value: undefined }),
};
const FORMATS = [vmdkFormat, qcow2Format, ovaFormat, plainFormat, rawFormat];

const plain = new Uint8Array(1 << 20);
plain.set(Buffer.from('PLAIN', 'latin1'));
const text = (value: string): Bytes => new TextEncoder().encode(value);
/** An OVA of one disk. */
const ova = (name: string, ...members: readonly { name: string; data: Bytes }[]): Bytes => {
  const xml = `<Envelope xmlns:ovf="x"><References><File ovf:href="${name}" ovf:id="f"/></References><DiskSection><Disk ovf:diskId="d" ovf:fileRef="f"/></DiskSection></Envelope>`;
  return writeTar([{ name: 'vm.ovf', data: text(xml) }, ...members]);
};
const extents = [{ sectors: 2048, type: 'FLAT', file: 'a-flat.vmdk', start: 0 }];
const descriptor = vmdkDescriptor({ type: 'monolithicFlat', extents });

function open(files: Record<string, Bytes>, name: string): Promise<VirtualDisk> {
  return openWithFormats(new MemorySource(files[name], { name }), FORMATS, { name, siblings: new MemoryFiles(files) });
}

test.each<[string, Record<string, Bytes>, string[]]>([
  ['the descriptor and its extent', { 'a.vmdk': descriptor, 'a-flat.vmdk': plain }, ['a.vmdk', 'a-flat.vmdk']],
  ['the link, without its base', { 'top.qcow2': qcow2Header('base'), base: new Uint8Array(1 << 20) }, ['top.qcow2']],
  ['the link, whose base does not say', { 'top.qcow2': qcow2Header('base.plain'), 'base.plain': plain }, ['top.qcow2']],
  [
    'nothing, where the disk in an archive does not say',
    { 'vm.ova': ova('a.plain', { name: 'a.plain', data: plain }) },
    [],
  ],
])('the files of an image are %s', async (_, files, own) => {
  const disk = await open(files, Object.keys(files)[0] ?? '');
  expect(disk.ownFiles).toEqual(own);
});
