import { MemorySource, MIB, parseGuid, utf16Bytes } from '@deadbox/core';
import { describeStat, openDisk, type StatReport } from '@deadbox/disk';
import { expect, test } from 'vitest';
import { writeFat32 } from '../support/disk-writer/fat32.js';
import { namedAttribute, replaceAttributes, residentAttribute } from '../support/file-record-writer.js';
import { SparseMemory } from '../support/healthy/sparse-memory.js';
import { nonResident } from '../support/ntfs-writer/attribute.js';
import { writeFileName } from '../support/ntfs-writer/file-name.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';
import { fileTime } from '../support/ntfs-writer/tree.js';

/** Attribute types, as the volume's own $AttrDef lists them. */
const TYPE = { standardInformation: 0x10, fileName: 0x30, objectId: 0x40, data: 0x80, reparsePoint: 0xc0, ea: 0xe0 };
const TIME = '2024-07-19T04:09:35.1234567Z';
const IDS = ['11223344-5566-7788-99AA-BBCCDDEEFF00', 'FFEEDDCC-BBAA-9988-7766-554433221100'];
const ROOT = { record: 5, sequence: 5 };

/** The name of the file in the root, in the name space that has no rules. */
function posixName(name: string): Uint8Array {
  const value = new Uint8Array(0x42 + name.length * 2);
  const time = fileTime(TIME);
  writeFileName(new DataView(value.buffer), 0, {
    name,
    space: 0,
    parentRecord: ROOT.record,
    parentSequence: ROOT.sequence,
    times: { created: time, modified: time, changed: time, accessed: time },
    allocated: 0,
    size: 0,
    attributes: 0x20,
  });
  return residentAttribute(TYPE.fileName, 1, value);
}

function standardInformation(more: { usn?: bigint; security?: number; short?: boolean }): Uint8Array {
  const value = new Uint8Array(more.short === true ? 48 : 72);
  const view = new DataView(value.buffer);
  for (const at of [0, 8, 16, 24]) view.setBigUint64(at, fileTime(TIME), true);
  view.setUint32(0x20, 0x20, true);
  if (more.short !== true) {
    view.setUint32(0x34, more.security ?? 0, true);
    view.setBigUint64(0x40, more.usn ?? 0n, true);
  }
  return residentAttribute(TYPE.standardInformation, 0, value);
}

/** A reparse point of a tag that is Microsoft's: tag, length, two bytes of zero, data (MS-FSCC 2.1.2.2). */
function reparsePoint(tag: number, data: Uint8Array): Uint8Array {
  const value = new Uint8Array(8 + data.length);
  const view = new DataView(value.buffer);
  view.setUint32(0, tag, true);
  view.setUint16(4, data.length, true);
  value.set(data, 8);
  return residentAttribute(TYPE.reparsePoint, 5, value);
}

/** Data of a symbolic link (MS-FSCC 2.1.2.4): both names, relative. */
function linkData(target: string): Uint8Array {
  const name = utf16Bytes(target);
  const data = new Uint8Array(12 + name.length);
  const view = new DataView(data.buffer);
  view.setUint16(2, name.length, true);
  view.setUint16(6, name.length, true);
  view.setUint32(8, 1, true);
  data.set(name, 12);
  return data;
}

/** Data of a cloud file: a block `FeRp` with one element of four bytes. */
function cloudData(value: readonly number[]): Uint8Array {
  const data = new Uint8Array(4 + 16 + 8 + value.length);
  const view = new DataView(data.buffer);
  view.setUint16(0, 1, true);
  view.setUint16(2, data.length, true);
  data.set(Buffer.from('FeRp', 'latin1'), 4);
  view.setUint32(12, data.length - 4, true);
  view.setUint16(18, 1, true);
  view.setUint16(20, 10, true);
  view.setUint16(22, value.length, true);
  view.setUint32(24, 24, true);
  data.set(value, 28);
  return data;
}

/** One extended attribute (MS-FSCC 2.4.15), the last. */
function extendedAttribute(name: string, value: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 + name.length + 1 + value.length);
  const view = new DataView(bytes.buffer);
  bytes[5] = name.length;
  view.setUint16(6, value.length, true);
  bytes.set(Buffer.from(name, 'latin1'), 8);
  bytes.set(value, 9 + name.length);
  return residentAttribute(TYPE.ea, 6, bytes);
}

/** What `stat` says of the one file of a volume whose record holds `attributes`. */
async function stat(attributes: readonly Uint8Array[]): Promise<StatReport> {
  const sink = new MemorySink(7 * MIB);
  const writer = new NtfsVolumeWriter(sink, { size: sink.bytes.length });
  const file = writer.tree.addFile(writer.tree.root, 'file');
  writer.finish();
  const mft = new DataView(sink.bytes.buffer).getUint32(0x30, true) * 4096;
  replaceAttributes(sink.bytes, mft + file.record * 1024, 1024, attributes);
  await using disk = await openDisk(new MemorySource(sink.bytes));
  const [volume] = disk.volumes;
  const tree = await volume.ntfs();
  const opened = await tree?.file(file.record);
  if (opened === undefined) throw new Error('the volume is not NTFS');
  return await describeStat(volume, opened);
}

test('a link with object id, security descriptor, extended attributes and journal place has all of them told', async () => {
  const usn = 0x1_0000_0000_0123n;
  const report = await stat([
    standardInformation({ usn, security: 0x100 }),
    posixName('link'),
    residentAttribute(TYPE.objectId, 2, Uint8Array.from(IDS.flatMap((id) => [...parseGuid(id)]))),
    residentAttribute(TYPE.data, 3, new Uint8Array(0)),
    reparsePoint(0xa000_000c, linkData('..\\target')),
    extendedAttribute('$LXUID', [1, 2, 3, 4]),
  ]);
  expect(report).toMatchObject({ type: 'symlink', modified: TIME });
  expect(report.ntfs).toMatchObject({
    securityId: 0x100,
    usn: String(usn),
    reparseTag: '0xA000000C',
    names: [{ name: 'link', nameSpace: 'posix', parentRecord: ROOT.record, parentSequence: ROOT.sequence }],
    extras: {
      reparse: { kind: 'symlink', substituteName: '..\\target', printName: '..\\target', relative: true },
      objectId: { id: IDS[0], birthVolumeId: IDS[1] },
      // Owner and group Administrators; everybody may do everything, inherited by files and folders (0x03).
      security: 'O:BAG:BAD:(A;OICI;FA;;;WD)',
      extendedAttributes: [{ name: '$LXUID', value: '01020304' }],
    },
  });
});

test('bytes of a cloud file come in hexadecimal', async () => {
  const report = await stat([
    standardInformation({ short: true }),
    posixName('cloud'),
    residentAttribute(TYPE.data, 3, new Uint8Array(0)),
    reparsePoint(0x9000_101a, cloudData([0xde, 0xad, 0xbe, 0xef])),
  ]);
  expect(report.ntfs).toMatchObject({ securityId: null, usn: null, reparseTag: '0x9000101A' });
  expect(report.ntfs?.extras).toEqual({
    reparse: {
      kind: 'cloud',
      info: { compressed: false, elements: [{ index: 0, type: 10, value: 'deadbeef' }] },
    },
  });
});

test('a file with a descriptor of its own, or with an id that no descriptor has, shows none', async () => {
  for (const security of [0, 0x777]) {
    const report = await stat([standardInformation({ security }), posixName('own')]);
    expect(report.ntfs).toMatchObject({ securityId: security, extras: {} });
    expect(report.ntfs?.extras.security).toBeUndefined();
  }
});

test('what is damaged is left out, and what stands beside it is told', async () => {
  const report = await stat([
    posixName('torn'),
    residentAttribute(TYPE.objectId, 2, new Uint8Array(7)),
    residentAttribute(TYPE.data, 3, Uint8Array.of(1, 2, 3)),
    namedAttribute(TYPE.data, 4, 'note', Uint8Array.of(9)),
    residentAttribute(TYPE.reparsePoint, 5, Uint8Array.of(1, 0, 0, 0x80, 0xff, 0xff, 0, 0)),
  ]);
  expect(report).toMatchObject({ type: 'reparse', size: 3, created: null, modified: null });
  expect(report.ntfs).toMatchObject({
    attributes: 0,
    securityId: null,
    usn: null,
    reparseTag: '0x80000001',
    extras: {},
  });
  expect(report.ntfs?.streams.map(({ type, name, size }) => [type, name, size])).toEqual([
    ['$FILE_NAME', '', 0x42 + 8],
    ['$OBJECT_ID', '', 7],
    ['$DATA', '', 3],
    ['$DATA', 'note', 1],
    ['$REPARSE_POINT', '', 8],
  ]);
});

test('runs are told with their place on the disk, holes without', async () => {
  const runs = [
    { lcn: 1200, length: 2 },
    { lcn: -1, length: 3 },
    { lcn: 1300, length: 1 },
  ];
  const data = nonResident(TYPE.data, runs, { size: 6 * 4096 }, 4096);
  const sparse = data.bytes.slice();
  // Flag 0x8000: it has holes by intent.
  new DataView(sparse.buffer).setUint16(0x0c, 0x8000, true);
  const report = await stat([standardInformation({}), posixName('sparse'), sparse]);
  expect(report.ntfs?.streams.find(({ type }) => type === '$DATA')).toMatchObject({
    sparse: true,
    runs: [
      { lcn: 1200, clusters: 2, offset: 1200 * 4096 },
      { lcn: null, clusters: 3, offset: null },
      { lcn: 1300, clusters: 1, offset: 1300 * 4096 },
    ],
  });
});

test('a file of a FAT volume has what every file system knows, and nothing of NTFS', async () => {
  const volume = new SparseMemory(34 * MIB);
  writeFat32(volume, volume.size, 512, 'EFI', { '/EFI/BOOT/BOOTX64.EFI': new Uint8Array(700) });
  await using disk = await openDisk(volume);
  const [only] = disk.volumes;
  const file = await (await only.fileTree()).lookup('/efi/boot/bootx64.efi');
  if (file === undefined) throw new Error('the file is missing');
  const report = await describeStat(only, file);
  // FAT keeps local times; this writer's are noon.
  expect(report).toMatchObject({ type: 'file', size: 700, path: '/EFI/BOOT/BOOTX64.EFI', changed: null });
  expect(report.modified).toMatch(/^2024-07-01T12:00:00/);
  expect(report).not.toHaveProperty('ntfs');
});
