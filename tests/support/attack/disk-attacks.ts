import { crc32 } from 'node:zlib';
import { mbrDevice, windowsBootStore, writeBootStore } from '../bcd-writer.js';
import { makeBitLockerVolume } from '../bitlocker-volume.js';
import { writeGpt } from '../disk-writer/gpt.js';
import { writeDynamicDisk } from '../disk-writer/ldm.js';
import { smallPlainVolume } from '../encryption/volumes.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import { type Attack, imageVerbs, MIB, VOLUME } from './attack.js';
import { attackVolume } from './attack-volume.js';

const DISK_ID = '5EED0000-0000-4000-8000-000000000001';
const SIGNATURE = 0x5eed_0001;

/** A GPT of 8192 partitions of a mebibyte of entries; `place` says where each begins and ends, in sectors. */
function manyPartitions(size: number, place: (index: number) => readonly [number, number]): Uint8Array<ArrayBuffer> {
  const sink = new MemorySink(size);
  const type = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
  const length = MIB;
  writeGpt(sink, size, 512, DISK_ID, [{ type, id: DISK_ID, name: '', offset: 2 * MIB, length }]);
  const { bytes } = sink;
  const view = new DataView(bytes.buffer);
  const entry = bytes.slice(1024, 1152);
  for (let i = 0; i < 8192; i += 1) {
    const at = 1024 + i * 128;
    bytes.set(entry, at);
    view.setUint32(at + 16, i + 1, true);
    const [first, last] = place(i);
    view.setBigUint64(at + 32, BigInt(first), true);
    view.setBigUint64(at + 40, BigInt(last), true);
  }
  view.setUint32(512 + 0x50, 8192, true);
  view.setBigUint64(512 + 0x28, 2050n, true);
  view.setUint32(512 + 0x58, crc32(bytes.subarray(1024, 1024 + MIB)), true);
  view.setUint32(512 + 0x10, 0, true);
  view.setUint32(512 + 0x10, crc32(bytes.subarray(512, 604)), true);
  return bytes;
}

/** The same Windows volume behind every entry of a table. */
function oneVolumeEverywhere(): Uint8Array<ArrayBuffer> {
  const volume = attackVolume(VOLUME, {});
  const first = 2 * 2048;
  const bytes = manyPartitions(2 * MIB + VOLUME + MIB, () => [first, first + VOLUME / 512 - 1]);
  bytes.set(volume, 2 * MIB);
  return bytes;
}

/** Partitions of one sector, each with the boot sector of a volume. */
function bootSectors(): Uint8Array<ArrayBuffer> {
  const volume = attackVolume(VOLUME, {});
  const bytes = manyPartitions(8 * MIB, (i) => [4096 + i, 4096 + i]);
  for (let i = 0; i < 8192; i += 1) bytes.set(volume.subarray(0, 512), (4096 + i) * 512);
  return bytes;
}

/** A boot store of a thousand entries, each with another name of one Windows folder. */
function manyRoots(): Uint8Array<ArrayBuffer> {
  const device = mbrDevice(MIB, SIGNATURE);
  const objects = windowsBootStore({ firmware: 'bios', system: device, windows: device });
  const loader = Object.values(objects)[1];
  for (let i = 0; i < 1000; i += 1)
    objects[`{${String(i).padStart(8, '0')}-f608-11eb-825c-c112f60133ab}`] = {
      ...loader,
      elements: { ...loader.elements, '22000002': `\\Windows${i}` },
    };
  const volume = attackVolume(VOLUME, { '/Boot/BCD': writeBootStore(objects) }, (tree) => {
    const windows = tree.folder('Windows');
    for (let i = 0; i < 1000; i += 1)
      tree.root.children.push({
        name: { name: `Windows${i}`, shortName: undefined, parent: tree.root },
        file: windows,
      });
  });
  const bytes = new Uint8Array(MIB + volume.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x1b8, SIGNATURE, true);
  bytes[0x1be] = 0x80;
  bytes[0x1c2] = 7;
  view.setUint32(0x1c6, MIB / 512, true);
  view.setUint32(0x1ca, volume.length / 512, true);
  view.setUint16(0x1fe, 0xaa55, true);
  bytes.set(volume, MIB);
  return bytes;
}

/** A dynamic disk with as many volumes as its database has room for. */
function dynamicVolumes(): Uint8Array<ArrayBuffer> {
  const size = 10 * MIB;
  const sink = new MemorySink(size);
  const id = (n: number): string => `5EED0000-0000-4000-8000-${n.toString(16).padStart(12, '0').toUpperCase()}`;
  writeDynamicDisk(sink, {
    style: 'mbr',
    size,
    own: 0,
    disks: [{ name: 'Disk1', guid: id(0xd1) }],
    volumes: Array.from({ length: 500 }, (_, i) => ({
      name: `Volume${i}`,
      guid: id(0x1000 + i),
      layout: 'simple' as const,
      parts: [{ disk: 0, start: i, sectors: 1 }],
    })),
  });
  return sink.bytes;
}

function tarHeader(name: string, size: number): Uint8Array {
  const bytes = new Uint8Array(512);
  const put = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  put(0, name);
  put(100, '0000644\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\u000000');
  const sum = bytes.reduce((total, value) => total + value, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return bytes;
}

/** An archive of twenty thousand empty members behind a description that names thousands of disks. */
function archive(): Uint8Array<ArrayBuffer> {
  const names = Array.from({ length: 4000 }, (_, i) => `d${i}.vmdk`);
  const files = names.map((name, i) => `<File href="${name}" id="f${i}"/>`).join('');
  const disks = names.map((_, i) => `<Disk fileRef="f${i}"/>`).join('');
  const ovf = `<Envelope><References>${files}</References><DiskSection>${disks}</DiskSection></Envelope>`;
  const text = new TextEncoder().encode(ovf);
  const head = Math.ceil(text.length / 512) * 512;
  const bytes = new Uint8Array(512 + head + 19_000 * 512);
  bytes.set(tarHeader('x.ovf', text.length));
  bytes.set(text, 512);
  for (let i = 0; i < 19_000; i += 1) bytes.set(tarHeader(names[i % names.length], 0), 512 + head + i * 512);
  return bytes;
}

/** An E01 of sections that are all tables, each of which reaches to the end of the file. */
function overlappingTables(): Uint8Array<ArrayBuffer> {
  const count = 100_000;
  const bytes = new Uint8Array(13 + count * 76 + 1024);
  const view = new DataView(bytes.buffer);
  bytes.set([0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00, 1, 1, 0, 0, 0]);
  for (let i = 0; i < count; i += 1) {
    const at = 13 + i * 76;
    bytes.set(new TextEncoder().encode(i === 0 ? 'volume' : 'table'), at);
    view.setBigUint64(at + 16, BigInt(at + 76), true);
    view.setBigUint64(at + 24, BigInt(bytes.length - at), true);
    let a = 1;
    let b = 0;
    for (const value of bytes.subarray(at, at + 72)) {
      a = (a + value) % 65_521;
      b = (b + a) % 65_521;
    }
    view.setUint32(at + 72, b * 65_536 + a, true);
  }
  return bytes;
}

/** A Parallels bundle's description: elements in elements. */
function nestedXml(): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    `<Parallels_disk_image>${'<a>'.repeat(600_000)}${'</a>'.repeat(600_000)}</Parallels_disk_image>`,
  );
}

/** A BitLocker volume with one recovery protector, and a key that does not fit: it is stretched, once. */
function locked(): Uint8Array<ArrayBuffer> {
  const password = '123456-123456-123456-123456-123456-123456-123456-123456'.replaceAll('123456', '111111');
  return makeBitLockerVolume(smallPlainVolume(2 * MIB), { recoveryPassword: password }).bytes;
}

/** Attacks by tables, containers and what is stretched. */
export const DISK_ATTACKS: readonly Attack[] = [
  {
    name: 'GPT, 8192 entries for one Windows volume',
    idea: 'each would be opened and scanned',
    file: 'gpt-one.img',
    bytes: oneVolumeEverywhere,
    verbs: imageVerbs,
  },
  {
    name: 'GPT, 8192 partitions of one sector, each an NTFS boot sector',
    idea: 'each would be opened',
    file: 'gpt-many.img',
    bytes: bootSectors,
    verbs: imageVerbs,
  },
  {
    name: 'boot store, a thousand entries with a thousand names of one Windows',
    idea: 'each would be scanned',
    file: 'roots.img',
    bytes: manyRoots,
    verbs: imageVerbs,
  },
  {
    name: 'LDM, 500 volumes of one sector',
    idea: 'each would be opened',
    file: 'ldm.img',
    bytes: dynamicVolumes,
    verbs: imageVerbs,
  },
  {
    name: 'OVA, 4000 disks named by 19,000 empty members',
    idea: 'each disk looks for its member',
    file: 'many.ova',
    bytes: archive,
    verbs: imageVerbs,
  },
  {
    name: 'E01, 100,000 tables that each reach to the end of the file',
    idea: 'the sections overlap',
    file: 'tables.E01',
    bytes: overlappingTables,
    verbs: imageVerbs,
  },
  {
    name: 'Parallels, a description nested 600,000 deep',
    idea: 'recursion in a parser',
    file: 'DiskDescriptor.xml',
    bytes: nestedXml,
    verbs: imageVerbs,
  },
  {
    name: 'BitLocker, a recovery password that does not fit',
    idea: 'a million rounds of SHA-256',
    file: 'locked.img',
    bytes: locked,
    verbs: [
      ...imageVerbs,
      ['info', '--recovery-key', '222222-222222-222222-222222-222222-222222-222222-222222', 'FILE'],
    ],
  },
];
